"""Finds an expression over known columns that reproduces the values of a column.

Columns may be equal by chance, so an expression needs evidence: three different values, or two for relations that are
common by design.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...blocks import ABSENT
from .copy_runs import typed_value
from .kinds import CHANNELS, SIZES

EVIDENCE = 3
"""Minimum number of different values in a column to be explained by an expression with a factor."""
BASES = 12
"""Maximum number of columns that the search considers."""
PARTS = (1, 2, 3, 4, 6, 8, 16)
"""Divisors of numbers of channels, as used in squeeze-and-excitation."""
LARGEST_RATIO = 16
"""Largest ratio of the channels within a block to those of its input."""


@dataclass(eq=False)
class Base:
    """A known column: a parameter, or a size of an input."""

    name: str
    values: tuple[Any, ...]
    kind: str
    of_input: bool = False


def matches(column: Sequence[Any], values: Sequence[Any]) -> bool:
    """Whether a column equals ``values`` at all positions where it is not ABSENT."""
    return all(
        a is ABSENT or (b is not ABSENT and typed_value(a) == typed_value(b))
        for a, b in zip(column, values, strict=True)
    )


def distinct(column: Sequence[Any]) -> int:
    """Returns the number of different values in a column, without ABSENT."""
    return len({typed_value(value) for value in column if value is not ABSENT})


def pairs(column: Sequence[Any], base: Sequence[Any]) -> list[tuple[int, int]] | None:
    """Pairs the values of two columns, skipping ABSENT in the first; None unless all are positive integers."""
    out: list[tuple[int, int]] = []
    for a, b in zip(column, base, strict=True):
        if a is ABSENT:
            continue
        if type(a) is not int or type(b) is not int or a <= 0 or b <= 0:
            return None
        out.append((a, b))
    return out


def factor(column: Sequence[Any], base: Sequence[Any]) -> str | None:
    """Returns ``4 * {}`` or ``{} // 4``, with ``{}`` for the base, if the column is such a multiple; else None."""
    matching = pairs(column, base)
    if not matching:
        return None
    a, b = matching[0]
    if a % b == 0 and a > b and all(x == y * (a // b) for x, y in matching):
        return f"{a // b} * {{}}"
    if b % a == 0 and b > a and all(x * (b // a) == y for x, y in matching):
        return f"{{}} // {b // a}"
    return None


def product_of(column: Sequence[Any], bases: Sequence[Base]) -> str | None:
    """Returns a product or quotient of two bases that equals the column, or None."""
    for p, q in itertools.combinations(bases, 2):
        matching = pairs(p.values, q.values)
        if matching is None or len(matching) != len(column):
            continue
        if matches(column, [a * b for a, b in matching]):
            return f"{p.name} * {q.name}"
        if matches(column, [a // b if a % b == 0 else ABSENT for a, b in matching]):
            return f"{p.name} // {q.name}"
        if matches(column, [b // a if b % a == 0 else ABSENT for a, b in matching]):
            return f"{q.name} // {p.name}"
    return None


def expression_for(column: Sequence[Any], kind: str, bases: Sequence[Base]) -> str | None:
    """Returns the simplest expression over some bases that equals a column, or None."""
    if kind not in (CHANNELS, SIZES):
        return None
    usable = [base for base in bases if base.kind in (CHANNELS, SIZES)][:BASES]
    count = distinct(column)
    for base in usable:
        if count >= 2 and base.kind == CHANNELS and matches(column, base.values):
            return base.name
    for base in usable:
        if count >= 2 and base.kind == kind and matches(column, base.values):
            return base.name
    if count < EVIDENCE:
        return None
    for base in usable:
        if matches(column, base.values):
            return base.name
    for base in usable:
        if (template := factor(column, base.values)) is not None:
            return template.format(base.name)
    return product_of(column, usable) or square_of(column, usable) or rounded(column, usable)


def square_of(column: Sequence[Any], bases: Sequence[Base]) -> str | None:
    """Returns the square of a base or of a fraction of it (windows of a square image), or None."""
    roots: list[Any] = []
    for value in column:
        root = math.isqrt(value) if type(value) is int and value > 0 else 0
        if value is not ABSENT and (not root or root**2 != value):
            return None
        roots.append(root if value is not ABSENT else ABSENT)
    for base in bases:
        template = "{}" if matches(roots, base.values) else factor(roots, base.values)
        if template is not None:
            return f"({template.format(base.name)}) ** 2" if template != "{}" else f"{base.name} ** 2"
    return None


def rounded(column: Sequence[Any], bases: Sequence[Base]) -> str | None:
    """Returns a fraction of a base rounded to a multiple of 8, as MobileNet rounds widths, or None."""
    if distinct(column) <= EVIDENCE:
        return None
    for base in bases:
        matching = pairs(column, base.values) or []
        for part in PARTS:
            exact = sum(a * part == b for a, b in matching)
            if 2 * exact >= len(matching) > 0 and all(a == max(8, (b // part + 4) // 8 * 8) for a, b in matching):
                return f"divisible({base.name} // {part}, 8)" if part > 1 else f"divisible({base.name}, 8)"
    return None


def ratio_to(column: Sequence[Any], base: Base) -> tuple[Any, ...] | None:
    """Returns the ratios of a column to an input size if they are few small integers, else None."""
    matching = pairs(column, base.values)
    if not matching or any(a % b for a, b in matching):
        return None
    ratios = {a // b for a, b in matching}
    if len(ratios) < 2 or 2 * len(ratios) > distinct(column) or max(ratios) > LARGEST_RATIO:
        return None
    return tuple(a if a is ABSENT else a // b for a, b in zip(column, base.values, strict=True))
