"""Tensors that belong to the network itself: learned, fixed, and a learned gain per channel."""

from __future__ import annotations

import math
from typing import Any

from ..shapes.reads import Reads
from ..shapes.sizes import ShapeError, Size, require_known
from ..shapes.types import DTYPES, TensorType, learned_type
from .argument import Validator, argument
from .base import Example, Op, Types
from .common.arguments import GIVEN_AXES, INIT
from .common.axes import with_given_names
from .common.initial import INIT_VALIDATOR, TABLES, Choice, pairs
from .common.validators import CHANNEL_AXIS, FLAG, GivenNames, integer, items, one_of, optional
from .weight import ONES, ZEROS, Init, Weight

SHAPE = Validator(
    "a list of sizes",
    {"type": "array", "items": {"type": "integer", "minimum": 1}},
    lambda v, rank: tuple(integer(n, 1) for n in items(v)),
)


def elements(init: Init) -> int | None:
    """The number of elements of a table; None for values that fill any shape.

    ``relative_position_index``: one for each query and key. ``log_relative_coordinates``: an offset
    along each axis for every difference of positions. ``shifted_window_mask``: one for each window and pair in it.
    """
    count: int | None = None
    if init.kind == "relative_position_index":
        count = math.prod(map(math.prod, pairs(init.args)))
    elif init.kind == "log_relative_coordinates":
        count = len(init.args) * math.prod(2 * n - 1 for n in init.args)
    elif init.kind == "shifted_window_mask":
        size, window = init.args[0], init.args[1]
        count = math.prod(s // w for s, w in zip(size, window, strict=True)) * math.prod(window) ** 2
    return count


class Stored(Op):
    """What ``parameter`` and ``buffer`` share: no input, and one tensor under the layer's own name."""

    primary = "shape"
    arity = (0, 0)
    is_default_input = False
    size_rule = "as given"

    shape: tuple[int, ...] = argument(SHAPE, "the shape, without the batch axis")
    axes: GivenNames | None = GIVEN_AXES
    init: Choice = INIT
    batch_axis: bool = argument(FLAG, "whether the stored tensor has a leading axis of 1", default=False)

    def stored_type(self, dtype: str) -> TensorType:
        """The type of the tensor; ShapeError NS546 if there are more or fewer names than axes."""
        return with_given_names(self.name, learned_type(self.shape, dtype), self.axes)

    def stored(self, init: Init, **rest: Any) -> tuple[Weight, ...]:
        """The one tensor; with ``batch_axis`` it has a leading axis of 1 that is not part of its type."""
        return self.init.applied((Weight("", (1, *self.shape) if self.batch_axis else self.shape, init, **rest),))

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Nothing."""
        return ()


class Parameter(Stored):
    """A learned tensor, such as a class token or a table of positions.

    Its initial values are ``xavier_uniform`` with two axes or more, otherwise zero; PyTorch has no default.
    """

    examples = (Example("[197, 768]", "{parameter: [197, 768], init: {truncated_normal: 0.02}}"),)

    def infer(self, *inputs: TensorType) -> Types:
        """The shape, with the names given, else those of a vector or a sequence of features, as guesses."""
        self._check_init()
        return (self.stored_type("float32"),)

    def _check_init(self) -> None:
        for _, init in self.init.by_name:
            if init.kind in TABLES:
                raise ShapeError("NS568", f"'parameter' is learned; {init.kind} is for a 'buffer'")

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """One weight without a name of its own: it has the layer's."""
        return self.stored(Init("xavier_uniform") if len(self.shape) > 1 else ZEROS)


class Buffer(Stored):
    """A fixed tensor, which is neither trained nor counted."""

    examples = (Example("[16, 2401]", "{buffer: [16, 2401], init: ones}"),)

    init: Choice = argument(INIT_VALIDATOR, "the values: numbers, a rule, or a table", default=Choice(), absent="zeros")
    dtype: str | None = argument(
        optional(one_of(*DTYPES)), "type of the elements", default=None, absent="that of the values"
    )
    persistent: bool = argument(FLAG, "whether the state dict contains it", default=True)

    @property
    def element(self) -> str:
        """Type of its elements; if none is given, int64 for an index and float32 otherwise."""
        index = any(init.kind == "relative_position_index" for _, init in self.init.by_name)
        return self.dtype or ("int64" if index else "float32")

    def infer(self, *inputs: TensorType) -> Types:
        """The shape, with the names given, else those of a vector or a sequence of features, as guesses.

        Raises ShapeError NS568 if a table has another number of elements.
        """
        for _, init in self.init.by_name:
            count = elements(init)
            if count is not None and count != math.prod(self.shape):
                raise ShapeError(
                    "NS568",
                    f"{init.kind} has {count} numbers; 'buffer' of {list(self.shape)} has {math.prod(self.shape)}",
                )
        return (self.stored_type(self.element),)

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """One buffer without a name of its own: it has the layer's."""
        return self.stored(ZEROS, trainable=False, buffer=True, dtype=self.element, persistent=self.persistent)


class ChannelScale(Op):
    """A learned gain for every channel."""

    permutable = True
    elementwise = True
    examples = (Example("[384, 14, 14]", "{channel_scale, init: {constant: 1e-6}}"),)
    weights_rule = "`weight` (channels)"

    init: Choice = INIT
    axis: int = argument(CHANNEL_AXIS, "the axis of the channels")

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight``, initially 1."""
        n = inputs[0].shape[self.axis]
        channels = require_known(n, lambda: ShapeError("NS590", "'channel_scale' needs a known number of channels"))
        return self.init.applied((Weight("weight", (channels,), ONES),))

    def connection_count(self, inputs: Types, outputs: Types) -> Size:
        """One for each element."""
        return outputs[0].elements
