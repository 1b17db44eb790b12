"""Channels-last graphs as backends with windows over channels-first tensors want them.

In a graph with ``layout: channels_last`` every type has its channel axis last. Here each value gets the order of axes
in which it is best kept: channels first where windows work, and so on through what follows position by position;
the order of the spec wherever that can be seen (inputs, outputs, ``flatten``, ``reshape``, ``permute``).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from ..ops.base import AxisCheck, Op
from ..shapes.sizes import ShapeError
from ..shapes.types import TensorType
from .graph import Graph, Node, Scope

Order: TypeAlias = tuple[int, ...]
"""Axis i of the tensor is the spec's axis ``order[i]``."""


def channels_first(graph: Graph) -> Graph:
    """The same network with windows over channels-first tensors, and a ``permute`` wherever the order changes.

    Inputs, outputs, parameters and names stay as they are; ``<layer>.channels_first`` and ``<layer>.channels_last``
    are added. A graph that is channels-first is returned as it is.
    """
    return graph if graph.layout == "channels_first" else _Rewriting(graph).result()


class _Rewriting:
    """A graph on its way into the other layout."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.names = {node.name for node in graph.nodes} | set(graph.inputs)
        self.nodes: list[Node] = []
        self.types: list[TensorType] = []
        self.inserted: dict[int, list[Node]] = {}
        """By number of the old value that they follow."""
        self.value: dict[tuple[int, Order], int] = {}
        """New values, by old value and order."""
        self.order: dict[int, Order] = {}
        """The order in which an old value is made."""

    def result(self) -> Graph:
        """The new graph."""
        graph = self.graph
        for v in graph.inputs.values():
            self._new(v, _plain(graph.values[v].rank))
        for node in graph.nodes:
            self._node(node)
        outputs = {name: self._as(v, _plain(graph.values[v].rank)) for name, v in graph.outputs.items()}
        return self._numbered(outputs)

    # -- one node -------------------------------------------------------------------------------------------------
    def _node(self, node: Node) -> None:
        inputs = self.graph.inputs_of(node)
        op, orders, out = self._chosen(node, inputs)
        values = tuple(self._as(v, o) for v, o in zip(node.inputs, orders, strict=True))
        first = len(self.types)
        for v in node.values:
            self._new(v, out[v - node.first])
        types = tuple(self.types[first:])
        self.nodes.append(replace(node, op=op, inputs=values, outputs=types, first=first))

    def _chosen(self, node: Node, inputs: tuple[TensorType, ...]) -> tuple[Op, list[Order], list[Order]]:
        """The operator, and the order of every input and output."""
        op = node.op
        if op.rank and op.channels_last:
            return (
                op.model_copy(update={"channels_last": False}), [_first(x.rank) for x in inputs],
                [_first(y.rank) for y in node.outputs],
            )
        plain = op, [_plain(x.rank) for x in inputs], [_plain(y.rank) for y in node.outputs]
        order = next((self.order[v] for v in node.inputs if self.order[v] != _plain(len(self.order[v]))), None)
        if order is None or not op.moves or len({x.rank for x in inputs}) > 1:
            return plain
        out = [order if y.rank == len(order) else _plain(y.rank) for y in node.outputs]
        if any(y.rank not in (len(order), 1) for y in node.outputs):
            return plain
        moved = self._translated(op, order, bool(node.weights))
        return plain if moved is None or not _agrees(moved, inputs, order, node.outputs, out) else (
            moved, [order] * len(inputs), out)

    def _translated(self, op: Op, order: Order, weighted: bool) -> Op | None:
        """The operator with its axes in the order; None where the order of several axes is that of its weights."""
        update: dict[str, object] = {}
        for name, check in op.arguments().items():
            value = getattr(op, name)
            if not isinstance(check, AxisCheck) or value is None:
                continue
            if isinstance(value, tuple):
                axes: tuple[int, ...] = value  # pyright: ignore[reportUnknownVariableType]
                if weighted and len(axes) > 1:
                    return None
                update[name] = tuple(order.index(a) for a in axes)
            else:
                update[name] = order.index(value)
        return op.model_copy(update=update)

    # -- values ---------------------------------------------------------------------------------------------------
    def _new(self, old: int, order: Order) -> int:
        self.types.append(_ordered(self.graph.values[old], order))
        self.order.setdefault(old, order)
        self.value[old, order] = len(self.types) - 1
        return len(self.types) - 1

    def _as(self, old: int, order: Order) -> int:
        """An old value in an order; a ``permute`` is added where it is not there yet."""
        found = self.value.get((old, order))
        if found is None:
            found = self._permuted(old, order)
        return found

    def _permuted(self, old: int, order: Order) -> int:
        from ..ops.shape import Permute

        made = self.order[old]
        maker = self.graph.producers[old]
        what = "channels_last" if order == _plain(len(order)) else "channels_first"
        name = f"{self.graph.value_name(old)}.{what}"
        while name in self.names:
            name += "_"
        self.names.add(name)
        source = self.value[old, made]
        scope = self.graph.root if maker is None else maker.scope
        trace = self.graph.nodes[0].trace if maker is None else maker.trace
        op = Permute(name="permute", order=tuple(made.index(a) for a in order))
        number = self._new(old, order)
        node = Node(name, name, op, (source,), (self.types[number],), number, (), scope, trace)
        self.inserted.setdefault(old, []).append(node)
        return number

    # -- the new graph --------------------------------------------------------------------------------------------
    def _numbered(self, outputs: dict[str, int]) -> Graph:
        """Everything in order: a ``permute`` stands right behind what it permutes, and values count on."""
        graph = self.graph
        nodes: list[Node] = []
        for v in graph.inputs.values():
            nodes += self.inserted.get(v, [])
        for old, new in zip(graph.nodes, self.nodes, strict=True):
            nodes.append(new)
            for v in old.values:
                nodes += self.inserted.get(v, [])
        number = {new: i for i, new in enumerate(graph.inputs.values())}
        number = {self.value[old, _plain(graph.values[old].rank)]: i for old, i in number.items()}
        for node in nodes:
            for v in node.values:
                number[v] = len(number)
        types = [self.types[v] for v in sorted(number, key=number.__getitem__)]
        scopes = self._scopes(nodes, number)
        moved = tuple(
            replace(node, inputs=tuple(number[v] for v in node.inputs), first=number[node.first],
                    scope=scopes[id(node.scope)])
            for node in nodes
        )
        return replace(
            graph, inputs={name: i for i, name in enumerate(graph.inputs)}, nodes=moved, values=tuple(types),
            outputs={name: number[v] for name, v in outputs.items()}, root=scopes[id(graph.root)],
            layout="channels_first",
        )

    def _scopes(self, nodes: list[Node], number: dict[int, int]) -> dict[int, Scope]:
        """New scopes, that speak of the new values."""
        out: dict[int, Scope] = {}

        def value(old: int) -> int:
            return number[self.value[old, self.order[old]]]

        def scope(old: Scope) -> Scope:
            missing: list[Scope] = []
            at: Scope | None = old
            while at is not None and id(at) not in out:
                missing.append(at)
                at = at.parent
            for inner in reversed(missing):
                out[id(inner)] = replace(
                    inner, parent=None if inner.parent is None else out[id(inner.parent)],
                    inputs={name: value(v) for name, v in inner.inputs.items()},
                    outputs=tuple((name, value(v)) for name, v in inner.outputs),
                )
            return out[id(old)]

        scope(self.graph.root)
        for node in nodes:
            scope(node.scope)
        return out


def _plain(rank: int) -> Order:
    return tuple(range(rank))


def _first(rank: int) -> Order:
    """The last axis first."""
    return (rank - 1, *range(rank - 1))


def _ordered(x: TensorType, order: Order) -> TensorType:
    return TensorType(tuple(x.shape[a] for a in order), x.dtype, tuple(x.axes[a] for a in order))


def _agrees(
    op: Op, inputs: tuple[TensorType, ...], order: Order, outputs: tuple[TensorType, ...], out: list[Order]
) -> bool:
    """Whether an operator gives, in another order, what it gave."""
    try:
        found = op.infer(*(_ordered(x, order) for x in inputs))
    except ShapeError:
        return False
    return [y.shape for y in found] == [_ordered(y, o).shape for y, o in zip(outputs, out, strict=True)]
