"""Nodes that compute sizes from the shapes of the inputs, for networks with named dimensions.

Each size is computed once. These nodes come first in the graph, because they depend only on its inputs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from math import gcd
from typing import TYPE_CHECKING, cast

from netspec.shapes.dim_atoms import Atom, Floor, Least, Share, Terms
from netspec.shapes.sizes import is_named

from .size_bounds import bounds
from .value_info import Attribute, GraphValue
from .value_info import Dim as Size

if TYPE_CHECKING:
    from netspec.shapes.dims import Dim

    from .emitter import Emitter

SHAPE_OF_AXES_SINCE = 15
"""The first operator set whose ``Shape`` supports a range of axes."""

LONGEST_NAME = 60
"""Maximum length of a formula in a name; longer formulas are numbered."""


class RuntimeSizes:
    """Computes sizes that depend on named dimensions, as int64 values.

    Args:
        emitter: the ONNX graph.
        axes: the values and axes that have given sizes; by default those of the graph's inputs.
    """

    def __init__(self, emitter: Emitter, axes: Mapping[Dim, tuple[str, int]] | None = None) -> None:
        self._emitter = emitter
        self._vectors: dict[Dim, GraphValue] = {}
        self._scalars: dict[Dim, GraphValue] = {}
        self._lists: dict[tuple[int, ...], GraphValue] = {}
        self._constants: dict[tuple[int, ...], GraphValue] = {}
        self._shapes: dict[str, GraphValue] = {}
        self.tables: dict[tuple[object, ...], GraphValue] = {}
        """Tables that rules compute from sizes, by what they depend on."""
        self._axes: dict[Dim, tuple[str, int]] = {}
        """For each size of an input, the first input and axis that have it."""
        if axes is not None:
            self._axes |= axes
            return
        graph = emitter.graph
        for name, number in graph.inputs.items():
            for axis, n in enumerate(graph.values[number].shape):
                if is_named(n):
                    self._axes.setdefault(n, (name, axis))

    def vector(self, size: Dim) -> GraphValue:
        """The size as a vector of one element."""
        value = self._vectors.get(size)
        if value is None:
            value = self._vectors[size] = self._computed(size)
        return value

    def scalar(self, size: Dim) -> GraphValue:
        """The size as a scalar."""
        value = self._scalars.get(size)
        if value is None:
            vector = self.vector(size)
            value = self._scalars[size] = self.add("Squeeze", [vector], f"{vector.name}/scalar", ())
        return value

    def list(self, numbers: Sequence[int]) -> GraphValue:
        """A vector of numbers and sizes."""
        key = tuple(numbers)
        value = self._lists.get(key)
        if value is None:
            value = self._lists[key] = self._joined(key)
        return value

    def _joined(self, numbers: tuple[int, ...]) -> GraphValue:
        parts: list[GraphValue] = []
        start = 0
        for end, n in enumerate((*numbers, None)):
            if n is not None and not is_named(n):
                continue
            if start < end:
                parts.append(self.constant(numbers[start:end]))
            if n is not None:
                parts.append(self.vector(n))
            start = end + 1
        return parts[0] if len(parts) == 1 else self.add("Concat", parts, "sizes/list", (len(numbers),), axis=0)

    # -- arithmetic --------------------------------------------------------------------------------------------------
    def _computed(self, size: Dim) -> GraphValue:
        """Adds the node of a size after those of its parts."""
        if size in self._axes:
            return self._axis(*self._axes[size], _name(size))
        if len(size.terms) > 1:
            return self._sum(size)
        ((product, c),) = size.terms.items()
        if c < 0:
            return self._named("Neg", size, self.vector(_part(size, {product: -c})))
        *others, atom = product
        if others:
            return self._named("Mul", size, self._product(size, others, c), self._product(size, [atom], 1))
        if isinstance(atom, Share):
            return self._share(size, atom, c)
        if c > 1:
            return self._named("Mul", size, self._product(size, [atom], 1), self.constant((c,)))
        if isinstance(atom, Floor):
            return self._floor(size, atom)
        assert isinstance(atom, Least), f"no input has the size '{size}'"
        return self._named("Min", size, self._top(size, atom), self.constant((atom.most,)))

    def _sum(self, size: Dim) -> GraphValue:
        """Adds terms one by one: a positive one first, a constant last."""
        terms = sorted(size.terms.items(), key=lambda term: (not term[0], term[1] < 0))
        so_far: Terms = {}
        total: GraphValue | None = None
        for product, c in terms:
            so_far[product] = c
            part = _part(size, dict(so_far))
            if total is None:
                total = self.constant((c,)) if not product else self.vector(part)
                continue
            known = self._vectors.get(part)
            if known is None:
                term = self.vector(_part(size, {product: abs(c)})) if product else self.constant((abs(c),))
                known = self._vectors[part] = self._named("Sub" if c < 0 else "Add", part, total, term)
            total = known
        assert total is not None
        return total

    def _product(self, size: Dim, product: Sequence[Atom], c: int) -> GraphValue:
        return self.vector(_part(size, {tuple(product): c}))

    def _share(self, size: Dim, atom: Share, c: int) -> GraphValue:
        """Returns a multiple of a dimension's share."""
        common = gcd(c, atom.step)
        if common != c:
            return self._named("Mul", size, self._product(size, [atom], common), self.constant((c // common,)))
        dimension = self._product(size, [atom], atom.step)
        return self._named("Div", size, dimension, self.constant((atom.step // c,)))

    def _floor(self, size: Dim, atom: Floor) -> GraphValue:
        """Returns a quotient rounded down.

        ``Div`` rounds towards zero, so the remainder is subtracted if values may be negative.
        """
        top, divisor = self._top(size, atom), self.constant((atom.by,))
        if bounds(atom.top, self._emitter.graph.dims)[0] < 0:
            remainder = self.add("Mod", [top, divisor], f"{_name(size)}/remainder")
            top = self.add("Sub", [top, remainder], f"{_name(size)}/multiple")
        return self._named("Div", size, top, divisor)

    def _top(self, size: Dim, atom: Floor | Least) -> GraphValue:
        return self.vector(_part(size, atom.top.terms))

    def _axis(self, source: str, axis: int, name: str) -> GraphValue:
        """The size of an axis of an input."""
        value = self._emitter.types[source]
        number = value.axis(axis)
        if self._emitter.opset >= SHAPE_OF_AXES_SINCE:
            return self.add("Shape", [value], name, start=number, end=number + 1)
        if source not in self._shapes:
            self._shapes[source] = self.add("Shape", [value], f"sizes/{source}/shape", (len(value.shape),))
        return self.add("Gather", [self._shapes[source], self.constant((number,))], name, axis=0)

    # -- nodes -------------------------------------------------------------------------------------------------------
    def _named(self, kind: str, size: Dim, *inputs: GraphValue) -> GraphValue:
        return self.add(kind, inputs, _name(size))

    def add(
        self,
        kind: str,
        inputs: Sequence[GraphValue],
        name: str,
        shape: tuple[Size, ...] = (1,),
        dtype: str = "int64",
        **attributes: Attribute,
    ) -> GraphValue:
        """Adds a node with one output."""
        emitter = self._emitter
        out = GraphValue(emitter.names.claim(name, ""), dtype, shape)
        emitter.size_node(kind, inputs, [out], out.name, attributes)
        return out

    def constant(self, numbers: tuple[int, ...]) -> GraphValue:
        """A vector of numbers."""
        value = self._constants.get(numbers)
        if value is None:
            name = f"sizes/{numbers[0]}" if len(numbers) == 1 else "sizes/numbers"
            value = self._constants[numbers] = self._emitter.constant(name, numbers, "int64")
        return value

    def number(self, number: float, dtype: str) -> GraphValue:
        """A scalar."""
        key = (number, math.copysign(1, number), dtype)
        value = self.tables.get(key)
        if value is None:
            value = self.tables[key] = self._emitter.constant(f"sizes/{number:g}", number, dtype)
        return value

    def numbers(self, numbers: tuple[float, ...], dtype: str) -> GraphValue:
        """A list of numbers."""
        key = ("numbers", repr(numbers), dtype)
        value = self.tables.get(key)
        if value is None:
            value = self.tables[key] = self._emitter.constant("sizes/table", numbers, dtype)
        return value


def named_list(numbers: object) -> Sequence[int] | None:
    """Returns the numbers if they are a list that contains a size with named dimensions, else None."""
    if not isinstance(numbers, (list, tuple)):
        return None
    sizes = cast("Sequence[int]", numbers)
    return sizes if any(map(is_named, sizes)) else None


def _part(size: Dim, terms: Mapping[tuple[Atom, ...], int]) -> Dim:
    """Returns a size with other terms and the same names."""
    return size.of(dict(terms), size.names)


def _name(size: Dim) -> str:
    text = str(size)
    return f"sizes/{text if len(text) <= LONGEST_NAME else 'sum'}"
