"""Small answers about axes: their names, one value for each, and types without some of them."""

from typing import Any

from ...shapes.reads import SELF, Along, AxisRead
from ...shapes.sizes import ShapeError
from ...shapes.types import TensorType


def axis_name(x: TensorType, axis: int) -> str:
    """``height``, or ``axis 2`` where nothing is known of it."""
    return x.axes[axis] or f"axis {axis}"


def each(op: str, argument: str, given: tuple[Any, ...], count: int) -> tuple[Any, ...]:
    """One value for each of ``count`` axes, where one stands for all; ShapeError NS546 for another number."""
    if len(given) == 1:
        return given * count
    if len(given) != count:
        raise ShapeError("NS546", f"'{op}' takes one {argument} for each axis, {count} here; found {len(given)}")
    return given


def without(x: TensorType, gone: tuple[int, ...]) -> TensorType:
    """The type without some axes."""
    rest = [a for a in range(x.rank) if a not in gone]
    return TensorType(tuple(x.shape[a] for a in rest), x.dtype, tuple(x.axes[a] for a in rest))


def along_rest(x: TensorType, gone: tuple[int, ...], read: AxisRead) -> tuple[AxisRead, ...]:
    """Position by position along the axes that stay; ``read`` for those that go."""
    return tuple(read if a in gone else Along(a - sum(g < a for g in gone), SELF) for a in range(x.rank))
