"""Converts a floating-point scale of sizes to a fraction."""

from __future__ import annotations

from fractions import Fraction


def fraction_of_scale(by: float) -> Fraction | None:
    """The fraction p / q for which n * p // q is the product n * ``by`` in floating point, rounded down, for every n.

    None if there is none of at most 2 ** 20 parts: where n * p / q is an integer m, the product is less than m if
    ``by`` is less than p / q by more than half of the distance of m to the number before it, which is at least
    2 ** -54 of m.
    """
    exact = Fraction(by)
    near = exact.limit_denominator(1 << 20)
    return near if near and -(2**-54) <= (exact - near) / near <= 2**-52 else None
