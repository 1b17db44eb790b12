"""Positions along an axis: the ends of slices, and what is left of an axis."""

from __future__ import annotations

from ...shapes.shape_error import ShapeError
from ...shapes.sizes import Size, require_at_least
from ...shapes.types import TensorType, shape_text
from .axes import axis_name


def not_one(x: TensorType, axis: int) -> ShapeError:
    """An axis to squeeze is longer than 1."""
    actual = f"{axis_name(x, axis)} of {shape_text(x.shape)} has {x.shape[axis]}"
    ones = [number for number, size in enumerate(x.shape) if size == 1]
    help = f"only {axis_name(x, ones[0])} has size 1: write {{squeeze: {ones[0]}}}" if len(ones) == 1 else None
    return ShapeError("NS543", f"'squeeze' removes axes of size 1; {actual}", at=((0, axis),), help=help)


def nothing_left(x: TensorType, axis: int, first: Size, last: Size) -> ShapeError:
    """A slice is empty."""
    actual = f"{axis_name(x, axis)}: from {first} to {last}"
    return ShapeError("NS545", f"'slice' leaves nothing of {actual}", at=((0, axis),))


def end_of(x: TensorType, axis: int, end: int) -> Size:
    """An end of a slice, counted from 0; ShapeError NS545 if it is outside of the axis."""
    n = x.shape[axis]
    require_at_least(
        n,
        abs(end),
        lambda: ShapeError(
            "NS545", f"'slice' must stay within {axis_name(x, axis)}, which has {n}; found {end}", at=((0, axis),)
        ),
    )
    return end if end >= 0 else n + end
