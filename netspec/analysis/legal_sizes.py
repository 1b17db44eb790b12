"""Legal sizes: the values of named dimensions at which a network works with the same stored weights.

The conditions of a network (:class:`~netspec.shapes.named_sizes.Condition`) are differences of sizes that must be 0,
not 0, or not negative. With the other names at their defaults, each is a quasi-polynomial of one name. A monotone one
that must not be negative holds from some size on, or up to one, which is found by bisection. Another one of degree 1
grows by the same amount in every period, so that it is solved exactly on each residue class. A ``min`` is constant, or
equal to its argument, from some size on; the sizes below are tried. What is of a higher degree is tried over a range.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import gcd, lcm
from typing import NamedTuple

from .. import limits
from ..ir import Graph
from ..shapes.dim_atoms import Atom, Floor, Formula, Least, Share, Terms
from ..shapes.dims import Dim
from ..shapes.named_sizes import Condition, NamedDim
from .size_set import SizeSet, common_sizes, simplest

PERIOD = 65_536
"""The longest period for which conditions are solved."""
MAX_TESTED = 2_048
"""Maximum number of sizes to try if the conditions cannot be solved."""

Bounds = tuple[int, int | None]


class Requirement(NamedTuple):
    """A condition on sizes."""

    kind: str
    difference: Dim

    def holds(self, values: Mapping[str, int]) -> bool:
        """Whether values of the names satisfy the requirement."""
        n = self.difference.at(values)
        return n == 0 if self.kind == "=" else n >= 0 if self.kind == ">=" else n != 0


def requirements(conditions: Iterable[Condition]) -> list[Requirement]:
    """Returns each condition once, without those that all sizes of at least 1 satisfy."""
    distinct: dict[tuple[str, Dim], None] = {}
    for condition in conditions:
        kind, d = condition.kind, condition.difference
        if kind == ">=" and _is_never_negative(d):
            continue
        if kind != ">=" and min(d.terms.items(), key=lambda term: repr(term[0]))[1] < 0:
            negated = -d
            assert isinstance(negated, Dim)
            d = negated
        distinct[kind, d] = None
    return [Requirement(kind, d) for kind, d in distinct]


def _is_never_negative(d: Dim) -> bool:
    return not has_least(d) and grows(d.terms) and d.at(d.names.least) >= 0


def grows(terms: Terms) -> bool:
    """Whether no term of a sum decreases as the names increase."""
    return all(
        c > 0 and all(not isinstance(a, (Floor, Least)) or grows(a.top.terms) for a in product)
        for product, c in terms.items()
        if product
    )


def has_least(d: Formula) -> bool:
    """Whether a size contains a ``min``."""
    return any(
        isinstance(a, Least) or (isinstance(a, Floor) and has_least(a.top)) for product in d.terms for a in product
    )


def legal_sizes(graph: Graph) -> dict[str, SizeSet]:
    """Returns the legal sizes of every named dimension of a network, with the others at their defaults."""
    asked = requirements(graph.conditions)
    return {dim.name: solve(asked, dim, graph.dims) for dim in graph.dims.values()}


def joint_requirements(graph: Graph) -> list[Requirement]:
    """Returns the requirements that involve several names."""
    return [r for r in requirements(graph.conditions) if len(set(r.difference.mentions())) > 1]


def solve(asked: Iterable[Requirement], dim: NamedDim, dims: Mapping[str, NamedDim]) -> SizeSet:
    """Returns the legal sizes of one dimension within its declared range, with the others at their defaults."""
    others = {name: d.default for name, d in dims.items() if name != dim.name}
    mine: list[Requirement] = []
    for kind, d in asked:
        if dim.name not in d.mentions():
            continue
        size = d.substitute(others)
        if isinstance(size, Dim):
            mine.append(Requirement(kind, size))
        elif not (size == 0 if kind == "=" else size >= 0 if kind == ">=" else size != 0):
            return SizeSet(1, {})
    step = dim.multiple_of
    low = -(-dim.min // step)
    high = None if dim.max is None else dim.max // step
    solution = _solved(mine, dim.name, step, (low, high))
    if solution is None:
        solution = _tested_sizes(mine, dim, (low, high))
    return solution.multiplied(step)


# -- one name -----------------------------------------------------------------------------------------------------
def _solved(asked: list[Requirement], name: str, step: int, promised: Bounds) -> SizeSet | None:
    """Returns the numbers n for which ``step * n`` satisfies all requirements; None if they cannot be computed."""
    start = 1
    low, high = promised
    tails: list[Requirement] = []
    for kind, d in asked:
        direction = _direction(d) if kind == ">=" else 0
        if direction:
            bounds = _monotone_bounds(d, name, step, is_growing=direction > 0)
            solution = _intersection((low, high), bounds) if bounds is not None else None
            if solution is None:
                return SizeSet(1, {})
            low, high = solution
            continue
        tail, valid_from = _tail(d, name, step)
        if tail is None or (isinstance(tail, Dim) and _degree(tail, name) > 1):
            return None
        start = max(start, valid_from)
        if isinstance(tail, Dim):
            tails.append(Requirement(kind, tail))
        elif not (tail == 0 if kind == "=" else tail >= 0 if kind == ">=" else tail != 0):
            return None
    if start > MAX_TESTED:
        return None
    by_period: dict[int, list[Bounds | None]] = {}
    excluded: set[int] = set()
    for kind, d in tails:
        period = _period(d, name)
        if period > PERIOD:
            return None
        residues = _bounds(kind, d, name, step, period, excluded)
        before = by_period.get(period)
        by_period[period] = residues if before is None else list(map(_intersection, before, residues))
    first = max(low, start)
    pattern = SizeSet(1, {0: (first, high)} if high is None or first <= high else {})
    for period, residues in sorted(by_period.items()):
        solved = simplest(period, {r: bound for r, bound in enumerate(residues) if bound is not None})
        common = common_sizes(pattern, solved, PERIOD)
        if common is None:
            return None
        pattern = common
    full, result = pattern.step, dict(pattern.bounds)
    single = {n for n in range(low, start) if (high is None or n <= high) and _all_hold(asked, name, step * n)}
    for n in sorted(single, reverse=True):
        if n % full in result and result[n % full][0] == n + full:
            result[n % full] = n, result[n % full][1]
            single.remove(n)
    pattern = SizeSet(full, result)
    return simplest(full, result, frozenset(n for n in excluded if n in pattern), frozenset(single))


def _direction(d: Formula) -> int:
    """Returns 1 for a size that never decreases as its names increase, -1 if it never increases, 0 if unknown."""
    directions: set[int] = set()
    for product, c in d.terms.items():
        if len(product) > 1:
            return 0
        for atom in product:
            inner = _direction(atom.top) if isinstance(atom, (Floor, Least)) else 1
            directions.add(inner if c > 0 else -inner)
    return directions.pop() if len(directions) == 1 else 0


def _monotone_bounds(d: Dim, name: str, step: int, *, is_growing: bool) -> Bounds | None:
    """Returns the numbers n for which a monotone size is not negative at ``step * n``; None if there are none."""
    low, high = 1, limits.SIZE // step + 1
    if is_growing is (d.at({name: step}) >= 0):
        return (1, None) if is_growing else None
    if (d.at({name: step * high}) >= 0) is not is_growing:
        return None if is_growing else (1, None)
    while high - low > 1:
        middle = (low + high) // 2
        if (d.at({name: step * middle}) >= 0) is is_growing:
            high = middle
        else:
            low = middle
    return (high, None) if is_growing else (1, low)


def _all_hold(asked: Iterable[Requirement], name: str, size: int) -> bool:
    return all(r.holds({name: size}) for r in asked)


def _intersection(a: Bounds | None, b: Bounds | None) -> Bounds | None:
    """Returns the intersection of two intervals; None if it is empty."""
    if a is None or b is None:
        return None
    low = max(a[0], b[0])
    high = b[1] if a[1] is None else a[1] if b[1] is None else min(a[1], b[1])
    return None if high is not None and low > high else (low, high)


def _bounds(kind: str, d: Dim, name: str, step: int, period: int, excluded: set[int]) -> list[Bounds | None]:
    """Returns for each residue the interval in which a condition of degree 1 holds; collects single exceptions."""
    bounds: list[Bounds | None] = []
    slope = d.at({name: step * period}) - d.at({name: 0})
    for r in range(period):
        first = d.at({name: step * r})  # and first + slope * k at r + period * k
        zero = r - first // slope * period if slope and first % slope == 0 else None
        if kind == ">=":
            if slope > 0:
                bounds.append((max(r - first // slope * period, 1), None))
            elif slope < 0:
                high = r + first // -slope * period
                bounds.append((1, high) if high > 0 else None)
            else:
                bounds.append((1, None) if first >= 0 else None)
        elif kind == "=":
            is_solved = zero is not None and zero > 0 if slope else first == 0
            bounds.append(((zero, zero) if zero is not None else (1, None)) if is_solved else None)
        else:
            bounds.append((1, None) if slope or first else None)
            if zero is not None and zero > 0:
                excluded.add(zero)
    return bounds


def _tested_sizes(asked: list[Requirement], dim: NamedDim, promised: Bounds) -> SizeSet:
    """Returns the numbers whose multiples satisfy all requirements, by trying a limited range."""
    low, high = promised
    most = min(max(4 * dim.default, 512) // dim.multiple_of, low + MAX_TESTED)
    end = most if high is None else min(high, most)
    legal = [n for n in range(low, end + 1) if _all_hold(asked, dim.name, dim.multiple_of * n)]
    default = dim.default // dim.multiple_of
    beyond = frozenset([default] if default > end and _all_hold(asked, dim.name, dim.default) else [])
    if not legal:
        return SizeSet(1, {}, extra=beyond, tested=end)
    missing = frozenset(range(legal[0], legal[-1])) - set(legal)
    return SizeSet(1, {0: (legal[0], legal[-1])}, missing, beyond, tested=end if end == most else None)


# -- quasi-polynomials ------------------------------------------------------------------------------------------------
def _tail(d: Formula, name: str, step: int) -> tuple[int | Dim | None, int]:
    """Returns a size without ``min`` and the number from which both agree; None if there is no such number."""
    if not has_least(d):
        return d if isinstance(d, Dim) else None, 1
    total: int | Dim = 0
    start = 1
    assert isinstance(d, Dim)
    for product, c in d.terms.items():
        term: int | Dim = c
        for atom in product:
            if isinstance(atom, (Floor, Least)):
                top, valid_from = _tail(atom.top, name, step)
                if top is None:
                    return None, 1
                if isinstance(atom, Floor):
                    factor: int | Dim = top // atom.by
                else:
                    factor, here = _least_tail(top, atom.most, name, step)
                    valid_from = max(valid_from, here)
                start = max(start, valid_from)
            else:
                factor = Dim.of({(atom,): 1}, d.names)
            term = term * factor
        total = total + term
    return total, start


def _least_tail(top: int | Dim, most: int, name: str, step: int) -> tuple[int | Dim, int]:
    """Returns the smaller of a size and a number for large arguments, and the number from which this holds."""
    if not isinstance(top, Dim):
        return min(top, most), 1
    period = _period(top, name)
    slope = top.at({name: step * period}) - top.at({name: 0})
    if slope == 0 or period > MAX_TESTED or _degree(top, name) > 1:
        return top.limited(most), MAX_TESTED + 1
    distance = max([abs(most - top.at({name: step * r})) for r in range(period)])
    # After this number of periods the size is above the number in every residue class, or below it.
    return (most if slope > 0 else top), (distance // abs(slope) + 2) * period


def _rate(d: Formula, name: str) -> tuple[int, int]:
    """Returns the growth of a sum without products of the name, as a fraction, per step of the name."""
    top, bottom = 0, 1
    for product, c in d.terms.items():
        for atom in product:
            if isinstance(atom, Floor):
                p, q = _rate(atom.top, name)
                q *= atom.by
            elif isinstance(atom, Least):
                p, q = 0, 1
            else:
                p, q = int(name == (atom.name if isinstance(atom, Share) else atom)), 1
            if p:
                top, bottom = top * q + p * c * bottom, bottom * q
                g = gcd(top, bottom)
                top, bottom = top // g, bottom // g
    return top, bottom


def _period(d: Formula, name: str) -> int:
    """Returns a number of steps of the name after which every floor has grown by an integer."""
    period = 1
    for product in d.terms:
        for atom in product:
            if isinstance(atom, Floor):
                p, q = _rate(atom.top, name)
                q *= atom.by
                inner = _period(atom.top, name)
                period = lcm(period, inner, q // gcd(q, p) if p else 1)
    return period


def _degree(d: Formula, name: str) -> int:
    """Returns the highest power of the name."""
    return max([sum([_has(atom, name) for atom in product]) for product in d.terms], default=0)


def _has(atom: Atom, name: str) -> bool:
    """Whether an atom depends on the name."""
    if isinstance(atom, (Floor, Least)):
        return name in atom.top.mentions()
    return name == (atom.name if isinstance(atom, Share) else atom)
