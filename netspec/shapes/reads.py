"""What the positions of an output axis read of an input axis.

An axis of an input is read *along* an output axis (position j reads the positions that a :class:`Taps` names), as a
*fixed* interval whatever the position, or *whole* (``WHOLE``). From these the receptive field and the history of a
size follow; see :mod:`netspec.analysis.receptive_field`.
"""

from collections.abc import Sequence
from math import gcd
from typing import NamedTuple, TypeAlias, overload

from .types import TensorType


class Taps(NamedTuple):
    """Output position ``j = q * len(rows) + r`` reads the input positions ``q * step + t`` for t in ``rows[r]``.

    Every row is sorted; an empty row reads nothing (a transposed convolution with a stride above its kernel). Rows
    may be ranges, and made when they are asked for: a kernel or stride of a thousand million costs nothing.
    """

    step: int
    rows: Sequence[Sequence[int]]


class Along(NamedTuple):
    """The input axis is read along the output's axis of that number."""

    axis: int
    taps: Taps


class Fixed(NamedTuple):
    """The input axis is read from ``first`` to ``last``, wherever the output position is."""

    first: int
    last: int


WHOLE = None
"""All of the axis is read."""

AxisRead: TypeAlias = Along | Fixed | None
Reads: TypeAlias = tuple[tuple[AxisRead, ...] | None, ...]
"""One entry for each input: what is read of each of its axes; None for an input of which only the shape matters."""

SELF = Taps(1, ((0,),))
"""Position j reads position j."""


def window(size: int, stride: int, dilation: int, before: int) -> Taps:
    """A sliding window with that padding before the first position."""
    if type(before) is not int:  # it follows from a size that is no number, of which no range can be made
        return Taps(stride, (tuple(dilation * t - before for t in range(size)),))
    return Taps(stride, (range(-before, -before + dilation * size, dilation),))


class _TransposedRows(Sequence[Sequence[int]]):
    """Rows of a transposed window, one for each position within a stride."""

    __slots__ = ("_before", "_dilation", "_size", "_stride")

    def __init__(self, size: int, stride: int, dilation: int, before: int) -> None:
        self._size = size
        self._stride = stride
        self._dilation = dilation
        self._before = before

    def __len__(self) -> int:
        return self._stride

    @overload
    def __getitem__(self, r: int) -> range: ...
    @overload
    def __getitem__(self, r: slice) -> list[range]: ...
    def __getitem__(self, r: int | slice) -> range | list[range]:
        if isinstance(r, slice):
            return [self[i] for i in range(*r.indices(self._stride))]
        if not 0 <= r < self._stride:
            raise IndexError(r)
        # The taps t with dilation * t = r + before (mod stride) are every `turn`-th, where there are any.
        k = r + self._before
        g = gcd(self._dilation, self._stride)
        if k % g:
            return range(0)
        turn, move = self._stride // g, self._dilation // g
        t = k // g * pow(move, -1, turn) % turn
        if t >= self._size:
            return range(0)
        last = (k - self._dilation * t) // self._stride
        return range(last - (self._size - 1 - t) // turn * move, last + 1, move)


def transposed(size: int, stride: int, dilation: int, before: int) -> Taps:
    """A transposed window: output j reads input i where ``j = stride * i - before + dilation * t``."""
    return Taps(1, _TransposedRows(size, stride, dilation, before))


def pointwise(x: TensorType, y: TensorType) -> tuple[AxisRead, ...]:
    """Position by position, broadcast as in NumPy: axes align from the right, an axis of size one is read whole."""
    shift = y.rank - x.rank
    return tuple(
        Fixed(0, 0) if type(n) is int and n == 1 and not (type(m := y.shape[a + shift]) is int and m == 1)
        else Along(a + shift, SELF)
        for a, n in enumerate(x.shape)
    )


def whole(x: TensorType) -> tuple[AxisRead, ...]:
    """Every position reads everything."""
    return (WHOLE,) * x.rank


def all_but(x: TensorType, *axes: int) -> tuple[AxisRead, ...]:
    """Position by position, but for the named axes, which are read whole and still stand in the output."""
    return tuple(WHOLE if a in axes else Along(a, SELF) for a in range(x.rank))
