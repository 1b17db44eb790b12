"""Networks of the zoo with named sizes, and the same networks at numbers by the integer rules."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any, NamedTuple

from netspec.ir import Graph
from netspec.shapes.sizes import is_named
from tests.zoo.support import spec

from .named import Shapes, legal_values, named_shapes
from .small_networks import SMALL, Small


class NamedNetwork(NamedTuple):
    """A network with names for its sizes."""

    name: str
    """The spec."""
    variant: str | None
    settings: Mapping[str, Any]
    graph: Graph
    shapes: Shapes | None
    """Shapes of the inputs, with names; None if the spec has names of its own."""
    near: Mapping[str, int]
    """Sizes near which others are tried, for names whose defaults make a large network."""

    def at(self, values: Mapping[str, int]) -> Graph:
        """The network at sizes of the names, by the integer rules."""
        settings = dict(self.settings)
        if self.shapes is None:
            result = spec(self.name).elaborate(self.variant, settings, sizes=values)
        else:
            numbers = {i: tuple(n.at(values) if is_named(n) else n for n in s) for i, s in self.shapes.items()}
            result = spec(self.name).elaborate(self.variant, settings, numbers)
        assert result.graph is not None, (values, [str(d) for d in result.diagnostics])
        return result.graph

    def legal_values(self, random: Random, count: int) -> list[dict[str, int]]:
        """Random legal sizes."""
        return legal_values(self.graph, random, count, near=self.near)


def named_network(
    name: str, variant: str | None, settings: Mapping[str, Any], shape: tuple[int, ...] | None = None
) -> NamedNetwork:
    """A network with names for its sizes; ``shape`` is a usual one of the first input."""
    document = spec(name).document
    assert document is not None
    shapes: Shapes | None = None
    if document.dims:
        result = spec(name).elaborate(variant, dict(settings))
    else:
        given = {} if shape is None else {document.inputs[0].name: shape}
        shapes, named = named_shapes(spec(name), variant, settings, given)
        result = spec(name).elaborate(variant, dict(settings), shapes, named=named)
    assert result.graph is not None, [str(d) for d in result.diagnostics]
    near: dict[str, int] = {}
    if shapes is None and shape is not None:
        sizes = next(iter(result.graph.input_types.values())).shape
        near = {next(n.mentions()): m for n, m in zip(sizes, shape, strict=True) if is_named(n)}
    return NamedNetwork(name, variant, settings, result.graph, shapes, near)


def named_small(name: str) -> tuple[NamedNetwork, float]:
    """The small network of a spec, and the scale of its channels."""
    chosen = SMALL.get(name, Small())
    return named_network(name, chosen.variant, chosen.settings, chosen.shape), chosen.gain
