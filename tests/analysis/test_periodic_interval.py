"""Intervals of windows, hulls and unions, compared with the enumeration of all positions that they are made of."""

from __future__ import annotations

import random
from itertools import product

import pytest

from netspec.analysis.periodic_interval import PeriodicInterval, compose, hull, union
from netspec.shapes.reads import ReadPattern, transposed_reads, window_reads

Interval = tuple[int, int] | None
POSITIONS = range(-30, 31)


def enclosing(intervals: list[Interval]) -> Interval:
    """The least interval that contains all others; None if there are none."""
    known = [i for i in intervals if i is not None]
    return (min(low for low, _ in known), max(high for _, high in known)) if known else None


def taps(t: ReadPattern, j: int) -> list[int]:
    """The positions that position j reads."""
    q, r = divmod(j, len(t.rows))
    return [q * t.step + tap for tap in t.rows[r]]


def intervals(period: int, rng: random.Random, count: int) -> list[PeriodicInterval]:
    """Random intervals of a period: some positions depend on nothing, some ends move left."""
    out: list[PeriodicInterval] = []
    for _ in range(count):
        lows: list[int | None] = [rng.randint(-9, 9) if rng.random() < 0.85 else None for _ in range(period)]
        highs = [None if low is None else low + rng.randint(0, 6) for low in lows]
        out.append(PeriodicInterval(rng.randint(0, 12), tuple(lows), tuple(highs)))
    return out


def assert_composed(x: PeriodicInterval, t: ReadPattern) -> None:
    """Every position of the composition is the hull of what its taps depend on."""
    y = compose(x, t)
    assert not isinstance(y, str)
    for j in POSITIONS:
        assert y.at(j) == enclosing([x.at(tap) for tap in taps(t, j)]), (x, t, j)


SMALL = [PeriodicInterval(1, (0,), (0,)), PeriodicInterval(2, (-1,), (3,)), PeriodicInterval(1, (0, 0), (0, 1))]


@pytest.mark.parametrize("x", SMALL)
def test_every_small_window(x: PeriodicInterval) -> None:
    for size, stride, dilation, before in product(range(1, 6), range(1, 4), range(1, 4), range(3)):
        assert_composed(x, window_reads(size, stride, dilation, before))
        assert_composed(x, transposed_reads(size, stride, dilation, before))


@pytest.mark.parametrize("seed", range(20))
def test_random_windows_over_random_intervals(seed: int) -> None:
    rng = random.Random(seed)
    for period in (1, 2, 3, 5, 8, 12, 40):
        for x in intervals(period, rng, 4):
            size = rng.choice((1, 2, 3, 7, 15, 16, 17, 18, 31, 32, 33, 64, 90))  # with both sides of every level
            stride, dilation, before = rng.randint(1, 9), rng.randint(1, 9), rng.randint(0, 20)
            assert_composed(x, window_reads(size, stride, dilation, before))
            assert_composed(x, transposed_reads(min(size, 20), stride, dilation, before))


@pytest.mark.parametrize("seed", range(20))
def test_random_rows(seed: int) -> None:
    rng = random.Random(seed)
    for period in (1, 2, 5, 12):
        for x in intervals(period, rng, 4):
            rows = [sorted(rng.sample(range(-20, 20), rng.randint(0, 19))) for _ in range(rng.randint(1, 5))]
            assert_composed(x, ReadPattern(rng.randint(1, 7), rows))


@pytest.mark.parametrize("seed", range(20))
def test_hulls_and_unions(seed: int) -> None:
    rng = random.Random(seed)
    for period in (1, 2, 5, 12):
        for x in intervals(period, rng, 4):
            first = rng.randint(-20, 10)
            last = first + rng.randint(0, 40)
            y = hull(x, first, last)
            expected = enclosing([x.at(j) for j in range(first, last + 1)])
            assert (y.at(7) if y is not None else None) == expected, (x, first, last)
            other = intervals(rng.choice((1, 2, 3)), rng, 1)[0]
            joined = union(x, other)
            same_rate = x.step * other.period == other.step * x.period
            assert isinstance(joined, str) is not same_rate
            if not isinstance(joined, str):
                for j in POSITIONS:
                    assert joined.at(j) == enclosing([x.at(j), other.at(j)])
