"""The bodies of regions: layers that run along an axis in a loop, or for the positions that select them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias, cast

from netspec.ir import Graph, Node
from netspec.ir.axes_as_batch import axes_as_batch
from netspec.ir.axis_order import channels_first
from netspec.ops.region import Region, Route
from netspec.shapes.sizes import Size

from .body import Body, Chain, Use
from .boundaries import Boundary
from .levels import Level, tree_of_names
from .preparation import Preparation

Submodule: TypeAlias = Chain | Use


class GraphBodyBuilder(Protocol):
    """Builds the bodies of a graph; implemented by :class:`.bodies.BodyBuilder`."""

    @property
    def graph(self) -> Graph:
        """The graph."""
        ...

    @property
    def prepared(self) -> Preparation:
        """The lowered nodes."""
        ...

    def body(self, level: Level, frozen: bool, whole: Boundary | None = None) -> Body:
        """Builds the body of a level."""
        ...


MakeBodyBuilder: TypeAlias = Callable[[Graph], GraphBodyBuilder]


def region_bodies(graph: Graph, make: MakeBodyBuilder) -> dict[int, RegionBodies]:
    """Returns the bodies of a graph's regions, by identity of the node."""
    return {id(node): RegionBodies(node, make) for node in graph.nodes if isinstance(node.op, Region)}


class RegionBodies:
    """The bodies of a region's copies."""

    def __init__(self, node: Node, make: MakeBodyBuilder) -> None:
        self.node = node
        self.op = cast("Region", node.op)
        self.bodies = [make(axes_as_batch(channels_first(cast("Graph", b)))) for b in self.op.bodies]
        self._known: dict[tuple[int, bool], Body] = {}
        self._levels = [self._level(bodies, number) for number, bodies in enumerate(self.bodies)]

    def _level(self, bodies: GraphBodyBuilder, number: int) -> Level:
        """Returns the level of the block that is run."""
        op, name = self.op, self.node.name
        if isinstance(op, Route) and not op.stacked:
            name = f"{name}.{number}"
        level = tree_of_names(bodies.graph)
        while level.name != name:
            level = next(i for i in level.items if isinstance(i, Level) and f"{name}.".startswith(f"{i.name}."))
        return level

    @property
    def sizes(self) -> tuple[Size, ...]:
        """Sizes that the body needs besides its inputs."""
        return self._body(0, frozen=False).sizes

    def _body(self, number: int, frozen: bool) -> Body:
        known = self._known.get((number, frozen))
        if known is None:
            bodies = self.bodies[number]
            graph = bodies.graph
            outputs = [bodies.prepared.value(v) for v in graph.outputs.values()]
            whole = Boundary(list(graph.inputs.values()), outputs)
            known = self._known[number, frozen] = bodies.body(self._levels[number], frozen, whole)
        return known

    def member(self, frozen: bool) -> Submodule:
        """Returns the submodule: the class of a loop's body, or a list of copies."""
        uses = [Use(self._body(number, frozen)) for number in range(len(self.bodies))]
        if not isinstance(self.op, Route):
            return uses[0]
        if len(uses) == 1:
            return Chain((("0", uses[0]),), self.op.count, kind="stack" if self.op.stacked else "list")
        return Chain(tuple((str(i), use) for i, use in enumerate(uses)), kind="list")
