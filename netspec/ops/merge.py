"""Operations that join tensors: sums, products, concatenation, matrix products."""

from typing import ClassVar

from ..shapes.reads import SELF, WHOLE, Along, AxisRead, Fixed, Reads, all_but, pointwise
from ..shapes.sizes import MakeError, ShapeError, Size, broadcast, equal
from ..shapes.types import TensorType, shown
from .base import Op, Types
from .common.arguments import Axis
from .common.axes import axis_name

FLOATS = ("float32", "float16", "bfloat16", "float64")


def one_dtype(op: str, inputs: Types) -> str:
    """The type that all elements have; ShapeError NS515 where inputs differ."""
    for x in inputs[1:]:
        if x.dtype != inputs[0].dtype:
            raise ShapeError("NS515", f"the inputs of '{op}' differ in type: {inputs[0].dtype} and {x.dtype}")
    return inputs[0].dtype


def floating(op: str, x: TensorType) -> None:
    """ShapeError NS548 unless the elements are floating-point numbers."""
    if x.dtype not in FLOATS:
        raise ShapeError("NS548", f"'{op}' works on floating-point numbers; found {x.dtype}")


def merged_axes(inputs: Types, rank: int) -> tuple[str, ...]:
    """Names of the result's axes, aligned from the right: the first known, unless it stands elsewhere already."""
    out = [""] * rank
    for x in inputs:
        for a, role in enumerate(x.axes, rank - x.rank):
            if role and not out[a] and role not in out:
                out[a] = role
    return tuple(out)


def _differ(op: str, inputs: Types, i: int, a: int, j: int, b: int) -> MakeError:
    """Axis a of input i and axis b of input j, both numbers, do not agree."""
    def fault() -> ShapeError:
        x, y = inputs[i], inputs[j]
        name = x.axes[a] or axis_name(y, b)
        return ShapeError(
            "NS512", f"the inputs of '{op}' differ in {name}: {x.shape[a]} and {y.shape[b]}", at=((i, a), (j, b))
        )

    return fault


def broadcast_shape(op: str, inputs: Types) -> tuple[Size, ...]:
    """The shape of all inputs set against each other by NumPy's rule; ShapeError NS512."""
    rank = max(x.rank for x in inputs)
    shape: list[Size] = [1] * rank
    source = [(0, 0)] * rank
    for i, x in enumerate(inputs):
        for a, n in enumerate(x.shape):
            place = a + rank - x.rank
            before = shape[place]
            shape[place] = broadcast(before, n, _differ(op, inputs, *source[place], i, a))
            if shape[place] is not before:
                source[place] = (i, a)
    return tuple(shape)


class Merge(Op):
    """What the joining operations share: broadcasting as in NumPy, the batch axis apart."""

    moves: ClassVar[bool] = True
    primary: ClassVar[str | None] = "from"
    arity: ClassVar[tuple[int, int | None]] = (1, None)
    floats_only: ClassVar[bool] = False

    def infer(self, *inputs: TensorType) -> Types:
        """The broadcast shape; an axis has the first name that is known for it."""
        dtype = one_dtype(self.name, inputs)
        if self.floats_only:
            floating(self.name, inputs[0])
        shape = broadcast_shape(self.name, inputs)
        return (TensorType(shape, dtype, merged_axes(inputs, len(shape))),)


class Add(Merge):
    """The sum of its inputs."""


class Subtract(Merge):
    """The first input less the second."""

    arity: ClassVar[tuple[int, int | None]] = (2, 2)


class Multiply(Merge):
    """The product of its inputs, element by element."""


class Divide(Merge):
    """The first input divided by the second, element by element."""

    arity: ClassVar[tuple[int, int | None]] = (2, 2)
    floats_only: ClassVar[bool] = True


class Maximum(Merge):
    """The greatest of its inputs, element by element."""


class Average(Merge):
    """The mean of its inputs, element by element."""

    floats_only: ClassVar[bool] = True


class Concat(Op):
    """Its inputs one after the other along an axis, the channels by default."""

    moves: ClassVar[bool] = True
    primary: ClassVar[str | None] = "from"
    arity: ClassVar[tuple[int, int | None]] = (1, None)

    axis: Axis

    def infer(self, *inputs: TensorType) -> Types:
        """The sizes along the axis added up; ShapeError NS513 where the inputs differ elsewhere."""
        x = inputs[0]
        dtype = one_dtype("concat", inputs)
        shape = list(x.shape)
        for i, y in enumerate(inputs[1:], 1):
            if y.rank != x.rank:
                raise ShapeError(
                    "NS513", f"the inputs of 'concat' must have as many axes: {shown(x.shape)} and {shown(y.shape)}"
                )
            for a in range(x.rank):
                if a == self.axis:
                    shape[a] = shape[a] + y.shape[a]
                else:
                    shape[a] = equal(shape[a], y.shape[a], self._differ(inputs, i, a))
        return (TensorType(tuple(shape), dtype, merged_axes(inputs, x.rank)),)

    def _differ(self, inputs: Types, i: int, a: int) -> MakeError:
        def fault() -> ShapeError:
            x = inputs[0]
            name = x.axes[a] or axis_name(inputs[i], a)
            return ShapeError(
                "NS513", f"the inputs of 'concat' differ in {name}: {x.shape[a]} and {inputs[i].shape[a]}; "
                f"only {axis_name(x, self.axis)} may differ", at=((0, a), (i, a)),
            )

        return fault

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Position by position; its axis whole."""
        return tuple(all_but(x, self.axis) for x in inputs)


class Matmul(Op):
    """The matrix product of two inputs over their last two axes; further axes broadcast."""

    primary: ClassVar[str | None] = "from"
    arity: ClassVar[tuple[int, int | None]] = (2, 2)

    def infer(self, *inputs: TensorType) -> Types:
        """(…, n, k) by (…, k, m) gives (…, n, m); ShapeError NS514 where k differs or there are fewer than two axes."""
        x, y = inputs
        dtype = one_dtype("matmul", inputs)

        def fault() -> ShapeError:
            return ShapeError(
                "NS514", "'matmul' multiplies (…, n, k) by (…, k, m); "
                f"found {shown(x.shape)} and {shown(y.shape)}",
                at=((0, x.rank - 1), (1, y.rank - 2)) if x.rank > 1 and y.rank > 1 else (),
            )

        if x.rank < 2 or y.rank < 2:
            raise fault()
        equal(x.shape[-1], y.shape[-2], fault)
        front = broadcast_shape("matmul", _fronts(inputs))
        axes = list(merged_axes(_fronts(inputs), len(front)))
        for role in (x.axes[-2], y.axes[-1]):
            axes.append(role if role not in axes else "")
        return (TensorType((*front, x.shape[-2], y.shape[-1]), dtype, tuple(axes)),)

    def macs(self, inputs: Types, outputs: Types) -> Size:
        """k for each element of the result."""
        return outputs[0].elements * inputs[0].shape[-1]

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Rows of the first, columns of the second."""
        rank = outputs[0].rank
        front = TensorType(outputs[0].shape[:-2], "", outputs[0].axes[:-2])
        first, second = (pointwise(f, front) for f in _fronts(inputs))
        row: AxisRead = Along(rank - 2, SELF)
        column: AxisRead = Along(rank - 1, SELF)
        return (*first, row, WHOLE), (*second, WHOLE, column)


def _fronts(inputs: Types) -> Types:
    """The types of the axes before the last two."""
    return tuple(TensorType(x.shape[:-2], x.dtype, x.axes[:-2]) for x in inputs)


def only_one(read: AxisRead, n: Size) -> AxisRead:
    """How an axis that may be broadcast is read: its one position, or as said."""
    return Fixed(0, 0) if type(n) is int and n == 1 else read
