"""The parts of sizes that depend on named dimensions: terms, which are products of atoms with coefficients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol, TypeAlias


class Formula(Protocol):
    """The argument of a floor: a :class:`~netspec.shapes.dims.Dim`."""

    @property
    def terms(self) -> Terms:
        """Its terms."""
        ...

    @property
    def atoms(self) -> int:
        """Number of names in it, including those in all floors."""
        ...

    @property
    def value(self) -> int:
        """The number at the defaults of the names."""
        ...

    def at(self, values: Mapping[str, int]) -> int:
        """Returns the number at values of its names."""
        ...

    def mentions(self) -> Iterator[str]:
        """Yields the names in it."""
        ...


class Floor(NamedTuple):
    """An atom: the floor of a sum over a positive integer."""

    top: Formula
    by: int


class Least(NamedTuple):
    """An atom: the minimum of a size and a number. It is no polynomial, so that conditions on it are not solved."""

    top: Formula
    most: int
    kind: str = "min"
    """Distinguishes it from a :class:`Floor`, as tuples are equal by their items."""


class Share(NamedTuple):
    """An atom: a dimension declared as a multiple of a number, divided by that number."""

    name: str
    step: int


Atom: TypeAlias = str | Share | Floor | Least
Product: TypeAlias = tuple[Atom, ...]
Terms: TypeAlias = dict[Product, int]
"""Integer coefficients by products of atoms; the empty product represents 1. No coefficient is 0."""
