"""Activations: functions of single values, and of all values along an axis."""

from __future__ import annotations

from typing import Literal, TypeAlias

from ..shapes.reads import SAME_POSITION, WHOLE, Along, AxisRead, ReadPattern, Reads, reads_except
from ..shapes.shape_error import ShapeError
from ..shapes.sizes import exact_div, require_equal
from ..shapes.types import TensorType
from .argument import Validator, argument
from .base import VECTOR, Example, Op, Types
from .common.axes import axis_name
from .common.channels import channel_axis
from .common.init_argument import Choice
from .common.shared_arguments import INIT
from .common.validators import CHANNEL_AXIS, COUNT, NUMBER, POSITIVE, one_of
from .weight import Init, Weight

MAPS = "[64, 56, 56]"
Approximation: TypeAlias = Literal["none", "tanh"]
APPROXIMATION: Validator[Approximation] = one_of("none", "tanh")


class Activation(Op):
    """A function without weights that may be the ``activation`` of a layer."""

    is_activation = True
    elementwise = True
    permutable = True


class Relu(Activation):
    """max(x, 0) (Nair & Hinton 2010)."""

    in_place = True


class Relu6(Activation):
    """min(max(x, 0), 6) (Krizhevsky 2010)."""

    in_place = True


class LeakyRelu(Activation):
    """x if positive, otherwise ``slope`` times x (Maas et al. 2013)."""

    primary = "slope"
    in_place = True
    examples = (Example(MAPS, "{leaky_relu: 0.2}"),)

    slope: float = argument(NUMBER, "slope for negative inputs", default=0.01)


class Prelu(Op):
    """x if positive, otherwise a learned slope times x: one slope, or one for each channel (He et al. 2015)."""

    takes_weights = True
    elementwise = True
    permutable = True
    examples = (Example(MAPS, "{prelu, num_parameters: 64}"),)
    weights_rule = "`weight` (num_parameters)"

    num_parameters: int = argument(COUNT, "1 for one slope, or the number of channels for one slope each", default=1)
    init: Choice = INIT

    def infer(self, *inputs: TensorType) -> Types:
        """The same type; ShapeError NS524 unless there is one slope, or one for each channel."""
        x = inputs[0]
        if self.num_parameters > 1:
            axis = channel_axis(self.name, x, "num_parameters")
            require_equal(
                x.shape[axis],
                self.num_parameters,
                lambda: ShapeError(
                    "NS524",
                    f"num_parameters of '{self.name}' must be 1 or the number of channels; "
                    f"found {self.num_parameters} for {x.shape[axis]} channels",
                    at=((0, axis),),
                ),
            )
        return (x,)

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight``, initially 0.25."""
        return self.init.applied((Weight("weight", (self.num_parameters,), Init("constant", (0.25,))),))


class Elu(Activation):
    """x if positive, otherwise ``alpha * (exp(x) - 1)`` (Clevert et al. 2016)."""

    examples = (Example(VECTOR, "{elu, alpha: 0.5}"),)

    alpha: float = argument(NUMBER, "scale of the values for negative inputs", default=1.0)


class Celu(Activation):
    """x if positive, otherwise ``alpha * (exp(x / alpha) - 1)`` (Barron 2017)."""

    examples = (Example(VECTOR, "{celu, alpha: 0.5}"),)

    alpha: float = argument(POSITIVE, "the curve for negative inputs levels off at -alpha", default=1.0)


class Selu(Activation):
    """The scaled elu whose outputs keep mean 0 and variance 1 (Klambauer et al. 2017)."""


class Gelu(Activation):
    """x times the probability that a standard normal variable is below x (Hendrycks & Gimpel 2016)."""

    primary = "approximate"
    examples = (Example("[197, 768]", "{gelu: tanh}"),)

    approximate: Approximation = argument(
        APPROXIMATION, "the exact function, or its approximation by tanh", default="none"
    )


class Silu(Activation):
    """x times its sigmoid, also known as swish (Elfwing et al. 2018)."""

    in_place = True


class Mish(Activation):
    """x * tanh(softplus(x)) (Misra 2020)."""


class Sigmoid(Activation):
    """1 / (1 + exp(-x))."""

    gives_probabilities = True


class HardSigmoid(Activation):
    """min(max(x / 6 + 1/2, 0), 1) (Howard et al. 2019)."""


class HardSwish(Activation):
    """x times its hard sigmoid (Howard et al. 2019)."""

    in_place = True


class Tanh(Activation):
    """The hyperbolic tangent."""


class ScaledTanh(Activation):
    """``amplitude * tanh(slope * x)``; by default LeNet-5's, which maps 1 to 1 and -1 to -1 (LeCun et al. 1998)."""

    examples = (Example("[84]", "{dense: 10, activation: scaled_tanh}"),)

    amplitude: float = argument(NUMBER, "factor of the tangent", default=1.7159)
    slope: float = argument(NUMBER, "factor of the input", default=2 / 3)


class Softplus(Activation):
    """``log(1 + exp(beta * x)) / beta``, and x itself if ``beta * x`` is above ``threshold``."""

    examples = (Example(VECTOR, "{softplus, beta: 2}"),)

    beta: float = argument(POSITIVE, "steepness of the function", default=1.0)
    threshold: float = argument(NUMBER, "value of `beta * x` above which the function is linear", default=20.0)


class Softsign(Activation):
    """x / (1 + |x|)."""


class AlongAxis(Activation):
    """A function of all values along an axis."""

    elementwise = False
    primary = "axis"
    examples = (Example("[1000]", "{OP: channels}"),)

    axis: int = argument(CHANNEL_AXIS, "the axis to work along")

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Its axis whole, position by position along the others."""
        return (reads_except(inputs[0], self.axis),)


class Softmax(AlongAxis):
    """exp(x), divided by its sum along the axis."""

    gives_probabilities = True


class LogSoftmax(AlongAxis):
    """The logarithm of the softmax."""

    gives_probabilities = True


class Glu(AlongAxis):
    """The first half along the axis times the sigmoid of the second (Dauphin et al. 2017)."""

    examples = (Example("[128, 50]", "{glu: 0}"),)
    size_rule = "n / 2 along the axis"

    def infer(self, *inputs: TensorType) -> Types:
        """Half the size along the axis; ShapeError NS522 if that is odd."""
        x = inputs[0]
        n = x.shape[self.axis]
        half = exact_div(
            n,
            2,
            lambda: ShapeError(
                "NS522",
                f"'{self.name}' halves {axis_name(x, self.axis)}, which must be even; found {n}",
                at=((0, self.axis),),
            ),
        )
        return (x.with_shape((*x.shape[: self.axis], half, *x.shape[self.axis + 1 :])),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """The same position of both halves."""
        x = inputs[0]
        out: list[AxisRead] = [Along(a, SAME_POSITION) for a in range(x.rank)]
        n = x.shape[self.axis]
        out[self.axis] = Along(self.axis, ReadPattern(1, ((0, n // 2),))) if type(n) is int else WHOLE
        return (tuple(out),)
