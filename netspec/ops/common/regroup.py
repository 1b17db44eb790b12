"""Operations that move elements, and what an output axis of ``reshape`` or ``flatten`` reads of each input axis."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ...shapes.reads import SAME_POSITION, WHOLE, Along, AxisRead, Fixed, ReadPattern
from ...shapes.sizes import Size, is_same
from ...shapes.types import CHANNELS, DTYPES, SEQUENCE, GuessedName, TensorType, is_known
from ..base import Op

if TYPE_CHECKING:
    from ..rearrangement import Rearrangement

WINDOW_AXES = (SEQUENCE, "depth", "height", "width")
MAX_ROWS = 4096
"""A longer period is not written out: the axis then counts as read whole."""


class Moving(Op):
    """What operations share that move elements without arithmetic."""

    accepts = DTYPES


class SameOrder(Moving):
    """What operations share that keep all elements in row-major order, in another shape."""

    keeps_order = True
    follows_from_shapes = True

    @property
    def keeps_values(self) -> bool:
        """In the same order."""
        return True

    def rearrangement(self, x: TensorType) -> Rearrangement | None:
        """The order stays the same."""
        from ..rearrangement import Rearrangement

        return Rearrangement(x.shape, tuple(range(x.rank)))


def kept_axes(before: tuple[Size, ...], after: tuple[Size, ...]) -> tuple[int, int]:
    """How many axes stay as they are, from the front and, of the rest, from the back."""
    most = min(len(before), len(after))
    lead = 0
    while lead < most and is_same(before[lead], after[lead]):
        lead += 1
    trail = 0
    while lead + trail < most and is_same(before[-1 - trail], after[-1 - trail]):
        trail += 1
    return lead, trail


def joined_name(names: tuple[str, ...], start: int, end: int) -> str:
    """The name of the axes from ``start`` to ``end`` joined into one: a guess if all of their names are.

    They are the channels if there are no other axes, and a sequence if all of them are window axes.
    """
    joined = names[start : end + 1]
    if start == end and len(names) > 1:
        return joined[0]
    name = CHANNELS if len(joined) == len(names) else SEQUENCE if all(a in WINDOW_AXES for a in joined) else ""
    return GuessedName(name) if name and not any(map(is_known, joined)) else name


def regrouped_reads(before: tuple[Size, ...], after: tuple[Size, ...]) -> tuple[AxisRead, ...]:
    """Reads of a row-major change of shape; both shapes have as many elements.

    An axis that is divided is read block by block along the first of its parts; axes that are joined are read along
    the joint one: ``i // inner`` for the first, ``i // inner % size`` for the others. If several axes become
    several others without a common boundary, all of them are read whole.
    """
    reads: list[AxisRead] = [WHOLE] * len(before)
    lead, trail = kept_axes(before, after)
    for a in range(lead):
        reads[a] = Along(a, SAME_POSITION)
    for t in range(1, trail + 1):
        reads[-t] = Along(len(after) - t, SAME_POSITION)
    ins, outs = range(lead, len(before) - trail), range(lead, len(after) - trail)
    if not all(type(n) is int for n in (*before[ins.start : ins.stop], *after[outs.start : outs.stop])):
        return tuple(reads)
    for a in ins:
        if before[a] == 1:
            reads[a] = Fixed(0, 0)
    sized_in = [a for a in ins if before[a] != 1]
    sized_out = [a for a in outs if after[a] != 1]
    while sized_in and sized_out:
        group_in, group_out = [sized_in.pop(0)], [sized_out.pop(0)]
        p, q = before[group_in[0]], after[group_out[0]]
        while p != q:
            if p < q:
                group_in.append(sized_in.pop(0))
                p *= before[group_in[-1]]
            else:
                group_out.append(sized_out.pop(0))
                q *= after[group_out[-1]]
        if len(group_in) == 1:
            reads[group_in[0]] = _divided(group_out, after)
        elif len(group_out) == 1:
            for a, read in zip(group_in, _joined(group_in, before, group_out[0]), strict=True):
                reads[a] = read
    return tuple(reads)


def _divided(parts: list[int], sizes: tuple[int, ...]) -> AxisRead:
    block = math.prod(sizes[a] for a in parts[1:])
    return Along(parts[0], ReadPattern(block, (range(block),))) if block <= MAX_ROWS else WHOLE


def _joined(axes: list[int], sizes: tuple[int, ...], out: int) -> list[AxisRead]:
    reads: list[AxisRead] = []
    inner = math.prod(sizes[a] for a in axes)
    for i, a in enumerate(axes):
        n, period = sizes[a], inner
        inner //= n
        if i == 0:
            reads.append(Along(out, ReadPattern(1, ((0,),) * inner)) if inner <= MAX_ROWS else WHOLE)
        else:
            rows = tuple((r // inner,) for r in range(period)) if period <= MAX_ROWS else ()
            reads.append(Along(out, ReadPattern(0, rows)) if rows else WHOLE)
    return reads
