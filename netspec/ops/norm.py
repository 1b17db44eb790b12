"""Normalisation: over the batch, over axes of each example, over groups and neighbourhoods of channels."""

from typing import Annotated, ClassVar

from ..shapes.reads import SELF, WHOLE, Along, AxisRead, Reads, Taps, all_but, window
from ..shapes.sizes import ShapeError, exact_div, product, require
from ..shapes.types import TensorType, shown
from .base import ONES, ZEROS, AxisCheck, Op, Types, Weight
from .common.arguments import Axis, Count, Flag, Number, Positive, Rate, numbers, optional
from .common.channels import size_of
from .common.initial import Choice, InitChoice

Epsilon = Annotated[float, numbers("a number, 0 or more", {"minimum": 0}, least=0.0)]
MaybeEpsilon = Annotated[float | None, optional(numbers("a number, 0 or more", {"minimum": 0}, least=0.0))]
AxesOrLast = Annotated[tuple[int, ...], AxisCheck(default="last", many=True)]


class BatchNorm(Op):
    """Normalises each channel over the batch; in inference by running statistics (Ioffe & Szegedy 2015)."""

    moves: ClassVar[bool] = True

    eps: Epsilon = 1e-5
    momentum: Rate = 0.1
    affine: Flag = True
    init: InitChoice = Choice()
    axis: Axis

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight`` and ``bias`` (channels); buffers ``running_mean``, ``running_var``, ``num_batches_tracked`` ()."""
        c = size_of(self.name, inputs[0], self.axis)
        return (
            *_affine(self.init, (c,), self.affine),
            Weight("running_mean", (c,), ZEROS, trainable=False, buffer=True),
            Weight("running_var", (c,), ONES, trainable=False, buffer=True),
            Weight("num_batches_tracked", (), ZEROS, trainable=False, buffer=True, dtype="int64"),
        )


class OverAxes(Op):
    """What normalisation over one axis or several of each example shares."""

    moves: ClassVar[bool] = True

    affine: Flag = True
    init: InitChoice = Choice()
    axis: AxesOrLast

    def axes(self) -> tuple[int, ...]:
        """The axes that are normalised together, in the order of the input."""
        return tuple(sorted(self.axis))

    def shape(self, x: TensorType) -> tuple[int, ...]:
        """Sizes of those axes, which are the weight's."""
        return tuple(size_of(self.name, x, a) for a in self.axes())

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Its axes whole, position by position along the others."""
        return (all_but(inputs[0], *self.axis),)


class LayerNorm(OverAxes):
    """Normalises each position over its channels, or over the axes given (Ba et al. 2016)."""

    eps: Epsilon = 1e-5
    bias: Flag = True

    def infer(self, *inputs: TensorType) -> Types:
        """As it was; ShapeError NS526 for a single value."""
        _several(self.name, inputs[0], self.axes(), 1, "values", "'axis' may name several axes")
        return (inputs[0],)

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight`` and ``bias``, of the sizes of the axes."""
        return _affine(self.init, self.shape(inputs[0]), self.affine, self.bias)


class RmsNorm(OverAxes):
    """Divides by the root mean square over the channels, or over the axes given (Zhang & Sennrich 2019)."""

    eps: MaybeEpsilon = None
    """The machine epsilon of the type where it is not given."""

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight``, of the sizes of the axes."""
        return _affine(self.init, self.shape(inputs[0]), self.affine, bias=False)


class GroupNorm(Op):
    """Normalises groups of channels over all positions of an example (Wu & He 2018)."""

    moves: ClassVar[bool] = True
    primary: ClassVar[str | None] = "groups"

    groups: Count
    eps: Epsilon = 1e-5
    affine: Flag = True
    init: InitChoice = Choice()
    axis: Axis

    def infer(self, *inputs: TensorType) -> Types:
        """As it was; ShapeError NS503 where the groups do not divide the channels, NS526 for single values."""
        x = inputs[0]
        c = x.shape[self.axis]
        exact_div(c, self.groups, lambda: ShapeError(
            "NS503", f"groups must divide the channels of '{self.name}': {c} channels in {self.groups} groups",
            at=((0, self.axis),)))
        _several(
            self.name, x, tuple(range(x.rank)), self.groups, "values in each group", "fewer groups hold more channels")
        return (x,)

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight`` and ``bias`` (channels)."""
        return _affine(self.init, (size_of(self.name, inputs[0], self.axis),), self.affine)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """All positions of the channels of its group."""
        x = inputs[0]
        out: list[AxisRead] = [WHOLE] * x.rank
        c = x.shape[self.axis]
        if type(c) is int and self.groups > 1:
            per = c // self.groups
            out[self.axis] = Along(self.axis, Taps(per, (tuple(range(per)),) * per))
        return (tuple(out),)


class InstanceNorm(Op):
    """Normalises each channel over all positions of an example (Ulyanov et al. 2016)."""

    moves: ClassVar[bool] = True

    eps: Epsilon = 1e-5
    affine: Flag = False
    init: InitChoice = Choice()
    axis: Axis

    def infer(self, *inputs: TensorType) -> Types:
        """As it was; ShapeError NS501 for a vector, NS526 for a single position."""
        x = _positions(self.name, inputs[0])
        others = tuple(a for a in range(x.rank) if a != self.axis)
        _several(self.name, x, others, 1, "positions in each channel", "'layer_norm' goes over the channels")
        return (x,)

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight`` and ``bias`` (channels)."""
        return _affine(self.init, (size_of(self.name, inputs[0], self.axis),), self.affine)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """All positions of its channel."""
        x = inputs[0]
        return (all_but(x, *(a for a in range(x.rank) if a != self.axis)),)


class LocalResponseNorm(Op):
    """Divides by a power of the mean square over neighbouring channels (Krizhevsky et al. 2012).

    ``x / (k + alpha * mean of the squares) ** beta`` over the ``size // 2`` channels before, the channel itself and
    ``(size - 1) // 2`` after it, as in PyTorch; channels that do not exist count as zeros.
    """

    moves: ClassVar[bool] = True
    primary: ClassVar[str | None] = "size"

    size: Count
    alpha: Number = 1e-4
    beta: Number = 0.75
    k: Number = 1.0
    axis: Axis

    def infer(self, *inputs: TensorType) -> Types:
        """As it was; ShapeError NS501 for a vector."""
        return (_positions(self.name, inputs[0]),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """A window along the channels, position by position."""
        out: list[AxisRead] = [Along(a, SELF) for a in range(inputs[0].rank)]
        out[self.axis] = Along(self.axis, window(self.size, 1, 1, self.size // 2))
        return (tuple(out),)


class L2Normalize(Op):
    """Divides by the Euclidean norm along an axis, which counts as at least ``eps``."""

    moves: ClassVar[bool] = True
    primary: ClassVar[str | None] = "axis"

    axis: Axis
    eps: Positive = 1e-12

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Its axis whole, position by position along the others."""
        return (all_but(inputs[0], self.axis),)


def _affine(init: Choice, shape: tuple[int, ...], affine: bool, bias: bool = True) -> tuple[Weight, ...]:
    if not affine:
        return init.applied(())
    weight = Weight("weight", shape, ONES)
    return init.applied((weight, Weight("bias", shape, ZEROS)) if bias else (weight,))


def _positions(name: str, x: TensorType) -> TensorType:
    if x.rank < 2:
        words = f"'{name}' works on channels and at least one axis of positions; found {shown(x.shape)}"
        raise ShapeError("NS501", words)
    return x


def _several(name: str, x: TensorType, axes: tuple[int, ...], parts: int, what: str, help: str) -> None:
    """ShapeError NS526 unless more than one value is normalised together: by itself each is zero less its mean."""
    count = product(x.shape[a] for a in axes) // parts
    require(count, 2, lambda: ShapeError(
        "NS526", f"'{name}' must have at least 2 {what} to normalise; found {count} in {shown(x.shape)}",
        at=tuple((0, a) for a in axes), help=help))
