"""Sizes of axes, and the operations that shape rules may use on them.

A size is an integer, or a :class:`~netspec.shapes.dims.Dim`, which depends on the named dimensions of the network.
Rules add, subtract and multiply sizes and divide them by a positive integer with ``//``. For everything else they use
the functions below; they never compare two sizes themselves (``tests/shapes/test_sizes.py`` runs every rule over sizes
that cannot be compared). The functions decide what is known, and record the rest as a condition on the names.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeGuard

from .shape_error import MakeError

if TYPE_CHECKING:
    from .dims import Dim

Size: TypeAlias = int
"""An integer or a ``Dim``, which is one to type checkers."""


def is_named(size: Any) -> TypeGuard[Dim]:
    """Whether a value is a size that depends on named dimensions."""
    return hasattr(size, "terms")


def at_default(size: Size) -> int:
    """Returns the number of a size at the defaults of the named dimensions."""
    return size.value if is_named(size) else size


def _ask(kind: Literal["=", ">="], difference: Size, error: MakeError) -> None:
    """Raise the error unless a difference is 0 (``=``) or not negative; record it if that depends on the names."""
    if is_named(difference):
        difference.names.require(kind, difference, error)
    elif difference < 0 or (kind == "=" and difference):
        raise error()


def require_at_least(size: Size, least: Size, error: MakeError) -> Size:
    """Returns the size. Raises the error if it is less than ``least``."""
    if type(size) is int and type(least) is int:
        if size < least:
            raise error()
    else:
        _ask(">=", size - least, error)
    return size


def is_same(a: Size, b: Size) -> bool:
    """Whether two sizes are the same for all values of the names. Used to find unchanged axes."""
    if type(a) is int and type(b) is int:
        return a == b
    return a is b or (type(difference := a - b) is int and difference == 0)


def equals(a: Size, b: Size) -> bool:
    """Whether two sizes are equal; if that depends on the names, the defaults decide, as a condition."""
    difference = a - b
    return difference.names.decide("=", difference) if is_named(difference) else difference == 0


def require_equal(a: Size, b: Size, error: MakeError) -> Size:
    """Returns the common value of two sizes, in its shorter form. Raises the error if they differ."""
    if type(a) is int and type(b) is int:
        if a != b:
            raise error()
        return a
    if a is b:
        return a
    _ask("=", a - b, error)
    return b if _length(b) < _length(a) else a


def _length(size: Size) -> int:
    return size.atoms if is_named(size) else 0


def broadcast(a: Size, b: Size, error: MakeError) -> Size:
    """Returns the size of two axes broadcast as in NumPy. Raises the error if they differ and neither is 1.

    A size that depends on the names is 1 if it is 1 at the defaults, and the other is not.
    """
    if type(a) is int and a == 1:
        return b
    if type(b) is int and b == 1:
        return a
    for size, other in ((a, b), (b, a)):
        if is_named(size) and size.value == 1 and (other.value if is_named(other) else other) != 1:
            _ask("=", size - 1, error)
            return other
    return require_equal(a, b, error)


def exact_div(a: Size, k: int, error: MakeError) -> Size:
    """Returns ``a / k``. Raises the error if k, which is positive, does not divide a."""
    if at_default(k) == 0:  # earlier sizes are wrong, too
        raise error()
    quotient = a.divided(k, positive=True) if is_named(a) and is_named(k) else None
    q = a // k if quotient is None else quotient
    require_equal(a, q * k, error)
    return q


def ceil_div(a: Size, k: int) -> Size:
    """Returns ``a / k`` rounded up."""
    return -(-a // k)


def scale(a: Size, by: float, error: MakeError) -> Size:
    """Returns ``a * by`` rounded down in double precision, as in PyTorch; raises the error if no formula gives that."""
    if type(a) is int:
        return math.floor(a * by)
    from .scale_fraction import fraction_of_scale

    if (fraction := fraction_of_scale(by)) is None:
        raise error()
    return a * fraction.numerator // fraction.denominator


def minimum(a: Size, b: Size) -> Size:
    """Returns the smaller of two sizes. If it depends on names, the defaults decide, and that becomes a condition."""
    if type(a) is int and type(b) is int:
        return min(a, b)
    if is_named(a - b):
        if type(b) is int and is_named(a):
            return a.limited(b)
        if type(a) is int and is_named(b):
            return b.limited(a)
    return a if a - b <= 0 else b


def maximum(a: Size, b: Size) -> Size:
    """Returns the larger of two sizes; otherwise like :func:`minimum`."""
    return max(a, b) if type(a) is int and type(b) is int else -minimum(-a, -b)


def require_known(size: Size, error: MakeError) -> int:
    """Returns an integer size, for weights, groups and counts. Raises the error if it depends on names."""
    return size.names.known(size, error) if is_named(size) else size


def product(sizes: Iterable[Size]) -> Size:
    """Returns the product of sizes; 1 for none."""
    result = 1
    for size in sizes:
        result = result * size
    return result
