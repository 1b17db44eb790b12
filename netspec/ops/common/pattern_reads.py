"""Which positions of an input the positions of an output of a pattern depend on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product as combinations

from ...shapes.reads import SAME_POSITION, WHOLE, Along, AxisRead, Fixed, ReadPattern
from ...shapes.sizes import Size, product
from .pattern_sizes import Group, Layout
from .regroup import MAX_ROWS


def pattern_reads(layout: Layout, number: int) -> tuple[AxisRead, ...]:
    """The reads of an input, axis by axis, through the axes that are divided and joined.

    An axis whose parts go to several axes of the output is read along the one that has its outermost part.
    """
    return tuple(_read(group, layout) for group in layout.inputs[number])


def _read(group: Group, layout: Layout) -> AxisRead:
    sizes = layout.sizes
    parts = [name for name in group if not _is_one(sizes[name])]
    if not parts:
        return Fixed(0, 0)
    place = next((p for name in parts for p, out in enumerate(layout.output) if name in out), None)
    if place is None:
        return WHOLE
    joined = [name for name in layout.output[place] if not _is_one(sizes[name])]
    if joined == parts:
        return Along(place, SAME_POSITION)
    strides = dict(zip(parts, _strides(parts, sizes), strict=True))
    rows = _rows(parts, joined[1:], strides, sizes, set(joined))
    step = strides.get(joined[0], 0)
    return Along(place, ReadPattern(step, rows)) if rows is not None and type(step) is int else WHOLE


def _rows(
    parts: list[str], inner: list[str], strides: Mapping[str, Size], sizes: Mapping[str, Size], along: set[str]
) -> tuple[Sequence[int], ...] | None:
    """The positions that are read, for each position within one of the outermost part; None if they are too many."""
    others = [name for name in parts if name not in along]
    needed = [*inner, *others]
    if not all(type(sizes[name]) is int for name in needed):
        return None
    if not all(type(strides[name]) is int for name in [*others, *(n for n in inner if n in strides)]):
        return None
    spread = product(sizes[name] for name in others)
    period = product(sizes[name] for name in inner)
    lowest = others == parts[len(parts) - len(others) :]
    if period > MAX_ROWS or (not lowest and spread * period > MAX_ROWS):
        return None
    if lowest:  # they are a run
        offsets: Sequence[int] = range(spread)
    else:
        counts = [range(0, sizes[name] * strides[name], strides[name]) for name in others]
        offsets = [sum(each) for each in combinations(*counts)]
    starts = [
        sum(i * strides[name] for name, i in zip(inner, each, strict=True) if name in strides)
        for each in combinations(*(range(sizes[name]) for name in inner))
    ]
    if isinstance(offsets, range):
        return tuple(range(start, start + spread) for start in starts)
    return tuple(tuple(start + offset for offset in offsets) for start in starts)


def _strides(parts: list[str], sizes: Mapping[str, Size]) -> list[Size]:
    """How far apart neighbouring positions of each part are in the axis that they make up."""
    return [product(sizes[name] for name in parts[i + 1 :]) for i in range(len(parts))]


def _is_one(size: Size) -> bool:
    return type(size) is int and size == 1
