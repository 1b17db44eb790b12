"""Sets of sizes that are eventually periodic, and their text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import gcd, lcm
from typing import NamedTuple

MAX_LISTED = 12
"""Maximum number of single sizes to list in a text."""
MAX_TESTED = 100_000
"""Maximum number of sizes to test when searching for a missing one."""
SPAN = 1_000
"""Maximum range of sizes for which a text lists exceptions to a pattern."""


class SizeSet(NamedTuple):
    """Sizes ``r + step * k``: for each residue r, all from a minimum to a maximum, or unbounded."""

    step: int
    bounds: Mapping[int, tuple[int, int | None]]
    """The minimum and maximum size of each residue; None for an unbounded one."""
    excluded: frozenset[int] = frozenset()
    """Single sizes to exclude."""
    extra: frozenset[int] = frozenset()
    """Single sizes to include."""
    tested: int | None = None
    """The largest size that was tested, if the set was found by testing: larger sizes are unknown."""

    def __contains__(self, size: object) -> bool:
        if not isinstance(size, int) or size in self.excluded:
            return False
        if size in self.extra:
            return True
        low, high = self.bounds.get(size % self.step, (1, 0))
        return low <= size and (high is None or size <= high)

    @property
    def least(self) -> int | None:
        """The minimum; None if the set is empty."""
        return next(self.sizes(), None)

    @property
    def greatest(self) -> int | None:
        """The maximum; None if the set is empty or unbounded."""
        highs = [*(high for _, high in self.bounds.values()), *self.extra]
        known = [high for high in highs if high is not None]
        return max(known) if known and len(known) == len(highs) else None

    def sizes(self) -> Iterator[int]:
        """The sizes in order."""
        size = self._above(0)
        while size is not None:
            yield size
            size = self._above(size)

    def nearest(self, size: int) -> tuple[int, ...]:
        """The nearest sizes of the set below and above a size, or the size itself if the set contains it."""
        if size in self:
            return (size,)
        below = self._below(size)
        above = self._above(size)
        return tuple([n for n in (below, above) if n is not None])

    def _above(self, size: int) -> int | None:
        """The smallest larger size in the set."""
        candidates = [n for n in self.extra if n > size]
        for r, (low, high) in self.bounds.items():
            n = max(low, size + 1)
            n += (r - n) % self.step
            while n in self.excluded:
                n += self.step
            if high is None or n <= high:
                candidates.append(n)
        return min(candidates, default=None)

    def _below(self, size: int) -> int | None:
        """The largest smaller size in the set."""
        candidates = [n for n in self.extra if n < size]
        for r, (low, high) in self.bounds.items():
            n = size - 1 if high is None else min(high, size - 1)
            n -= (n - r) % self.step
            while n in self.excluded:
                n -= self.step
            if n >= low:
                candidates.append(n)
        return max(candidates, default=None)

    def first_missing(self, step: int, start: int, end: int | None) -> int | None:
        """The first multiple of ``step`` between ``start`` and ``end`` that is not in the set; None if all are."""
        lows = [low for low, _ in self.bounds.values()]
        highs = [high for _, high in self.bounds.values() if high is not None]
        regular = max([start, *lows, *highs, *self.excluded, *self.extra]) + lcm(step, self.step)
        last = min(n for n in (regular, end, self.tested, start + MAX_TESTED * step) if n is not None)
        return next((n for n in range(-(-start // step) * step, last + 1, step) if n not in self), None)

    def without(self, sizes: frozenset[int]) -> SizeSet:
        """The set without some single sizes."""
        return self._replace(excluded=self.excluded | {n for n in sizes if n in self}) if sizes else self

    def multiplied(self, by: int) -> SizeSet:
        """The set of all sizes multiplied by a number."""
        if by == 1:
            return self
        return SizeSet(
            self.step * by,
            {r * by: (low * by, None if high is None else high * by) for r, (low, high) in self.bounds.items()},
            frozenset(n * by for n in self.excluded),
            frozenset(n * by for n in self.extra),
            None if self.tested is None else self.tested * by,
        )

    def text(self, name: str = "n") -> str:
        """``188 or more``, ``multiples of 16, from 16 on``, ``from 25 on, n mod 32 in 0, 25-31``, ``224 to 255``."""
        if not self.bounds:
            text = ranges(sorted(self.extra)) or "no size"
        else:
            endless = any(high is None for _, high in self.bounds.values())
            text = self._infinite(name) if endless else self._finite(name)
            text += f", but not {ranges(sorted(self.excluded))}" if self.excluded else ""
            text += f"; and {ranges(sorted(self.extra))}" if self.extra else ""
        return text if self.tested is None else f"{text} (tested up to {self.tested})"

    def _finite(self, name: str) -> str:
        first = min(low for low, _ in self.bounds.values())
        end = max(high for _, high in self.bounds.values() if high is not None)
        if self.step == 1 or self._count() == end - first + 1:
            return f"{first} alone" if first == end else f"{first} {'or' if end == first + 1 else 'to'} {end}"
        if self._count() <= MAX_LISTED:
            return ranges(self._ended())
        return f"{self._pattern(name)} from {first} to {end}"

    def _infinite(self, name: str) -> str:
        endless = {r: low for r, (low, high) in self.bounds.items() if high is None}
        first, regular = min(endless.values()), max(endless.values())
        from_here = first if regular - first <= SPAN else regular
        if self.step == 1:
            text = f"{first} or more"
        elif len(endless) == 1:
            text = f"multiples of {self.step}, from {first} on" if first % self.step == 0 else f"{first} + {self.step}k"
        else:
            text = f"from {from_here} on, {name} mod {self.step} in {ranges(sorted(endless))}"
        missing = [n for n in range(from_here, regular) if n % self.step in endless and n < endless[n % self.step]]
        text += f", but not {ranges(missing)}" if missing else ""
        if from_here > first or self._count() > MAX_LISTED:
            return f"{text}; and some smaller ones"
        return text + (f"; and {ranges(self._ended())}" if self._count() else "")

    def _count(self) -> int:
        """The number of sizes of the bounded residues."""
        return sum((high - low) // self.step + 1 for low, high in self.bounds.values() if high is not None)

    def _ended(self) -> list[int]:
        """The sizes of the bounded residues."""
        ended = [(low, high) for low, high in self.bounds.values() if high is not None]
        return sorted([n for low, high in ended for n in range(low, high + 1, self.step)])

    def _pattern(self, name: str) -> str:
        if list(self.bounds) == [0]:
            return f"multiples of {self.step}"
        return f"{name} mod {self.step} in {ranges(sorted(self.bounds))},"


def ranges(numbers: Iterable[int]) -> str:
    """Sorted numbers as text: ``0, 17-31``."""
    runs: list[list[int]] = []
    for n in numbers:
        if runs and runs[-1][1] == n - 1:
            runs[-1][1] = n
        else:
            runs.append([n, n])
    return ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in runs)


def common_sizes(a: SizeSet, b: SizeSet, most: int) -> SizeSet | None:
    """The intersection of the bounds of two sets; None if it may have more than ``most`` residues."""
    step, shared = lcm(a.step, b.step), gcd(a.step, b.step)
    candidates: dict[int, list[int]] = {}
    for r in b.bounds:
        candidates.setdefault(r % shared, []).append(r)
    if sum(len(candidates.get(r % shared, ())) for r in a.bounds) > most:
        return None
    inverse = pow(a.step // shared, -1, b.step // shared)
    bounds: dict[int, tuple[int, int | None]] = {}
    for q, (low, high) in a.bounds.items():
        for r in candidates.get(q % shared, ()):
            residue = q + a.step * ((r - q) // shared * inverse % (b.step // shared))
            least = max(low, b.bounds[r][0])
            least += (residue - least) % step
            highs = [n for n in (high, b.bounds[r][1]) if n is not None]
            greatest = min(highs) - (min(highs) - residue) % step if highs else None
            if greatest is None or least <= greatest:
                bounds[residue] = least, greatest
    return SizeSet(step, bounds)


def simplest(
    step: int,
    bounds: Mapping[int, tuple[int, int | None]],
    excluded: frozenset[int] = frozenset(),
    extra: frozenset[int] = frozenset(),
) -> SizeSet:
    """The same set with the smallest possible step."""
    for prime in _prime_factors(step):
        while step % prime == 0 and (coarse := _coarser(step, step // prime, bounds)) is not None:
            step, bounds = step // prime, coarse
    return SizeSet(step, bounds, excluded, extra)


def _prime_factors(n: int) -> Iterator[int]:
    """The distinct prime factors of a number."""
    p = 2
    while p * p <= n:
        if n % p == 0:
            yield p
            while n % p == 0:
                n //= p
        p += 1
    if n > 1:
        yield n


def _coarser(
    step: int, s: int, bounds: Mapping[int, tuple[int, int | None]]
) -> dict[int, tuple[int, int | None]] | None:
    """The bounds modulo a divisor of the step; None if they describe another set."""
    classes: dict[int, dict[int, tuple[int, int | None]]] = {}
    for r, bound in bounds.items():
        classes.setdefault(r % s, {})[r] = bound
    coarse: dict[int, tuple[int, int | None]] = {}
    for q, members in sorted(classes.items()):
        if len(members) < step // s:
            return None
        low = min(low for low, _ in members.values())
        highs = [high for _, high in members.values() if high is not None]
        if highs and len(highs) < len(members):
            return None
        top = max(highs) if highs else None
        for r, (least, greatest) in members.items():
            if least != low + (r - low) % step or (top is not None and greatest != top - (top - r) % step):
                return None
        coarse[q] = (low, top)
    return coarse
