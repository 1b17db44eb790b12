"""Joint requirements on several named dimensions, and sizes that violate them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from math import gcd, prod
from random import Random

from ..shapes.dim_atoms import Floor, Terms
from ..shapes.dims import Dim
from ..shapes.named_sizes import NamedDim
from .legal_sizes import Requirement
from .size_set import SizeSet

COMBINATIONS = 4_096
"""Maximum number of combinations of sizes to try."""
ENDS = 6
"""Number of sizes of each dimension to try at either end of its set."""
LARGE = (1_000, 100_003)
"""Large sizes to try for a dimension without a maximum; the nearest legal ones are used."""


def promised_sizes(dim: NamedDim) -> SizeSet:
    """Returns the sizes that the spec declares for a dimension."""
    step = dim.multiple_of
    first = -(-dim.min // step) * step
    return SizeSet(step, {0: (first, None if dim.max is None else dim.max // step * step)})


def counterexample(requirement: Requirement, sets: Mapping[str, SizeSet]) -> dict[str, int] | None:
    """Returns a size for each name, from its set, that together violate a requirement; None if no tried sizes do."""
    names = list(dict.fromkeys(requirement.difference.mentions()))
    for sizes in _combinations([_candidates(sets[name]) for name in names]):
        values = dict(zip(names, sizes, strict=True))
        if not requirement.holds(values):
            return values
    return None


def _candidates(sizes: SizeSet) -> list[int]:
    """Returns the smallest sizes, and the largest or some large ones."""
    candidates = set(islice(sizes.sizes(), ENDS))
    last = sizes.greatest
    if last is None:
        candidates |= {near for n in LARGE for near in sizes.nearest(n)}
    else:
        for _ in range(ENDS):
            candidates.add(last)
            last = min(sizes.nearest(last - 1), default=last)
    return sorted(candidates)


def _combinations(candidates: Sequence[Sequence[int]]) -> Iterator[tuple[int, ...]]:
    """Yields all combinations if there are few; otherwise the smallest, the largest, and some random ones."""
    if prod(map(len, candidates)) <= COMBINATIONS:
        yield from product(*candidates)
    elif all(candidates):
        yield tuple([sizes[0] for sizes in candidates])
        yield tuple([sizes[-1] for sizes in candidates])
        random = Random(0)
        for _ in range(COMBINATIONS):
            yield tuple([random.choice(sizes) for sizes in candidates])


def equation(requirement: Requirement) -> str:
    """Returns a requirement as text with positive terms: ``H//16 = 2*(H//32)``, ``H*W is a multiple of 4``."""
    d = requirement.difference
    g = gcd(*d.terms.values()) if requirement.kind == "=" else 1
    terms = {factors: c // g for factors, c in d.terms.items()}
    if requirement.kind == "=" and (divided := _divided(terms)) is not None:
        size, by = divided
        return f"{_side(size, d)} is a multiple of {by}"
    left = {factors: c for factors, c in terms.items() if c > 0}
    right = {factors: -c for factors, c in terms.items() if c < 0}
    sign = {"=": "=", ">=": ">=", "!=": "is not"}[requirement.kind]
    if requirement.kind == ">=" and list(left) == [()]:
        left, right, sign = right, left, "<="
    elif requirement.kind != ">=" and (list(left) == [()] or len(left) < len(right)):
        left, right = right, left
    return f"{_side(left, d)} {sign} {_side(right, d)}"


def _divided(terms: Terms) -> tuple[Terms, int] | None:
    """Returns p and k for ``p - k*(p//k)``, or the same with ``(p + j)//k``; None for anything else."""
    for factors, c in terms.items():
        floor = factors[0] if len(factors) == 1 else None
        if isinstance(floor, Floor) and abs(c) == floor.by:
            sign = 1 if c < 0 else -1
            size = {p: sign * n for p, n in terms.items() if p != factors}
            if size in (floor.top.terms, {p: n for p, n in floor.top.terms.items() if p}):
                return size, floor.by
    return None


def _side(terms: Terms, of: Dim) -> str:
    if not terms:
        return "0"
    if list(terms) == [()]:
        return f"{terms[()]:,}"
    return str(Dim.of(terms, of.names))
