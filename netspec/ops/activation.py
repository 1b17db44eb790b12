"""Activations: functions of single values, and of all values along an axis."""

from typing import Annotated, ClassVar, Literal

from ..shapes.reads import SELF, WHOLE, Along, AxisRead, Reads, Taps, all_but
from ..shapes.sizes import ShapeError, equal, exact_div
from ..shapes.types import TensorType
from .base import Init, Op, Types, Weight
from .common.arguments import Axis, Count, Number, Positive, one_of
from .common.channels import channel_axis
from .common.initial import Choice, InitChoice

Approximation = Annotated[Literal["none", "tanh"], one_of("none", "tanh")]


class Activation(Op):
    """A function without weights that may stand as the ``activation`` of a layer."""

    moves: ClassVar[bool] = True
    is_activation: ClassVar[bool] = True


class Relu(Activation):
    """max(x, 0) (Nair & Hinton 2010)."""


class Relu6(Activation):
    """min(max(x, 0), 6) (Krizhevsky 2010)."""


class LeakyRelu(Activation):
    """x where positive, otherwise ``slope`` times x (Maas et al. 2013)."""

    primary: ClassVar[str | None] = "slope"

    slope: Number = 0.01


class Prelu(Op):
    """x where positive, otherwise a learned slope times x: one slope, or one for each channel (He et al. 2015)."""

    moves: ClassVar[bool] = True

    num_parameters: Count = 1
    init: InitChoice = Choice()

    def infer(self, *inputs: TensorType) -> Types:
        """As it was; ShapeError NS524 where there is neither one slope nor one for each channel."""
        x = inputs[0]
        if self.num_parameters > 1:
            axis = channel_axis(self.name, x, "num_parameters")
            equal(x.shape[axis], self.num_parameters, lambda: ShapeError(
                "NS524", f"num_parameters of '{self.name}' must be 1 or the number of channels; "
                f"found {self.num_parameters} for {x.shape[axis]} channels", at=((0, axis),)))
        return (x,)

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight`` (num_parameters)."""
        return self.init.applied((Weight("weight", (self.num_parameters,), Init("constant", (0.25,))),))


class Elu(Activation):
    """x where positive, otherwise ``alpha * (exp(x) - 1)`` (Clevert et al. 2016)."""

    alpha: Number = 1.0


class Celu(Activation):
    """x where positive, otherwise ``alpha * (exp(x / alpha) - 1)`` (Barron 2017)."""

    alpha: Positive = 1.0


class Selu(Activation):
    """The scaled elu whose outputs keep mean 0 and variance 1 (Klambauer et al. 2017)."""


class Gelu(Activation):
    """x times the normal distribution's probability of values below x (Hendrycks & Gimpel 2016)."""

    primary: ClassVar[str | None] = "approximate"

    approximate: Approximation = "none"


class Silu(Activation):
    """x times its sigmoid, also known as swish (Elfwing et al. 2018)."""


class Mish(Activation):
    """x * tanh(softplus(x)) (Misra 2020)."""


class Sigmoid(Activation):
    """1 / (1 + exp(-x))."""


class HardSigmoid(Activation):
    """min(max(x / 6 + 1/2, 0), 1) (Howard et al. 2019)."""


class HardSwish(Activation):
    """x times its hard sigmoid (Howard et al. 2019)."""


class Tanh(Activation):
    """The hyperbolic tangent."""


class ScaledTanh(Activation):
    """``amplitude * tanh(slope * x)``; by default LeNet-5's, which maps 1 to 1 and -1 to -1 (LeCun et al. 1998)."""

    amplitude: Number = 1.7159
    slope: Number = 2 / 3


class Softplus(Activation):
    """``log(1 + exp(beta * x)) / beta``, and x itself where ``beta * x`` is above ``threshold``."""

    beta: Positive = 1.0
    threshold: Number = 20.0


class Softsign(Activation):
    """x / (1 + |x|)."""


class AlongAxis(Activation):
    """A function of all values along an axis."""

    primary: ClassVar[str | None] = "axis"

    axis: Axis

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Its axis whole, position by position along the others."""
        return (all_but(inputs[0], self.axis),)


class Softmax(AlongAxis):
    """exp(x), divided by its sum along the axis."""


class LogSoftmax(AlongAxis):
    """The logarithm of the softmax."""


class Glu(AlongAxis):
    """The first half along the axis times the sigmoid of the second (Dauphin et al. 2017)."""

    def infer(self, *inputs: TensorType) -> Types:
        """Half as long along the axis; ShapeError NS522 where that is odd."""
        x = inputs[0]
        n = x.shape[self.axis]
        half = exact_div(n, 2, lambda: ShapeError(
            "NS522", f"'{self.name}' halves {x.axes[self.axis] or f'axis {self.axis}'}, which must be even; found {n}",
            at=((0, self.axis),)))
        return (x.with_shape((*x.shape[: self.axis], half, *x.shape[self.axis + 1 :])),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """The same position of both halves."""
        x = inputs[0]
        out: list[AxisRead] = [Along(a, SELF) for a in range(x.rank)]
        n = x.shape[self.axis]
        out[self.axis] = Along(self.axis, Taps(1, ((0, n // 2),))) if type(n) is int else WHOLE
        return (tuple(out),)
