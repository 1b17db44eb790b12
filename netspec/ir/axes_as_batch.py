"""Rewrites layers that run along an axis for targets: the positions of the axis become examples of the batch."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from ..ops.base import Op
from ..ops.region import EnterAxis, LeaveAxis, Over
from ..shapes.types import TensorType
from .axis_order import channels_first
from .graph import Graph
from .node import Node
from .scope import Scope


def axes_as_batch(graph: Graph) -> Graph:
    """Returns the network with the layers of each ``over`` without ``carry`` inlined between two kinds of nodes.

    ``<layer>_in`` takes the axis out of each input, and ``<layer>_out`` puts it back. A network without ``over`` is
    returned unchanged.
    """
    return _AxesAsBatch(graph).result() if any(is_at_once(node.op) for node in graph.nodes) else graph


def is_at_once(op: Op) -> bool:
    """Whether an operation applies layers to all positions of an axis at once."""
    return isinstance(op, Over) and not op.is_loop


class _Part:
    """A graph that is inlined into another: the network, or the body of a region in it.

    Args:
        graph: the graph.
        around: the enclosing part, and the scope of the region there; None for the network.
    """

    def __init__(self, graph: Graph, around: tuple[_Part, Scope] | None) -> None:
        self.graph, self.around = graph, around
        self.number: dict[int, int] = {}
        """New values by the old ones."""


class _AxesAsBatch:
    """Rewrites one graph."""

    def __init__(self, graph: Graph) -> None:
        self.part = _Part(graph, None)
        self.names = {node.name for node in graph.nodes} | set(graph.inputs)
        self.nodes: list[tuple[Node, _Part]] = []
        self.types: list[TensorType] = [graph.values[v] for v in graph.inputs.values()]
        self.part.number |= {v: i for i, v in enumerate(graph.inputs.values())}
        self.scopes: dict[int, Scope] = {}

    def result(self) -> Graph:
        """Returns the new graph."""
        graph, number = self.part.graph, self.part.number
        self.add_all(self.part)
        root = self.scope(graph.root, self.part)
        return replace(
            graph,
            inputs={name: number[v] for name, v in graph.inputs.items()},
            outputs={name: number[v] for name, v in graph.outputs.items()},
            nodes=tuple(replace(node, scope=self.scope(node.scope, part)) for node, part in self.nodes),
            values=tuple(self.types),
            root=root,
        )

    # -- nodes -------------------------------------------------------------------------------------------------------
    def add_all(self, part: _Part) -> None:
        """Add the nodes of a part, replacing regions by their contents."""
        for node in part.graph.nodes:
            if is_at_once(node.op):
                self.open(node, cast("Over", node.op), part)
                continue
            inputs = tuple(part.number[v] for v in node.inputs)
            weights = tuple((key, part.number[v]) for key, v in node.given_weights)
            first = self.append(replace(node, inputs=inputs, given_weights=weights), part)
            part.number |= {v: first + i for i, v in enumerate(node.values)}

    def append(self, node: Node, part: _Part) -> int:
        """Add a node whose inputs are new values; return the number of its first output."""
        first = len(self.types)
        self.nodes.append((replace(node, first_value=first), part))
        self.types += node.outputs
        return first

    def open(self, node: Node, op: Over, part: _Part) -> None:
        """Add the body of a region between the nodes that take the axis out and put it back."""
        body = _Part(channels_first(cast("Graph", op.body)), (part, node.scope))
        inputs = [part.number[v] for v in node.inputs]
        entered: dict[tuple[int | None, int | None], int] = {}
        sources = list(dict.fromkeys(op.sources))
        for k, axis in sources:
            assert k is not None
            put: dict[str, object] = {"axis": axis, "size": op.size, "is_last": (k, axis) == sources[-1]}
            enter = EnterAxis.of({**_common("over"), **put})
            others = tuple(x for i, x in enumerate(inputs) if i != k)
            entered[k, axis] = self.insert(node, f"{node.name}_in", enter, (inputs[k], *others), part)
        body.number |= {v: entered[s] for v, s in zip(body.graph.inputs.values(), op.sources, strict=True)}
        self.add_all(body)
        for v, inner, place in zip(node.values, body.graph.outputs.values(), op.places, strict=True):
            assert place is not None
            fields: dict[str, object] = {
                "axis": place,
                "size": op.size,
                "along": op.along,
                "is_last": v == node.values[-1],
            }
            leave = LeaveAxis.of({**_common("over"), **fields})
            read = (body.number[inner], *entered.values())
            part.number[v] = self.insert(node, f"{node.name}_out", leave, read, part)

    def insert(self, region: Node, name: str, op: Op, inputs: tuple[int, ...], part: _Part) -> int:
        """Add a node that is not in the spec; return the number of its output."""
        while name in self.names:
            name += "_"
        self.names.add(name)
        outputs = op.infer(*(self.types[v] for v in inputs))
        return self.append(Node(name, name, op, inputs, outputs, 0, (), region.scope, region.trace), part)

    # -- scopes ------------------------------------------------------------------------------------------------------
    def scope(self, old: Scope, part: _Part) -> Scope:
        """Returns a scope with its inputs and outputs renumbered; that of a body becomes the enclosing scope."""
        missing: list[tuple[Scope, _Part]] = []
        at: tuple[Scope, _Part] | None = (old, part)
        while at is not None and id(at[0]) not in self.scopes:
            here, its = at
            if here is its.graph.root and its.around is not None:
                at = (its.around[1], its.around[0])
                continue
            missing.append((here, its))
            at = (here.parent, its) if here.parent is not None else None
        above = self.scopes[id(at[0])] if at is not None else None
        for here, its in reversed(missing):
            above = self.scopes[id(here)] = replace(
                here,
                parent=above,
                inputs={name: its.number[v] for name, v in here.inputs.items()},
                outputs=tuple((name, its.number[v]) for name, v in here.outputs),
            )
        assert above is not None
        return above


def _common(name: str) -> dict[str, object]:
    return {"name": name, "window_rank": 0, "channels_last": False}
