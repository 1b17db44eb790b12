"""Intervals of input positions that depend periodically on the output position.

The first and the last input position that output position j depends on are sums of a linear and a periodic part, so
storing one period is enough. Ordinary networks have period 1; a stride undone by a transposed convolution or an
upsampling gives a longer one. Composition and union are exact (Araujo, Norris & Sim 2019, "Computing receptive fields
of convolutional neural networks", treat period 1).
"""

from collections.abc import Callable, Iterable, Sequence
from math import gcd, lcm
from typing import Literal, NamedTuple, TypeAlias

from ..shapes.reads import ReadPattern

MAX_PERIOD = 4096
"""Longest period that is tracked (an upsampling by 4096 has one of this length)."""
_SHORT = 16
"""Maximum number of positions to compare one by one."""


class PeriodicInterval(NamedTuple):
    """One period: position ``j = q * period + r`` depends on ``low[r] + q * step`` to ``high[r] + q * step``.

    If both are None, the position depends on nothing.
    """

    step: int
    low: tuple[int | None, ...]
    high: tuple[int | None, ...]

    @property
    def period(self) -> int:
        """Number of output positions after which the pattern repeats."""
        return len(self.low)

    def at(self, j: int) -> tuple[int, int] | None:
        """Returns the first and last input position that position j depends on; None if it depends on nothing."""
        q, r = divmod(j, len(self.low))
        low, high = self.low[r], self.high[r]
        return None if low is None or high is None else (low + q * self.step, high + q * self.step)

    def sizes(self, n: int) -> tuple[int, int]:
        """Returns the minimum and maximum length over the first n positions."""
        lengths = [
            0 if low is None or high is None else high - low + 1
            for low, high in zip(self.low[:n], self.high[:n], strict=True)
        ]
        return min(lengths), max(lengths)


IDENTITY = PeriodicInterval(1, (0,), (0,))
"""Each position depends only on itself."""

Untracked: TypeAlias = Literal["varies"]
"""There is no period, or it is too long."""


def constant(low: int, high: int) -> PeriodicInterval:
    """Returns an interval that is the same for every position."""
    return PeriodicInterval(0, (low,), (high,))


def compose(x: PeriodicInterval, t: ReadPattern) -> PeriodicInterval | Untracked:
    """Returns the interval of a value that reads ``x`` at these taps: the hull of the intervals of the taps."""
    count, p = len(t.rows), x.period
    if p == 1 and count == 1:
        row = t.rows[0]
        low, high = x.low[0], x.high[0]
        if low is None or high is None or not row:
            return PeriodicInterval(x.step * t.step, (None,), (None,))
        return PeriodicInterval(x.step * t.step, (low + row[0] * x.step,), (high + row[-1] * x.step,))
    repeats = p // gcd(t.step, p)
    if repeats * count > MAX_PERIOD:
        return "varies"
    lows: list[int | None] = []
    highs: list[int | None] = []
    least, greatest = _Windows(x.low, x.step, min), _Windows(x.high, x.step, max)
    # If both ends only ever move right, the outermost taps decide. Otherwise the first and last p taps of a range do:
    # they include every phase that it meets, at its leftmost and rightmost.
    monotone = _is_monotone(x)
    for q in range(repeats):
        at = q * t.step
        for row in t.rows:
            k = 1 if monotone else p if isinstance(row, range) else len(row)
            lows.append(least.extreme(at, row[:k]))
            highs.append(greatest.extreme(at, row[-k:]))
    return _reduced(PeriodicInterval(x.step * t.step * repeats // p, tuple(lows), tuple(highs)))


def compose_steps(x: PeriodicInterval, t: ReadPattern) -> int:
    """Returns the cost of :func:`compose`: positions of a period of ``x``, per level of windows, and the result."""
    count, p = len(t.rows), x.period
    if p == 1 and count == 1:
        return 1
    positions = p // gcd(t.step, p) * count
    return p * p.bit_length() + positions if positions <= MAX_PERIOD else 1


class _Windows:
    """Minimum or maximum of one end of an interval over equidistant positions.

    Short windows are compared position by position. For longer ones, level s has the extreme of 2^s positions from
    each position of one period; any window is covered by two of these, which may overlap.
    """

    def __init__(self, ends: Sequence[int | None], step: int, extreme: Callable[[Iterable[int]], int]) -> None:
        self._step = step
        self._extreme = extreme
        self._ends = ends
        self._levels: dict[int, list[Sequence[int | None]]] = {}
        """Levels by the distance of the positions."""

    def extreme(self, at: int, row: Sequence[int]) -> int | None:
        """Returns the extreme over the positions ``at + t`` for t in ``row``; None if all of them depend on nothing."""
        if not isinstance(row, range) or len(row) <= _SHORT:
            return self._of(self._at(self._ends, at + t) for t in row)
        distance, level = row.step, len(row).bit_length() - 1
        levels = self._levels.setdefault(distance, [self._ends])
        while len(levels) <= level:
            last, reach = levels[-1], distance << (len(levels) - 1)
            levels.append([self._of((self._at(last, j), self._at(last, j + reach))) for j in range(len(last))])
        start = at + row.start
        rest = distance * (len(row) - (1 << level))
        return self._of((self._at(levels[level], start), self._at(levels[level], start + rest)))

    def _at(self, ends: Sequence[int | None], j: int) -> int | None:
        q, r = divmod(j, len(ends))
        end = ends[r]
        return None if end is None else end + q * self._step

    def _of(self, ends: Iterable[int | None]) -> int | None:
        known = [end for end in ends if end is not None]
        return self._extreme(known) if known else None


def hull(x: PeriodicInterval, first: int, last: int) -> PeriodicInterval | None:
    """Returns the union of the intervals of positions ``first`` to ``last``; None if they depend on nothing."""
    p = x.period
    return _hull(
        [x.at(j) for j in range(first, min(last, first + p - 1) + 1)],
        [x.at(j) for j in range(max(first, last - p + 1), last + 1)],
    )


def _hull(near: Iterable[tuple[int, int] | None], far: Iterable[tuple[int, int] | None]) -> PeriodicInterval | None:
    low = min((y[0] for y in near if y is not None), default=None)
    high = max((y[1] for y in far if y is not None), default=None)
    return None if low is None or high is None else constant(low, high)


def union(a: PeriodicInterval, b: PeriodicInterval) -> PeriodicInterval | Untracked:
    """Returns the hull of both at each position; ``varies`` if they move at different rates."""
    if a is b or a == b:
        return a
    p = lcm(a.period, b.period)
    step = a.step * (p // a.period)
    if p > MAX_PERIOD or step != b.step * (p // b.period):
        return "varies"
    lows: list[int | None] = []
    highs: list[int | None] = []
    for j in range(p):
        ends = [y for y in (a.at(j), b.at(j)) if y is not None]
        lows.append(min((y[0] for y in ends), default=None))
        highs.append(max((y[1] for y in ends), default=None))
    return _reduced(PeriodicInterval(step, tuple(lows), tuple(highs)))


def _is_monotone(x: PeriodicInterval) -> bool:
    """Whether neither end moves left from one position to the next."""
    if None in x.low:
        return False
    for ends in (x.low, x.high):
        known = [e for e in ends if e is not None]
        if any(b < a for a, b in zip(known, (*known[1:], known[0] + x.step), strict=True)):
            return False
    return True


def _reduced(x: PeriodicInterval) -> PeriodicInterval:
    """Returns the same interval with its smallest period."""
    p = x.period
    for d in range(1, p // 2 + 1):
        if p % d == 0 and x.step % (p // d) == 0:
            step = x.step // (p // d)
            if all(_is_shifted(x, j, d, step * (j // d)) for j in range(d, p)):
                return PeriodicInterval(step, x.low[:d], x.high[:d])
    return x


def _is_shifted(x: PeriodicInterval, j: int, d: int, by: int) -> bool:
    """Whether the interval at position j is the one at ``j % d``, shifted."""
    low, high, low0, high0 = x.low[j], x.high[j], x.low[j % d], x.high[j % d]
    if low is None or high is None or low0 is None or high0 is None:
        return low is low0
    return low - low0 == by and high - high0 == by
