"""Lower and upper bounds of sizes that depend on named dimensions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from netspec.shapes.dim_atoms import Atom, Floor, Formula, Least, Share

if TYPE_CHECKING:
    from netspec.shapes.named_sizes import NamedDim

Bounds: TypeAlias = tuple[float, float]
"""The lower and upper bound, which may be infinite."""


def bounds(size: Formula, dims: Mapping[str, NamedDim]) -> Bounds:
    """Returns bounds of a size for all permitted values of the names. They need not be tight."""
    low, high = 0.0, 0.0
    for product, c in size.terms.items():
        term: Bounds = (1, 1)
        for atom in product:
            term = _times(term, _atom(atom, dims))
        term = _times(term, (c, c))
        low, high = low + term[0], high + term[1]
    return low, high


def _atom(atom: Atom, dims: Mapping[str, NamedDim]) -> Bounds:
    if isinstance(atom, Floor):
        low, high = bounds(atom.top, dims)
        return low if math.isinf(low) else low // atom.by, high if math.isinf(high) else high // atom.by
    if isinstance(atom, Least):
        low, high = bounds(atom.top, dims)
        return min(low, atom.most), min(high, atom.most)
    step = atom.step if isinstance(atom, Share) else 1
    dim = dims[atom.name if isinstance(atom, Share) else atom]
    return max(-(-dim.min // step), 1), math.inf if dim.max is None else dim.max // step


def _times(a: Bounds, b: Bounds) -> Bounds:
    products = [x * y if x and y else 0.0 for x in a for y in b]
    return min(products), max(products)
