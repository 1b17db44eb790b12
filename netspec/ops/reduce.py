"""Reductions over one axis or several: mean, sum, maximum."""

from __future__ import annotations

from ..shapes.reads import WHOLE, Reads, reads_except
from ..shapes.types import DTYPES, FLOATS, TensorType
from .argument import argument
from .base import Example, Op, Types
from .common.arguments import KEEPDIMS
from .common.axes import reads_of_rest, without_axes
from .common.validators import ANY_AXES


class Reduction(Op):
    """What reductions share: axes that are removed, or stay with size 1."""

    permutable = True
    primary = "axis"
    size_rule = "the input's without the axes, or with 1 in their place"

    axis: tuple[int, ...] | None = argument(ANY_AXES, "the axes to reduce", default=None, absent="all axes")
    keepdims: bool = KEEPDIMS

    def reduced(self, x: TensorType) -> tuple[int, ...]:
        """Axes that are reduced: all except the batch if none is named."""
        return tuple(range(x.rank)) if self.axis is None else self.axis

    def infer(self, *inputs: TensorType) -> Types:
        """The type without those axes, or with size 1 in their place."""
        x = inputs[0]
        reduced = self.reduced(x)
        if self.keepdims:
            return (x.with_shape(tuple(1 if a in reduced else n for a, n in enumerate(x.shape))),)
        return (without_axes(x, reduced),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """The reduced axes whole, the others position by position."""
        x = inputs[0]
        return (reads_except(x, *self.reduced(x)) if self.keepdims else reads_of_rest(x, self.reduced(x), WHOLE),)


class Mean(Reduction):
    """The mean over one axis or several; over all of them by default."""

    examples = (Example("[64, 56, 56]", "{mean: [height, width], keepdims: true}"),)


class Sum(Reduction):
    """The sum over one axis or several; over all of them by default."""

    accepts = DTYPES
    examples = (Example("[64, 56, 56]", "{sum: channels}"),)

    def infer(self, *inputs: TensorType) -> Types:
        """The reduced type; integers and booleans add up to int64, as in PyTorch."""
        out = super().infer(*inputs)[0]
        return (out if out.dtype in FLOATS else out._replace(dtype="int64"),)


class Max(Reduction):
    """The maximum over one axis or several; over all of them by default."""

    accepts = DTYPES
    examples = (Example("[197, 768]", "{max: sequence}"),)
