"""Writes sizes that depend on named dimensions as formulas: ``(H - 1)//2 + 1``, ``H//4*W``."""

from __future__ import annotations

from collections.abc import Mapping
from math import gcd
from typing import Any

from .dim_atoms import Atom, Floor, Formula, Least, Product, Share


def formula(size: Formula, names: Mapping[str, str] | None = None) -> str:
    """Returns the formula of a size, products first.

    Args:
        size: the size.
        names: the text for each named dimension; by default its name.
    """
    return _Writer(names or {}).sum(size)


def _order(product: Product) -> Any:
    """Returns a sort key: products with more factors first, then those with smaller divisors."""
    return -len(product), [atom.by if isinstance(atom, Floor) else 0 for atom in product], repr(product)


class _Writer:
    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def sum(self, size: Formula) -> str:
        text = ""
        for product, c in sorted(size.terms.items(), key=lambda term: _order(term[0])):
            term = self._term(product, abs(c))
            if text:
                text += (" - " if c < 0 else " + ") + term
            elif c > 0:
                text = term
            else:
                text = f"-({term})" if "//" in term and len(product) == 1 and c == -1 else f"-{term}"
        return text

    def _term(self, product: Product, c: int) -> str:
        """Returns a product with a positive coefficient, distributed over the dimensions that are multiples."""
        factors: list[str] = []
        for atom in product:
            if isinstance(atom, Share):
                g = gcd(c, atom.step)
                c //= g
                name = self._name(atom.name)
                factors.append(name if g == atom.step else f"{name}//{atom.step // g}")
            else:
                factors.append(self._atom(atom))
        if c != 1 or not factors:
            factors.insert(0, str(c))
        if len(factors) == 1:
            return factors[0]
        return "*".join(f"({factor})" if "//" in factor else factor for factor in factors)

    def _atom(self, atom: Atom) -> str:
        if isinstance(atom, Floor):
            (first, c), *more = atom.top.terms.items()
            if not more and c == 1 and len(first) == 1 and isinstance(first[0], Share):
                return f"{self._name(first[0].name)}//{first[0].step * atom.by}"
            top = self.sum(atom.top)
            return f"{top}//{atom.by}" if top.isidentifier() else f"({top})//{atom.by}"
        if isinstance(atom, Least):
            return f"min({self.sum(atom.top)}, {atom.most})"
        assert isinstance(atom, str)
        return self._name(atom)

    def _name(self, name: str) -> str:
        return self._names.get(name, name)
