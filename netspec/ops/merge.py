"""Operations that join tensors: sums, products, concatenation, matrix products."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from ..shapes.reads import SAME_POSITION, WHOLE, Along, AxisRead, ReadPattern, Reads, pointwise_reads, reads_except
from ..shapes.shape_error import ShapeError
from ..shapes.sizes import Size, require_equal
from ..shapes.types import DTYPES, FLOATS, NUMBERS, TensorType, shape_text
from .argument import argument
from .axis import AxisValidator
from .base import Example, Op, Types
from .common.axes import axis_name
from .common.broadcasting import agreed_names, broadcast_shape, require_same_names, sizes_differ
from .common.validators import CHANNEL_AXIS

if TYPE_CHECKING:
    from .derivation import Derivation

PAIR = {"a": "[64, 28, 28]", "b": "[64, 28, 28]"}


class Merge(Op):
    """What elementwise operations on several inputs share: broadcasting as in NumPy, except for the batch axis."""

    permutable = True
    joins = True
    primary = "from"
    arity: ClassVar[tuple[int, int | None]] = (1, None)
    elementwise = True
    examples = (Example(PAIR, "{OP: [a, b]}"),)
    accepts = DTYPES
    size_rule = "broadcast as in NumPy: sizes are equal, or one of them is 1"

    def infer(self, *inputs: TensorType) -> Types:
        """The broadcast shape, with the names that the inputs agree on; ShapeError NS512 and NS516."""
        require_same_names(self.name, inputs)
        shape = broadcast_shape(self.name, inputs)
        return (TensorType(shape, inputs[0].dtype, agreed_names(inputs, shape)),)


def _have_one_shape(inputs: Types) -> bool:
    return len({x.shape for x in inputs}) == 1


class Add(Merge):
    """The sum of its inputs."""

    commutative = True
    in_place = True

    def works_on_parts(self, inputs: Types) -> bool:
        """If no input is broadcast."""
        return _have_one_shape(inputs)


class Subtract(Merge):
    """The first input minus the second."""

    arity = (2, 2)
    accepts = NUMBERS


class Multiply(Merge):
    """The product of its inputs, element by element."""

    commutative = True

    def works_on_parts(self, inputs: Types) -> bool:
        """If no input is broadcast."""
        return _have_one_shape(inputs)


class Divide(Merge):
    """The first input divided by the second, element by element."""

    arity = (2, 2)
    accepts = FLOATS


class Maximum(Merge):
    """The maximum of its inputs, element by element."""

    commutative = True


class Average(Merge):
    """The mean of its inputs, element by element."""

    accepts = FLOATS


class Concat(Op):
    """Its inputs one after the other along an axis, the channels by default."""

    permutable = True
    joins = True
    primary = "from"
    arity = (1, None)
    accepts = DTYPES
    examples = (Example({"up": "[64, 56, 56]", "skip": "[32, 56, 56]"}, "{concat: [up, skip]}"),)
    size_rule = "the sum of the sizes along the axis; the others must be equal"

    axis: int = argument(CHANNEL_AXIS, "the axis along which the inputs are concatenated")

    def infer(self, *inputs: TensorType) -> Types:
        """The sizes along the axis added; ShapeError NS513 or NS516 if the inputs differ elsewhere."""
        x = inputs[0]
        for y in inputs[1:]:
            if y.rank != x.rank:
                raise ShapeError(
                    "NS513",
                    "the inputs of 'concat' must have the same number of axes: "
                    f"{shape_text(x.shape)} and {shape_text(y.shape)}",
                )
        shape = list(x.shape)
        require_same_names("concat", inputs, joined=self.axis)
        for i, y in enumerate(inputs[1:], 1):
            for a in range(x.rank):
                if a == self.axis:
                    shape[a] = shape[a] + y.shape[a]
                else:
                    shape[a] = require_equal(shape[a], y.shape[a], partial(self._differ, inputs, i, a))
        return (TensorType(tuple(shape), x.dtype, agreed_names(inputs, shape)),)

    def _differ(self, inputs: Types, i: int, a: int) -> ShapeError:
        more = f"; only {axis_name(inputs[0], self.axis)} may differ"
        return sizes_differ("concat", inputs, (0, a), (i, a), "NS513", more)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Position by position; its axis whole."""
        return tuple(reads_except(x, self.axis) for x in inputs)

    def exact_reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Position by position; along its axis, from where the input begins in the output."""
        out: list[tuple[AxisRead, ...]] = []
        start: Size = 0
        for x in inputs:
            read: list[AxisRead] = [Along(a, SAME_POSITION) for a in range(x.rank)]
            read[self.axis] = Along(self.axis, ReadPattern(1, ((-start,),)))
            out.append(tuple(read))
            start = start + x.shape[self.axis]
        return tuple(out)

    def size_derivations(self, inputs: Types, outputs: Types) -> list[Derivation]:
        """The sum along the axis."""
        from .derivation import Derivation

        sizes = [x.shape[self.axis] for x in inputs]
        what = axis_name(outputs[0], self.axis)
        return [Derivation(what, "the sizes of all inputs", " + ".join(map(str, sizes)), sum(sizes))]


class Stack(Op):
    """Its inputs side by side along a new axis."""

    joins = True
    primary = "from"
    arity = (1, None)
    accepts = DTYPES
    examples = (Example({"x": "[32, 64]", "y": "[32, 64]"}, "{stack: [x, y], axis: -1}"),)
    size_rule = "those of the inputs, which must be equal, with their number along the new axis"

    axis: int = argument(AxisValidator(new=True), "position of the new axis in the output", default=0)

    def infer(self, *inputs: TensorType) -> Types:
        """The common shape with the new axis; ShapeError NS513 or NS516 if the inputs differ."""
        x = inputs[0]
        for y in inputs[1:]:
            if y.rank != x.rank:
                message = f"the inputs of 'stack' must have one shape: {shape_text(x.shape)} and {shape_text(y.shape)}"
                raise ShapeError("NS513", message)
        require_same_names("stack", inputs)
        shape = list(x.shape)
        for i, y in enumerate(inputs[1:], 1):
            for a in range(x.rank):
                fault = partial(sizes_differ, "stack", inputs, (0, a), (i, a), "NS513")
                shape[a] = require_equal(shape[a], y.shape[a], fault)
        names, a = agreed_names(inputs, shape), self.axis
        return (TensorType((*shape[:a], len(inputs), *shape[a:]), x.dtype, (*names[:a], "", *names[a:])),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Position by position."""
        return tuple(tuple(Along(a + (a >= self.axis), SAME_POSITION) for a in range(x.rank)) for x in inputs)


class Matmul(Op):
    """The matrix product of two inputs over their last two axes; further axes broadcast."""

    primary = "from"
    arity = (2, 2)
    accepts = NUMBERS
    examples = (Example({"a": "[197, 64]", "b": "[64, 197]"}, "{matmul: [a, b]}"),)
    size_rule = "(…, n, m) for (…, n, k) by (…, k, m)"
    macs_rule = "k for each output element"

    def infer(self, *inputs: TensorType) -> Types:
        """(…, n, k) by (…, k, m) gives (…, n, m); ShapeError NS514 if k differs or there are fewer than two axes."""
        x, y = inputs

        def fault() -> ShapeError:
            return ShapeError(
                "NS514",
                f"'matmul' multiplies (…, n, k) by (…, k, m); found {shape_text(x.shape)} and {shape_text(y.shape)}",
                at=((0, x.rank - 1), (1, y.rank - 2)) if x.rank > 1 and y.rank > 1 else (),
                help="the inner product of two vectors is `multiply`, then `{sum: -1}`"
                if x.rank == y.rank == 1
                else None,
            )

        if x.rank < 2 or y.rank < 2:
            raise fault()
        require_equal(x.shape[-1], y.shape[-2], fault)
        fronts = _fronts(inputs)
        require_same_names("matmul", inputs, hidden=2)
        front = broadcast_shape("matmul", fronts)
        axes = list(agreed_names(fronts, front))
        for role in (x.axes[-2], y.axes[-1]):
            axes.append(role if role not in axes else "")
        return (TensorType((*front, x.shape[-2], y.shape[-1]), x.dtype, tuple(axes)),)

    def macs(self, inputs: Types, outputs: Types) -> Size:
        """k for each element of the result."""
        return outputs[0].elements * inputs[0].shape[-1]

    def macs_expression(self, inputs: Types, outputs: Types) -> str | None:
        """k times the output elements."""
        from .derivation import product

        return product(inputs[0].shape[-1], *outputs[0].shape)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Rows of the first, columns of the second."""
        rank = outputs[0].rank
        front = TensorType(outputs[0].shape[:-2], "", outputs[0].axes[:-2])
        first, second = (pointwise_reads(f, front) for f in _fronts(inputs))
        row: AxisRead = Along(rank - 2, SAME_POSITION)
        column: AxisRead = Along(rank - 1, SAME_POSITION)
        return (*first, row, WHOLE), (*second, WHOLE, column)


def _fronts(inputs: Types) -> Types:
    """The types of the axes before the last two."""
    return tuple(TensorType(x.shape[:-2], x.dtype, x.axes[:-2]) for x in inputs)
