"""Finds the shortest expression for a run-time size over the sizes of the inputs of a ``forward``.

A size is searched as an axis of an input, an axis with a number (``n - 1``, ``n // 7``, ``(n + 6) // 7``, ``-n % 7``),
a product of two axes, or otherwise term by term. Every candidate is compared with the size symbolically, so that it is
correct for all values of the named dimensions.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import TypeAlias

from netspec.shapes.dim_atoms import Atom, Floor, Least, Product, Share
from netspec.shapes.dims import Dim
from netspec.shapes.sizes import Size, minimum

from ..syntax.expression_trees import (
    PRECEDENCE,
    Binary,
    Call,
    Expression,
    InputSize,
    Literal,
    Name,
    Unary,
    binary,
    call,
    precedence,
)

Axis: TypeAlias = tuple[InputSize, Dim]
"""The placeholder for an axis, and its size."""
FAR = 1 << 40
"""A value for all names at which the ratio of two sizes is close to its limit."""
LONGEST = 4_096
"""Largest divisor that is tried."""
SAMPLES = 512
"""Maximum number of sizes that are tried to determine a quotient; candidates are then verified symbolically."""


class SizeExpressions:
    """Expressions over some axes.

    Args:
        axes: the axes whose sizes depend on named dimensions.
    """

    def __init__(self, axes: Sequence[Axis]) -> None:
        self.axes = axes
        self._known: dict[Size, Expression | None] = {}

    def find(self, size: Size) -> Expression | None:
        """Returns the expression for a size, or None if it cannot be computed from the axes."""
        if not isinstance(size, Dim):
            return Literal(size)
        if size not in self._known:
            searches: tuple[Callable[[Dim], Expression | None], ...] = (
                self._axis,
                self._shifted,
                self._scaled,
                self._quotient,
                self._remainder,
                self._of_two,
                self._rest,
                self._sum,
            )
            self._known[size] = next(
                (expression for search in searches if (expression := search(size)) is not None), None
            )
        return self._known[size]

    # -- one axis -------------------------------------------------------------------------------------------------
    def _axis(self, size: Dim) -> Expression | None:
        return next((place for place, n in self.axes if n == size), None)

    def _shifted(self, size: Dim) -> Expression | None:
        for place, n in self.axes:
            more = size - n
            if not isinstance(more, Dim):
                return plus(place, more)
        return None

    def _scaled(self, size: Dim) -> Expression | None:
        for place, n in self.axes:
            scale = ratio(size, n)
            if scale is not None:
                return times(place, scale)
        return None

    def _quotient(self, size: Dim) -> Expression | None:
        """``(n + c) // k``."""
        for place, n in self.axes:
            divided = quotient(size, n)
            if divided is not None:
                return binary(plus(place, divided[0]), "//", Literal(divided[1]))
        return None

    def _remainder(self, size: Dim) -> Expression | None:
        """``n % k``, ``-n % k``."""
        for k in sorted(set(map(abs, numbers(size)))):
            for place, n in self.axes if 1 < k <= LONGEST else ():
                if n % k == size:
                    return binary(place, "%", Literal(k))
                if -n % k == size:
                    return binary(Unary("-", place), "%", Literal(k))
        return None

    # -- several axes ---------------------------------------------------------------------------------------------
    def _of_two(self, size: Dim) -> Expression | None:
        for i, (place, n) in enumerate(self.axes):
            for other, m in self.axes[i:]:
                product = n * m
                scale = ratio(size, product) if isinstance(product, Dim) else None
                if scale is not None:
                    return times(binary(place, "*", other), scale)
        return None

    def _rest(self, size: Dim) -> Expression | None:
        """Returns the sum of an axis and the expression for the rest, which has fewer terms."""
        for place, n in self.axes:
            rest = size - n
            if isinstance(rest, Dim) and len(rest.terms) < len(size.terms):
                more = self.find(rest)
                if isinstance(more, Binary) and precedence(more) == PRECEDENCE["+"]:
                    return Binary(place, (("+", more.first), *more.rest))
                if more is not None:
                    return binary(place, "+", more)
        return None

    def _sum(self, size: Dim) -> Expression | None:
        out: Expression | None = None
        for product, c in sorted(size.terms.items(), key=lambda term: (term[1] < 0, -len(term[0]), repr(term[0]))):
            term = self._term(product, c if out is None and c != -1 else abs(c), size)
            if term is None:
                return None
            if out is None:
                out = Unary("-", term) if c == -1 else term
                continue
            out = binary(out, "+" if c > 0 else "-", term)
        return out

    def _term(self, product: Product, c: int, size: Dim) -> Expression | None:
        out: Expression | None = Literal(c) if c != 1 or not product else None
        for atom in product:
            single = Dim.of({(atom,): 1}, size.names)
            factor = self._atom(atom) if single == size else self.find(single)
            if factor is None:
                return None
            out = factor if out is None else binary(out, "*", factor)
        return out

    def _atom(self, atom: Atom) -> Expression | None:
        """Returns the expression of an atom in terms of its parts."""
        if isinstance(atom, (str, Share)):
            return None
        assert isinstance(atom.top, Dim)
        top = self.find(atom.top)
        if top is None:
            return None
        return binary(top, "//", Literal(atom.by)) if isinstance(atom, Floor) else call("min", top, Literal(atom.most))


def value(expression: Expression, axes: Sequence[Axis]) -> Size:
    """Evaluates an expression symbolically for axes of these sizes."""
    match expression:
        case Literal(int() as number):
            return number
        case InputSize():
            return next(n for place, n in axes if place == expression)
        case Unary("-", operand):
            return -value(operand, axes)
        case Binary(first, rest):
            size = value(first, axes)
            for sign, operand in rest:
                size = OPERATORS[sign](size, value(operand, axes))
            return size
        case Call(Name("min"), (first, Literal(int() as most))):
            return minimum(value(first, axes), most)
        case _:
            raise TypeError(f"no size: {expression!r}")


OPERATORS: dict[str, Callable[[Size, Size], Size]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": lambda a, b: a // b,
    "%": operator.mod,
}


# -- numbers ------------------------------------------------------------------------------------------------------
def ratio(size: Dim, other: Dim) -> Fraction | None:
    """Returns the ratio of two sizes if it is an integer, or one over an integer; else None."""
    if size.terms.keys() != other.terms.keys():
        return None
    product, c = next(iter(size.terms.items()))
    scale = Fraction(c, other.terms[product])
    if 1 not in (scale.numerator, scale.denominator):
        return None
    return scale if all(d == scale * other.terms[p] for p, d in size.terms.items()) else None


def quotient(size: Dim, n: Dim) -> tuple[int, int] | None:
    """Returns c and k such that a size equals ``(n + c) // k``, with c = 0 if possible, or else close to 0."""
    names = set(size.mentions())
    if names != set(n.mentions()):
        return None
    far = size.at(dict.fromkeys(names, FAR))
    k = round(Fraction(n.at(dict.fromkeys(names, FAR)), far)) if far > 0 else 0
    if not 1 < k <= LONGEST:
        return None
    low, high = -FAR, FAR
    span = 2 * max(k, *map(abs, numbers(size)))
    for shift in range(0, span, -(-span // SAMPLES)):  # floor((n + c) / k) = s for c from s * k - n on, k numbers
        values = dict.fromkeys(names, FAR + shift)
        least = size.at(values) * k - n.at(values)
        low, high = max(low, least), min(high, least + k - 1)
        if low > high:
            return None
    c = min(range(low, high + 1), key=abs)
    return (c, k) if (n + c) // k == size else None


def numbers(size: Dim) -> Iterator[int]:
    """Yields all numbers in a formula."""
    for product, c in size.terms.items():
        yield c
        for atom in product:
            if isinstance(atom, (Floor, Least)):
                if isinstance(atom, Floor):
                    yield atom.by
                assert isinstance(atom.top, Dim)
                yield from numbers(atom.top)


# -- expressions --------------------------------------------------------------------------------------------------
def plus(place: Expression, number: int) -> Expression:
    """Adds a number to an expression."""
    if number == 0:
        return place
    return binary(place, "+" if number > 0 else "-", Literal(abs(number)))


def times(place: Expression, scale: Fraction) -> Expression:
    """Multiplies an expression by a factor."""
    if scale < 0:
        return Unary("-", times(place, -scale))
    if scale.denominator > 1:
        return binary(place, "//", Literal(scale.denominator))
    return binary(place, "*", Literal(scale.numerator)) if scale.numerator > 1 else place
