"""Sizes, and the only words in which a rule speaks of them.

A size is an integer. Rules add, subtract and multiply sizes, divide them by a positive integer with ``//``, and
otherwise use the words below: they never compare two sizes themselves, so that a size whose number is not known
can take the place of an integer without a rule being touched (``tests/shapes/test_sizes.py`` runs every rule that way).
What is not an integer is taken on trust by the words here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from ..diagnostics import Error

Size: TypeAlias = int


class ShapeError(Error):
    """A rule that does not hold.

    Args:
        code: diagnostic code, ``NS5xx``.
        message: what must hold and what was found, with names beside values; layer and location are added outside.
        at: the sizes at fault, as pairs (number of the input, axis); their history is shown.
        help: a way out, where the rule knows one.
    """

    def __init__(
        self, code: str, message: str, *, at: Sequence[tuple[int, int]] = (), help: str | None = None
    ) -> None:
        super().__init__(code, message, help)
        self.at = tuple(at)


MakeError: TypeAlias = Callable[[], ShapeError]


def _known(*sizes: object) -> bool:
    return all(type(s) is int for s in sizes)


def require(size: Size, least: Size, fault: MakeError) -> Size:
    """``size`` once it is at least ``least``."""
    if _known(size, least) and size < least:
        raise fault()
    return size


def same(a: Size, b: Size) -> bool:
    """Whether two sizes are known to be one and the same (never an order; for finding axes that stay)."""
    return a is b or (_known(a, b) and a == b)


def equal(a: Size, b: Size, fault: MakeError) -> Size:
    """Either of two sizes, once they are the same."""
    if _known(a, b) and a != b:
        raise fault()
    return a


def broadcast(a: Size, b: Size, fault: MakeError) -> Size:
    """The size of two axes set against each other by NumPy's rule."""
    if type(a) is int and a == 1:
        return b
    if type(b) is int and b == 1:
        return a
    return equal(a, b, fault)


def exact_div(a: Size, k: int, fault: MakeError) -> Size:
    """``a // k`` where k must divide a."""
    q = a // k
    equal(a, q * k, fault)
    return q


def ceil_div(a: Size, k: int) -> Size:
    """``a / k`` rounded up."""
    return -(-a // k)


def scaled(a: Size, by: float) -> Size:
    """``a * by`` rounded down: in double precision for numbers, as PyTorch does, and by the nearest fraction else."""
    if type(a) is int:
        return math.floor(a * by)
    from fractions import Fraction

    fraction = Fraction(by).limit_denominator(1 << 20)
    return a * fraction.numerator // fraction.denominator


def minimum(a: Size, b: Size) -> Size:
    """The smaller of two sizes."""
    return b if _known(a, b) and b < a else a


def maximum(a: Size, b: Size) -> Size:
    """The larger of two sizes."""
    return b if _known(a, b) and b > a else a


def known(size: Size, fault: MakeError) -> int:
    """A number, where nothing else will do (weights, groups, counts)."""
    if type(size) is int:
        return size
    raise fault()


def product(sizes: Iterable[Size]) -> Size:
    """All sizes multiplied; 1 for none."""
    out = 1
    for size in sizes:
        out = out * size
    return out
