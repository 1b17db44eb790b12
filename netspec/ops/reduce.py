"""Reductions over one axis or several: mean, sum, maximum."""

from typing import ClassVar

from ..shapes.reads import WHOLE, Reads, all_but
from ..shapes.types import TensorType
from .base import Op, Types
from .common.arguments import Flag, MaybeAxes
from .common.axes import along_rest, without
from .merge import FLOATS, floating


class Reduction(Op):
    """What reductions share: the axes that go, or stay with size 1."""

    moves: ClassVar[bool] = True
    primary: ClassVar[str | None] = "axis"

    axis: MaybeAxes = None
    keepdims: Flag = False

    def gone(self, x: TensorType) -> tuple[int, ...]:
        """Axes that are reduced: all but the batch where none is named."""
        return tuple(range(x.rank)) if self.axis is None else self.axis

    def infer(self, *inputs: TensorType) -> Types:
        """The type without those axes, or with size 1 in their place."""
        x = inputs[0]
        gone = self.gone(x)
        if self.keepdims:
            return (x.with_shape(tuple(1 if a in gone else n for a, n in enumerate(x.shape))),)
        return (without(x, gone),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """The reduced axes whole, the others position by position."""
        x = inputs[0]
        return (all_but(x, *self.gone(x)) if self.keepdims else along_rest(x, self.gone(x), WHOLE),)


class Mean(Reduction):
    """The mean over one axis or several; over all of them by default."""

    def infer(self, *inputs: TensorType) -> Types:
        """As every reduction; ShapeError NS548 for whole numbers."""
        floating("mean", inputs[0])
        return super().infer(*inputs)


class Sum(Reduction):
    """The sum over one axis or several; over all of them by default."""

    def infer(self, *inputs: TensorType) -> Types:
        """As every reduction; whole numbers and truth values add up to int64, as in PyTorch."""
        out = super().infer(*inputs)[0]
        return (out if out.dtype in FLOATS else out._replace(dtype="int64"),)


class Max(Reduction):
    """The greatest value over one axis or several; over all of them by default."""
