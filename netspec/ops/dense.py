"""Dense layers and look-ups: dense, bilinear, radial basis units, embedding, gather."""

from functools import partial
from typing import ClassVar

from ..shapes.reads import SELF, WHOLE, Along, AxisRead, Reads, all_but
from ..shapes.sizes import ShapeError, Size, equal
from ..shapes.types import CHANNELS, TensorType, shown
from .base import Init, Op, Types, Weight
from .common.arguments import AxisOfFeatures, Count, Flag, GivenAxis, Layer
from .common.channels import size_of
from .common.initial import Choice, InitChoice
from .conv import uniform


class Units(Op):
    """What layers of units along one axis share."""

    moves: ClassVar[bool] = True
    primary: ClassVar[str | None] = "units"

    units: Count
    init: InitChoice = Choice()
    axis: AxisOfFeatures

    def infer(self, *inputs: TensorType) -> Types:
        """The axis becomes ``units`` long and, from then on, the channel axis where none was known."""
        x = inputs[0]
        axes = list(x.axes)
        if CHANNELS not in axes:
            axes[self.axis] = CHANNELS
        return (TensorType((*x.shape[: self.axis], self.units, *x.shape[self.axis + 1 :]), x.dtype, tuple(axes)),)

    def features(self, x: TensorType) -> int:
        """Size of the axis that it works along."""
        return size_of(self.name, x, self.axis)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Its axis whole, position by position along the others."""
        return (all_but(inputs[0], self.axis),)


class Dense(Units):
    """A fully connected layer along one axis: every output is a weighted sum of all its features."""

    bias: Flag = True

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight`` (units, features) and ``bias`` (units)."""
        n = self.features(inputs[0])
        weight = Weight("weight", (self.units, n), uniform(n))
        return self.init.applied((weight, Weight("bias", (self.units,), uniform(n))) if self.bias else (weight,))

    def macs(self, inputs: Types, outputs: Types) -> Size:
        """Features for each output element."""
        return outputs[0].elements * self.features(inputs[0])

    def connection_count(self, inputs: Types, outputs: Types) -> Size:
        """The same, and one for each bias."""
        return self.macs(inputs, outputs) + (outputs[0].elements if self.bias else 0)


class Rbf(Units):
    """Radial basis units: squared Euclidean distances of the features from each unit's centre (LeCun et al. 1998)."""

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight`` (units, features), the centres: at first uniform within 1 of zero, the range of LeNet-5's."""
        return self.init.applied((Weight("weight", (self.units, self.features(inputs[0])), Init("uniform", (1.0,))),))

    def connection_count(self, inputs: Types, outputs: Types) -> Size:
        """Features for each output element: LeNet-5's has 840. (No multiply-accumulates: it is no matrix product.)"""
        return outputs[0].elements * self.features(inputs[0])


class Bilinear(Op):
    """A weighted sum of all products of a feature of one input with one of another, along their last axes."""

    primary: ClassVar[str | None] = "units"
    arity: ClassVar[tuple[int, int | None]] = (2, 2)

    units: Count
    bias: Flag = True
    init: InitChoice = Choice()

    def infer(self, *inputs: TensorType) -> Types:
        """The axes before the last, which must be the same in both, and ``units``."""
        x, y = inputs
        for number, t in enumerate(inputs):
            if not t.rank:
                raise ShapeError("NS501", f"'{self.name}' works along the last axis; input {number + 1} has none")
            if t.channel is not None and t.channel != t.rank - 1:
                found = f"in {shown(t.shape)} channels are axis {t.channel}"
                raise ShapeError(
                    "NS502", f"'{self.name}' takes the last axis as features; {found}",
                    help="a 'permute' before it moves the channel axis, a 'flatten' makes a vector",
                )
        if x.rank != y.rank:
            raise self._differ(x, y, ())
        before = tuple(
            equal(a, b, partial(self._differ, x, y, ((0, i), (1, i))))
            for i, (a, b) in enumerate(zip(x.shape[:-1], y.shape[:-1], strict=True))
        )
        return (TensorType((*before, self.units), x.dtype, (*x.axes[:-1], CHANNELS)),)

    def _differ(self, x: TensorType, y: TensorType, at: tuple[tuple[int, int], ...]) -> ShapeError:
        found = f"{shown(x.shape)} and {shown(y.shape)}"
        words = f"the inputs of '{self.name}' may differ in their last axis alone; found {found}"
        return ShapeError("NS512", words, at=at)

    def features(self, x: TensorType) -> int:
        """Size of an input's last axis."""
        return size_of(self.name, x, x.rank - 1)

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight`` (units, features of the first, features of the second) and ``bias`` (units)."""
        n, m = (self.features(x) for x in inputs)
        weight = Weight("weight", (self.units, n, m), uniform(n))
        return self.init.applied((weight, Weight("bias", (self.units,), uniform(n))) if self.bias else (weight,))

    def macs(self, inputs: Types, outputs: Types) -> Size:
        """One for each weight that an output element uses; the products of the features are not counted again."""
        n, m = (self.features(x) for x in inputs)
        return outputs[0].elements * (n * m)

    def connection_count(self, inputs: Types, outputs: Types) -> Size:
        """The same, and one for each bias."""
        return self.macs(inputs, outputs) + (outputs[0].elements if self.bias else 0)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """The last axes whole, position by position along the others."""
        return tuple(all_but(x, x.rank - 1) for x in inputs)


class Embedding(Op):
    """A learned vector for each number from 0 to below ``vocabulary``."""

    primary: ClassVar[str | None] = "vocabulary"

    vocabulary: Count
    width: Count
    init: InitChoice = Choice()

    def infer(self, *inputs: TensorType) -> Types:
        """A channel axis of ``width`` is added at the end; ShapeError NS521 for anything but integers."""
        x = whole_numbers(self.name, inputs[0])
        before = tuple("" if a == CHANNELS else a for a in x.axes)
        return (TensorType((*x.shape, self.width), "float32", (*before, CHANNELS)),)

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight`` (vocabulary, width)."""
        return self.init.applied((Weight("weight", (self.vocabulary, self.width), Init("normal", (1.0,))),))

    def connection_count(self, inputs: Types, outputs: Types) -> Size:
        """One for each output element."""
        return outputs[0].elements

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Position by position."""
        return (tuple(Along(a, SELF) for a in range(inputs[0].rank)),)


class Gather(Op):
    """Takes the positions along an axis that another layer names by number, as ``numpy.take`` does.

    Both are seen for one example; where one of them is a parameter or buffer, it is the same for all.
    """

    primary: ClassVar[str | None] = "axis"
    arity: ClassVar[tuple[int, int | None]] = (1, 1)

    axis: GivenAxis
    index: Layer

    def infer(self, *inputs: TensorType) -> Types:
        """The axis gives way to the axes of the index; ShapeError NS521 for an index of anything but integers."""
        x, index = inputs[0], whole_numbers(self.name, inputs[1])
        shape = (*x.shape[: self.axis], *index.shape, *x.shape[self.axis + 1 :])
        names = (x.axes[self.axis],) if index.rank == 1 else ("",) * index.rank
        return (TensorType(shape, x.dtype, (*x.axes[: self.axis], *names, *x.axes[self.axis + 1 :])),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Any position along its axis, the others position by position; the index position by position."""
        x, index = inputs
        later = index.rank - 1
        read: list[AxisRead] = [Along(a if a < self.axis else a + later, SELF) for a in range(x.rank)]
        read[self.axis] = WHOLE
        return tuple(read), tuple(Along(self.axis + a, SELF) for a in range(index.rank))


def whole_numbers(name: str, x: TensorType) -> TensorType:
    """An input of integers, as look-ups need; ShapeError NS521 for any other type of elements."""
    if x.dtype not in ("int64", "int32"):
        raise ShapeError(
            "NS521", f"'{name}' looks up whole numbers, int64 or int32; found {x.dtype} {shown(x.shape)}",
            help="an input of whole numbers is declared as {shape: [...], dtype: int64}",
        )
    return x
