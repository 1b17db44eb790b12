"""The input positions read by the positions of an output axis.

An axis of an input is read *along* an output axis (each position reads those that a :class:`ReadPattern` lists), as a
*fixed* interval at every output position, or as a *whole* (``WHOLE``). The receptive field and the history of a
size are derived from these; see :mod:`netspec.analysis`.
"""

from collections.abc import Callable, Sequence
from math import gcd
from typing import NamedTuple, TypeAlias, overload

from .types import TensorType


class ReadPattern(NamedTuple):
    """Output position ``j = q * len(rows) + r`` reads the input positions ``q * step + t`` for t in ``rows[r]``.

    Every row is sorted. An empty row reads nothing (a transposed convolution whose stride exceeds its kernel). Rows
    may be ranges that are computed on access, so a kernel or stride of a billion costs nothing.
    """

    step: int
    rows: Sequence[Sequence[int]]


class Along(NamedTuple):
    """The input axis is read along the output axis with that number."""

    axis: int
    pattern: ReadPattern


class Fixed(NamedTuple):
    """The input axis is read from ``first`` to ``last`` (inclusive) at every output position."""

    first: int
    last: int


WHOLE = None
"""The whole axis is read."""

AxisRead: TypeAlias = Along | Fixed | None
Reads: TypeAlias = tuple[tuple[AxisRead, ...] | None, ...]
"""For each input, how each of its axes is read; None for an input of which only the shape is used."""


class ComputedRows(Sequence[Sequence[int]]):
    """Rows that are computed on access.

    Args:
        count: number of rows.
        row: the row of a number from 0.
    """

    __slots__ = ("_count", "_row")

    def __init__(self, count: int, row: Callable[[int], Sequence[int]]) -> None:
        self._count = count
        self._row = row

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, r: int) -> Sequence[int]: ...
    @overload
    def __getitem__(self, r: slice) -> list[Sequence[int]]: ...
    def __getitem__(self, r: int | slice) -> Sequence[int] | list[Sequence[int]]:
        if isinstance(r, slice):
            return [self._row(i) for i in range(*r.indices(self._count))]
        if not 0 <= r < self._count:
            raise IndexError(r)
        return self._row(r)


def equal_rows(count: int, row: Sequence[int]) -> Sequence[Sequence[int]]:
    """Returns ``count`` copies of a row."""
    return ComputedRows(count, lambda _: row)


SAME_POSITION = ReadPattern(1, ((0,),))
"""Position j reads position j."""


def window_reads(size: int, stride: int, dilation: int, before: int) -> ReadPattern:
    """Returns the pattern of a sliding window with ``before`` positions of padding at the start."""
    if type(before) is not int:  # derived from a size that is not a number, so a range is impossible
        return ReadPattern(stride, (tuple(dilation * t - before for t in range(size)),))
    return ReadPattern(stride, (range(-before, -before + dilation * size, dilation),))


def transposed_reads(size: int, stride: int, dilation: int, before: int) -> ReadPattern:
    """Returns the pattern of a transposed window: output j reads input i if ``j = stride * i - before + dilation * t``.

    It has one row for each position within a stride.
    """

    def row(r: int) -> range:
        # The kernel positions t with dilation * t = r + before (mod stride) are every `period`-th, if there are any.
        k = r + before
        g = gcd(dilation, stride)
        if k % g:
            return range(0)
        period, move = stride // g, dilation // g
        t = k // g * pow(move, -1, period) % period
        if t >= size:
            return range(0)
        last = (k - dilation * t) // stride
        return range(last - (size - 1 - t) // period * move, last + 1, move)

    return ReadPattern(1, ComputedRows(stride, row))


def pointwise_reads(x: TensorType, y: TensorType) -> tuple[AxisRead, ...]:
    """Reads position by position, broadcast as in NumPy: axes are aligned from the right, size 1 is repeated."""
    shift = y.rank - x.rank
    return tuple(
        Fixed(0, 0)
        if type(n) is int and n == 1 and not (type(m := y.shape[a + shift]) is int and m == 1)
        else Along(a + shift, SAME_POSITION)
        for a, n in enumerate(x.shape)
    )


def whole_reads(x: TensorType) -> tuple[AxisRead, ...]:
    """Reads the whole input at every output position."""
    return (WHOLE,) * x.rank


def reads_except(x: TensorType, *axes: int) -> tuple[AxisRead, ...]:
    """Reads position by position, except for these axes, which are read whole and stay in the output."""
    return tuple(WHOLE if a in axes else Along(a, SAME_POSITION) for a in range(x.rank))
