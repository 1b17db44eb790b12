"""How far a value sees along one axis: arithmetic of intervals that move with the position.

The first and the last input position that output position j sees are sums of a line and a periodic part, so one
period is all that is stored. An ordinary network has period 1; a stride undone by a transposed convolution or an
upsampling gives a longer one. Composition and union keep the form exactly (Araujo, Norris & Sim 2019, "Computing
receptive fields of convolutional neural networks", have the case of period 1).
"""

from collections.abc import Iterable
from math import gcd, lcm
from typing import Literal, NamedTuple, TypeAlias

from ..shapes.reads import Taps

MAX_PERIOD = 4096
"""Longer periods are not followed (an upsampling by 4096 has one)."""


class Reach(NamedTuple):
    """One period of the first and last position seen: ``j = q * period + r`` sees ``low[r] + q * step`` to
    ``high[r] + q * step``. None in both: such a position sees nothing.
    """

    step: int
    low: tuple[int | None, ...]
    high: tuple[int | None, ...]

    @property
    def period(self) -> int:
        """Output positions until the pattern repeats."""
        return len(self.low)

    def at(self, j: int) -> tuple[int, int] | None:
        """First and last position that position j sees; None where it sees nothing."""
        q, r = divmod(j, len(self.low))
        low, high = self.low[r], self.high[r]
        return None if low is None or high is None else (low + q * self.step, high + q * self.step)

    def sizes(self, n: int) -> tuple[int, int]:
        """Least and greatest size over the n positions that there are."""
        found = [
            0 if low is None or high is None else high - low + 1
            for low, high in zip(self.low[:n], self.high[:n], strict=True)
        ]
        return min(found), max(found)


START = Reach(1, (0,), (0,))
"""What an input sees of itself."""

Unfollowed: TypeAlias = Literal["varies"]
"""No period exists, or it is too long."""


def still(low: int, high: int) -> Reach:
    """The same interval wherever the position is."""
    return Reach(0, (low,), (high,))


def through(x: Reach, t: Taps) -> Reach | Unfollowed:
    """The reach of a value that reads ``x`` by taps: every position sees all that its taps see."""
    count, p = len(t.rows), x.period
    if p == 1 and count == 1:
        row = t.rows[0]
        low, high = x.low[0], x.high[0]
        if low is None or high is None or not row:
            return Reach(x.step * t.step, (None,), (None,))
        return Reach(x.step * t.step, (low + row[0] * x.step,), (high + row[-1] * x.step,))
    turns = p // gcd(t.step, p)
    if turns * count > MAX_PERIOD:
        return "varies"
    lows: list[int | None] = []
    highs: list[int | None] = []
    # Where both ends only ever move right the outermost taps decide. Otherwise the first and last p taps do: among
    # them is every phase that the row meets, at its leftmost and rightmost.
    k = 1 if _monotone(x) else p
    for q in range(turns):
        at = q * t.step
        for row in t.rows:
            near = [y for o in row[:k] if (y := x.at(at + o)) is not None]
            far = [y for o in row[-k:] if (y := x.at(at + o)) is not None]
            lows.append(min((y[0] for y in near), default=None))
            highs.append(max((y[1] for y in far), default=None))
    return _shortest(Reach(x.step * t.step * turns // p, tuple(lows), tuple(highs)))


def between(x: Reach, first: int, last: int) -> Reach | None:
    """What the positions from ``first`` to ``last`` see together, as an interval that stays; None for nothing."""
    p = x.period
    return _hull([x.at(j) for j in range(first, min(last, first + p - 1) + 1)],
                 [x.at(j) for j in range(max(first, last - p + 1), last + 1)])


def _hull(near: Iterable[tuple[int, int] | None], far: Iterable[tuple[int, int] | None]) -> Reach | None:
    low = min((y[0] for y in near if y is not None), default=None)
    high = max((y[1] for y in far if y is not None), default=None)
    return None if low is None or high is None else still(low, high)


def union(a: Reach, b: Reach) -> Reach | Unfollowed:
    """The reach of a value that sees both at the same position; ``varies`` where they move at different rates."""
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
    return _shortest(Reach(step, tuple(lows), tuple(highs)))


def _monotone(x: Reach) -> bool:
    if None in x.low:
        return False
    for ends in (x.low, x.high):
        known = [e for e in ends if e is not None]
        if any(b < a for a, b in zip(known, (*known[1:], known[0] + x.step), strict=True)):
            return False
    return True


def _shortest(x: Reach) -> Reach:
    """The same reach with its least period."""
    p = x.period
    for d in range(1, p // 2 + 1):
        if p % d == 0 and x.step % (p // d) == 0:
            step = x.step // (p // d)
            if all(_moved(x, j, d, step * (j // d)) for j in range(d, p)):
                return Reach(step, x.low[:d], x.high[:d])
    return x


def _moved(x: Reach, j: int, d: int, by: int) -> bool:
    """Whether position j sees what the one it is like in the first d positions sees, that far on."""
    low, high, low0, high0 = x.low[j], x.high[j], x.low[j % d], x.high[j % d]
    if low is None or high is None or low0 is None or high0 is None:
        return low is low0
    return low - low0 == by and high - high0 == by
