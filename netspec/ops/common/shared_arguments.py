"""Arguments that operations of several families share, each declared once."""

from __future__ import annotations

import math

from ..argument import argument
from ..axis import AxisValidator
from ..weight import Init
from .init_argument import INIT_VALIDATOR, Choice
from .validators import COUNT, FLAG, GIVEN_NAMES, PER_AXIS, RATE

PADDING_DOC = "positions around the input; `same` yields ceil(n / stride), the odd one being at the end"
KERNEL = argument(PER_AXIS, "size of the window")
STRIDE = argument(PER_AXIS, "distance between windows", default=(1,))
DILATION = argument(PER_AXIS, "distance between the elements of the window", default=(1,))
BIAS = argument(FLAG, "whether to add a learned bias to each output channel", default=True)
DROP = argument(RATE, "dropout rate in training", default=0.0)
INIT = argument(INIT_VALIDATOR, "initial values of the weights", default=Choice(), default_doc="PyTorch's")
KEEPDIMS = argument(FLAG, "whether to keep the reduced axes, with size 1", default=False)
GIVEN_AXES = argument(GIVEN_NAMES, "names of its axes", default=None, default_doc="those that follow from the shape")
WINDOW_AXIS = argument(
    AxisValidator(nullable=True),
    "of a 1d operation, the axis along which windows slide; the other one has the channels",
    default=None,
    default_doc="the last, or the first with `layout: channels_last`",
)
UNITS = argument(COUNT, "number of units, which is the number of output features")


def uniform(fan_in: int) -> Init:
    """PyTorch's default for convolutions and dense layers: uniform within 1/sqrt(fan in) of zero."""
    return Init("uniform", (1.0 / math.sqrt(fan_in) if fan_in else 0.0,))
