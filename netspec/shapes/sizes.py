"""Sizes of axes, and the operations that shape rules may use on them.

A size is an integer. Rules add, subtract and multiply sizes and divide them by a positive integer with ``//``. For
everything else they use the functions below; they never compare two sizes themselves. A size whose number is unknown
can therefore take the place of an integer without a change to any rule (``tests/shapes/test_sizes.py`` runs every
rule that way): the functions below accept what is not an integer unchecked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from ..diagnostics import Error

Size: TypeAlias = int


class ShapeError(Error):
    """The shapes of the inputs do not fit an operation, or each other.

    Args:
        code: diagnostic code, ``NS5xx``.
        message: what must hold and the actual values, with names beside them. The layer and its location are added by
            the caller.
        at: the sizes concerned, as pairs (number of the input, axis); their history is reported.
        help: how to correct it, if the rule knows.
        naming: the message with these names of the inputs, if it names inputs.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        at: Sequence[tuple[int, int]] = (),
        help: str | None = None,
        naming: Callable[[Sequence[str]], str] | None = None,
    ) -> None:
        super().__init__(code, message, help)
        self.at = tuple(at)
        self.naming = naming


MakeError: TypeAlias = Callable[[], ShapeError]
"""Makes the error to raise if a condition does not hold."""


def _are_known(*sizes: object) -> bool:
    return all(type(s) is int for s in sizes)


def require_at_least(size: Size, least: Size, error: MakeError) -> Size:
    """The size. Raises the error if it is less than ``least``."""
    if _are_known(size, least) and size < least:
        raise error()
    return size


def is_same(a: Size, b: Size) -> bool:
    """Whether two sizes are known to be the same. For finding axes that are unchanged, never for an order."""
    return a is b or (_are_known(a, b) and a == b)


def require_equal(a: Size, b: Size, error: MakeError) -> Size:
    """The common value of two sizes. Raises the error if they differ."""
    if _are_known(a, b) and a != b:
        raise error()
    return a


def broadcast(a: Size, b: Size, error: MakeError) -> Size:
    """The size of two axes broadcast as in NumPy. Raises the error if they differ and neither is 1."""
    if type(a) is int and a == 1:
        return b
    if type(b) is int and b == 1:
        return a
    return require_equal(a, b, error)


def exact_div(a: Size, k: int, error: MakeError) -> Size:
    """``a // k``. Raises the error if k does not divide a."""
    q = a // k
    require_equal(a, q * k, error)
    return q


def ceil_div(a: Size, k: int) -> Size:
    """``a / k`` rounded up."""
    return -(-a // k)


def scale(a: Size, by: float) -> Size:
    """``a * by`` rounded down: for an integer in double precision as in PyTorch, otherwise by the nearest fraction."""
    if type(a) is int:
        return math.floor(a * by)
    from fractions import Fraction

    fraction = Fraction(by).limit_denominator(1 << 20)
    return a * fraction.numerator // fraction.denominator


def minimum(a: Size, b: Size) -> Size:
    """The smaller of two sizes."""
    return b if _are_known(a, b) and b < a else a


def maximum(a: Size, b: Size) -> Size:
    """The larger of two sizes."""
    return b if _are_known(a, b) and b > a else a


def require_known(size: Size, error: MakeError) -> int:
    """The size as an integer, for weights, groups and counts. Raises the error if it is not one."""
    if type(size) is int:
        return size
    raise error()


def product(sizes: Iterable[Size]) -> Size:
    """The product of sizes; 1 for none."""
    result = 1
    for size in sizes:
        result = result * size
    return result
