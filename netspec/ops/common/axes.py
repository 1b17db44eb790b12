"""Helpers for axes: their names, one value for each, and types without some of them."""

from __future__ import annotations

from typing import Any

from ...shapes.reads import SAME_POSITION, Along, AxisRead, Fixed, ReadPattern
from ...shapes.shape_error import ShapeError
from ...shapes.sizes import Size
from ...shapes.types import TensorType, shape_text


def axis_name(x: TensorType, axis: int) -> str:
    """The name of an axis, or its number: ``height``, ``axis 2``."""
    return x.axes[axis] or f"axis {axis}"


def one_per_axis(op: str, argument: str, values: tuple[Any, ...], count: int) -> tuple[Any, ...]:
    """One value for each of ``count`` axes; a single value holds for all. ShapeError NS546 for another number."""
    if len(values) == 1:
        return values * count
    if len(values) != count:
        raise ShapeError("NS546", f"'{op}' takes one {argument} for each axis, {count} here; found {len(values)}")
    return values


def with_given_names(op: str, x: TensorType, names: tuple[str | None, ...] | None) -> TensorType:
    """The type with the names that a spec gives, if it gives any. ShapeError NS546 if their number differs."""
    if names is None:
        return x
    if len(names) != x.rank:
        raise ShapeError(
            "NS546",
            f"'axes' of '{op}' has one name for each axis of {shape_text(x.shape)}, {x.rank}; found {len(names)}",
        )
    return x._replace(axes=tuple([name or "" for name in names]))


def without_axes(x: TensorType, removed: tuple[int, ...]) -> TensorType:
    """The type without some axes."""
    rest = [a for a in range(x.rank) if a not in removed]
    return TensorType(tuple(x.shape[a] for a in rest), x.dtype, tuple(x.axes[a] for a in rest))


def reads_of_rest(x: TensorType, removed: tuple[int, ...], read: AxisRead) -> tuple[AxisRead, ...]:
    """Position by position along the axes that stay; ``read`` for those that are removed."""
    return tuple(read if a in removed else Along(a - sum(g < a for g in removed), SAME_POSITION) for a in range(x.rank))


def only_one(read: AxisRead, n: Size) -> AxisRead:
    """How an axis that may be broadcast is read: its only position, or as ``read``."""
    return Fixed(0, 0) if type(n) is int and n == 1 else read


def shifted_reads(x: TensorType, offsets: dict[int, Size]) -> tuple[AxisRead, ...]:
    """Position j reads position ``j + offset`` along some axes, and itself along the others."""
    return tuple(Along(a, ReadPattern(1, ((offsets[a],),)) if a in offsets else SAME_POSITION) for a in range(x.rank))
