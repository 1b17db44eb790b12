"""Reductions over one axis or several: mean, sum, product, maximum, minimum, variance."""

from __future__ import annotations

from ..shapes.reads import WHOLE, Reads, reads_except
from ..shapes.shape_error import ShapeError
from ..shapes.sizes import Size, product, require_at_least
from ..shapes.types import DTYPES, FLOATS, TensorType, shape_text
from .argument import argument
from .base import Example, Op, Types
from .common.axes import reads_of_rest, without_axes
from .common.shared_arguments import KEEPDIMS
from .common.validators import ANY_AXES, integers


class Reduction(Op):
    """What reductions share: axes that are removed, or stay with size 1."""

    permutable = True
    primary = "axis"
    size_rule = "the input's without the axes, or with 1 in their place"

    axis: tuple[int, ...] | None = argument(ANY_AXES, "the axes to reduce", default=None, default_doc="all axes")
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
        """The reduced type; integers and booleans become int64, as in PyTorch."""
        out = super().infer(*inputs)[0]
        return (out if out.dtype in FLOATS else out._replace(dtype="int64"),)


class Max(Reduction):
    """The maximum over one axis or several; over all of them by default."""

    accepts = DTYPES
    examples = (Example("[197, 768]", "{max: sequence}"),)


class Min(Max):
    """The minimum over one axis or several; over all of them by default."""

    examples = (Example("[197, 768]", "{min: sequence}"),)


class Prod(Sum):
    """The product over one axis or several; over all of them by default."""

    examples = (Example("[8, 16]", "{prod: channels}"),)


class Var(Reduction):
    """The variance over one axis or several; over all of them by default.

    The squared distances from the mean are added and divided by the number of values less ``correction``: 1 for the
    variance that is estimated of a sample, as PyTorch does by default, 0 for the mean, as the norms do.
    """

    examples = (Example("[64, 56, 56]", "{var: [height, width], keepdims: true}"),)

    correction: int = argument(integers(0, "0 or 1", 1), "what is subtracted from the number of values", default=1)

    def infer(self, *inputs: TensorType) -> Types:
        """The type without those axes; ShapeError NS584 unless there are more values than ``correction``."""
        x = inputs[0]
        count = self.count(x)

        def fault() -> ShapeError:
            message = f"'var' with `correction: 1` must have at least 2 values; found {count} in {shape_text(x.shape)}"
            help = "`correction: 0` is defined for one value, too"
            return ShapeError("NS584", message, at=tuple((0, a) for a in self.reduced(x)), help=help)

        if self.correction:
            require_at_least(count, 2, fault)
        return super().infer(*inputs)

    def count(self, x: TensorType) -> Size:
        """How many values each variance is of."""
        return product(x.shape[a] for a in self.reduced(x))
