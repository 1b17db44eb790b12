"""Sizes that are known only at run time: integer polynomials over the names of dimensions, and floors of them.

A :class:`Dim` takes the place of an integer in the rules of operations and in expressions. It supports ``+``, ``-``,
``*``, and ``//`` and ``%`` by a positive integer; all of these are exact. Without :class:`Least` it is a
quasi-polynomial of its names: a polynomial on each residue class of a period, for all integers. This is what makes
equality decidable and legal sizes computable (:mod:`netspec.analysis.legal_sizes`).

The form is canonical for sums, products and nested floors, so that nearly all sizes that are always equal are equal as
objects: under a floor each coefficient has the least magnitude, and ``floor((a + floor(p / j)) / k)`` is
``floor((j*a + p) / (j*k))``.

This module is imported only for a spec that uses a name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import gcd
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from .dim_atoms import Atom, Floor, Least, Product, Share, Terms
from .dim_text import formula
from .shape_error import MakeError, ShapeError

if TYPE_CHECKING:
    _Number: TypeAlias = int  # to type checkers every size is an int: rules use nothing of it that a Dim lacks
else:
    _Number = object


TERMS = 400
DEGREE = 12
ATOMS = 2_000
"""Limits of a size: terms of a sum, factors of a product, and names in it with those in all floors."""


class DimLimitError(ShapeError):
    """NS593: the formula of a size is too long."""


class Names(Protocol):
    """The named dimensions of a network: :class:`~netspec.shapes.named_sizes.NamedSizes`."""

    @property
    def defaults(self) -> Mapping[str, int]:
        """The defaults by name."""
        ...

    @property
    def least(self) -> Mapping[str, int]:
        """The minimum declared sizes by name."""
        ...

    @property
    def greatest(self) -> Mapping[str, int] | None:
        """The maximum declared sizes by name; None if none is declared."""
        ...

    def number(self, size: Dim) -> int:
        """Returns the number of a size, if an expression requires a number."""
        ...

    def is_zero(self, size: Dim) -> bool:
        """Whether an expression treats a size as false."""
        ...

    def compare(self, sign: str, a: Dim, b: float) -> bool:
        """Whether a size and a number satisfy a comparison."""
        ...

    def require(self, kind: Literal["=", ">="], difference: Dim, error: MakeError) -> None:
        """Requires a condition."""
        ...

    def decide(self, kind: Literal["=", ">="], difference: Dim) -> bool:
        """Whether a difference is 0, or not negative, at the defaults."""
        ...

    def known(self, size: Dim, error: MakeError) -> int:
        """Returns the number of a size, if a rule requires a number."""
        ...


class Dim(_Number):
    """A size that depends on the named dimensions of a network.

    Arithmetic returns an ``int`` where the names cancel. Comparisons, ``/``, ``**``, rounding and conversions to a
    number follow the value at the defaults of the names, and are recorded as conditions
    (:class:`~netspec.shapes.named_sizes.NamedSizes`). ``==`` compares formulas.
    """

    __slots__ = ("_atoms", "_hash", "_text", "_value", "names", "terms")

    _atoms: int | None
    _hash: int | None
    _text: str | None
    _value: int | None
    names: Names
    """The named dimensions to which it belongs."""
    terms: Terms

    @staticmethod
    def of(terms: Terms, names: Names) -> Dim:
        """Returns the size with these terms, at least one of which is not constant."""
        dim = object.__new__(Dim)
        dim.terms = terms
        dim.names = names
        dim._atoms = dim._hash = dim._text = dim._value = None
        return dim

    # -- arithmetic --------------------------------------------------------------------------------------------------
    def __add__(self, other: int) -> int:
        terms = dict(self.terms)
        if isinstance(other, Dim):
            for product, c in other.terms.items():
                total = terms.get(product, 0) + c
                if total:
                    terms[product] = total
                else:
                    del terms[product]
        elif type(other) is int:
            total = terms.get((), 0) + other
            if total:
                terms[()] = total
            else:
                terms.pop((), None)
        else:
            return self.names.number(self) + other
        return _size(terms, self.names)

    __radd__ = __add__

    def __neg__(self) -> int:
        return Dim.of({product: -c for product, c in self.terms.items()}, self.names)

    def __sub__(self, other: int) -> int:
        return self + (-other)

    def __rsub__(self, other: int) -> int:
        return -self + other

    def __mul__(self, other: int) -> int:
        if isinstance(other, Dim):
            return _size(_multiplied(self.terms, other.terms), self.names)
        if type(other) is int:
            return Dim.of({product: c * other for product, c in self.terms.items()}, self.names) if other else 0
        return self.names.number(self) * other

    __rmul__ = __mul__

    def __floordiv__(self, divisor: int) -> int:
        if isinstance(divisor, Dim):
            quotient = self.divided(divisor)
            return quotient if quotient is not None else self // divisor.names.number(divisor)
        if type(divisor) is not int:
            return self.names.number(self) // divisor
        if divisor < 0:
            return -self // -divisor
        if divisor == 0:
            raise ZeroDivisionError("division by zero")
        return self if divisor == 1 else _floor(self, divisor)

    def divided(self, divisor: Dim, positive: bool = False) -> int | None:
        """Returns the floor of the quotient by a nonzero product that divides every term; None for another divisor."""
        [(factors, c), *more] = divisor.terms.items()
        if more or not (positive or all(isinstance(atom, (str, Share)) for atom in factors)):
            return None
        terms: Terms = {}
        for product, coefficient in self.terms.items():
            rest = list(product)
            for atom in factors:
                if atom not in rest:
                    return None
                rest.remove(atom)
            terms[tuple(rest)] = coefficient
        return _size(terms, self.names) // c

    def __rfloordiv__(self, other: int) -> int:
        return other // self.names.number(self)

    def __mod__(self, divisor: int) -> int:
        if type(divisor) is not int and not isinstance(divisor, Dim):
            return self.names.number(self) % divisor
        return self - self // divisor * divisor

    def __rmod__(self, other: int) -> int:
        return other % self.names.number(self)

    def limited(self, most: int) -> int:
        """Returns the minimum of the size and a number."""
        return _size({(Least(self, most),): 1}, self.names)

    # -- what follows its value at the defaults, which becomes a condition -------------------------------------------
    def __truediv__(self, other: float) -> float:
        if type(other) is int and other:
            quotient = self // other
            rest = self - quotient * other
            if rest == 0 or (isinstance(rest, Dim) and rest.value == 0 and self.names.decide("=", rest)):
                return quotient
        return self.names.number(self) / (other.names.number(other) if isinstance(other, Dim) else other)

    def __rtruediv__(self, other: float) -> float:
        return other / self.names.number(self)

    def __pow__(self, other: Any, modulo: Any = None) -> Any:
        if type(other) is int and 0 < other <= DEGREE:
            power: int = self
            for _ in range(other - 1):
                power = power * self
            return power
        return self.names.number(self) ** (other.names.number(other) if isinstance(other, Dim) else other)

    def __rpow__(self, other: Any, modulo: Any = None) -> Any:
        return other ** self.names.number(self)

    def __int__(self) -> int:
        return self.names.number(self)

    __index__ = __int__

    def __floor__(self) -> int:
        return self  # it is an integer

    __ceil__ = __trunc__ = __floor__

    def __float__(self) -> float:
        return float(self.names.number(self))

    def __round__(self, digits: int | None = None) -> int:  # type: ignore[override]  # a size rounds to itself
        return self if digits is None else round(self.names.number(self), digits)

    def __abs__(self) -> int:
        return self if self >= 0 else -self

    def __bool__(self) -> bool:
        return not self.names.is_zero(self)

    def __lt__(self, other: float) -> bool:
        return self.names.compare("<", self, other)

    def __le__(self, other: float) -> bool:
        return self.names.compare("<=", self, other)

    def __gt__(self, other: float) -> bool:
        return self.names.compare(">", self, other)

    def __ge__(self, other: float) -> bool:
        return self.names.compare(">=", self, other)

    # -- identity ----------------------------------------------------------------------------------------------------
    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Dim) and self.terms == other.terms)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self.terms.items()))
        return self._hash

    # -- reading -----------------------------------------------------------------------------------------------------
    @property
    def value(self) -> int:
        """The number at the defaults of the names."""
        if self._value is None:
            self._value = self.at(self.names.defaults)
        return self._value

    @property
    def atoms(self) -> int:
        """Number of names in it, including those in all floors: a measure of its length."""
        if self._atoms is None:
            self._atoms = 1 + sum([_atoms(product) for product in self.terms])
        return self._atoms

    def at(self, values: Mapping[str, int]) -> int:
        """Returns the number at values of its names."""
        total = 0
        for product, c in self.terms.items():
            term = c
            for atom in product:
                if isinstance(atom, str):
                    term *= values[atom]
                elif isinstance(atom, Share):
                    term *= values[atom.name] // atom.step
                else:
                    top = atom.top.value if values is self.names.defaults else atom.top.at(values)
                    term *= top // atom.by if isinstance(atom, Floor) else min(top, atom.most)
            total += term
        return total

    def substitute(self, values: Mapping[str, int]) -> int:
        """Returns the size with numbers for some names."""
        total: int = 0
        for product, c in self.terms.items():
            term: int = c
            for atom in product:
                term = term * self._substitute(atom, values)
            total = total + term
        return total

    def _substitute(self, atom: Atom, values: Mapping[str, int]) -> int:
        if isinstance(atom, (Floor, Least)):
            top = Dim.of(atom.top.terms, self.names).substitute(values)
            if isinstance(atom, Floor):
                return top // atom.by
            return top.limited(atom.most) if isinstance(top, Dim) else min(top, atom.most)
        name, step = (atom.name, atom.step) if isinstance(atom, Share) else (atom, 1)
        return values[name] // step if name in values else Dim.of({(atom,): 1}, self.names)

    def mentions(self) -> Iterator[str]:
        """Yields the names in it, once per occurrence."""
        for product in self.terms:
            for atom in product:
                if isinstance(atom, str):
                    yield atom
                elif isinstance(atom, Share):
                    yield atom.name
                else:
                    yield from atom.top.mentions()

    def __repr__(self) -> str:
        if self._text is None:
            self._text = formula(self)
        return self._text

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec.replace(",", "").replace("d", ""))


def _atoms(product: Product) -> int:
    return sum([1 + atom.top.atoms if isinstance(atom, (Floor, Least)) else 1 for atom in product])


def _size(terms: Terms, names: Names) -> int:
    """Returns the size with these terms, or a number if they are constant. Raises DimLimitError if it is too long."""
    if not terms:
        return 0
    if len(terms) == 1 and () in terms:
        return terms[()]
    dim = Dim.of(terms, names)
    if len(terms) > TERMS or dim.atoms > ATOMS or max(map(len, terms)) > DEGREE:
        message = f"a size is a formula of {len(terms)} terms in the named dimensions"
        help = "write the size with fewer names, or give one a number in the shape of the input"
        raise DimLimitError("NS593", message, help=help)
    return dim


def _multiplied(a: Terms, b: Terms) -> Terms:
    """Returns the terms of a product."""
    terms: Terms = {}
    for p, c in a.items():
        for q, d in b.items():
            product = tuple(sorted(p + q, key=repr)) if p and q else p + q
            terms[product] = terms.get(product, 0) + c * d
    return {product: c for product, c in terms.items() if c}


def _floor(size: Dim, k: int) -> int:
    """Returns the floor of a size over an integer above 1, in canonical form."""
    whole: Terms = {}
    rest: Terms = {}
    for product, c in size.terms.items():
        q, r = divmod(c, k)
        if product and (2 * r > k or (2 * r == k and c < 0)):  # of least magnitude; a tie keeps its sign
            q, r = q + 1, r - k
        if q:
            whole[product] = q
        if r:
            rest[product] = r
    names = size.names
    base = _size(whole, names)
    constant = rest.pop((), 0)
    if not rest:
        return base
    g = gcd(k, *rest.values())
    rest = {product: c // g for product, c in rest.items()}
    constant, k = constant // g, k // g
    if k == 1:
        return Dim.of(rest, names) + (constant + base)
    for product, c in rest.items():
        atom = product[0]
        if len(product) == 1 and isinstance(atom, Floor) and abs(c) == 1:
            # floor((a + floor(p / j)) / k) = floor((j*a + p) / (j*k)); -floor(p / j) = floor((-p + j - 1) / j)
            others = _size({other: d for other, d in rest.items() if other != product}, names) + constant
            top: int = Dim.of(atom.top.terms, names)
            if c == -1:
                top = -top + (atom.by - 1)
            return (others * atom.by + top) // (atom.by * k) + base
    sign = 1
    if max(rest.items(), key=lambda term: (abs(term[1]), repr(term[0])))[1] < 0:
        # floor(-x / k) = -floor((x + k - 1) / k): the leading coefficient is positive
        sign, rest, constant = -1, {product: -c for product, c in rest.items()}, k - 1 - constant
    more, constant = divmod(constant, k)
    if constant:
        rest[()] = constant
    return Dim.of({(Floor(Dim.of(rest, names), k),): sign}, names) + (base + sign * more)
