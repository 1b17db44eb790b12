"""Rewrites channels-last graphs for targets whose convolutions and poolings expect channels-first tensors.

In a graph with ``layout: channels_last`` the channel axis of every type comes last. The rewritten graph stores each
value in the axis order that suits the operations around it: channels first where windows are, the same order through
elementwise operations that follow, and the order of the spec wherever it is observable (inputs, outputs,
``flatten``, ``reshape``, ``permute``).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from ..ops.base import Op
from ..shapes.shape_error import ShapeError
from ..shapes.types import TensorType
from .graph import Graph
from .node import Node
from .scope import Scope

Order: TypeAlias = tuple[int, ...]
"""Axis i of the stored tensor is axis ``order[i]`` of the spec."""


def channels_first(graph: Graph) -> Graph:
    """Returns the network with windows over channels-first tensors, and a ``permute`` wherever the order changes.

    Inputs, outputs, parameters and names are unchanged; nodes ``<layer>.channels_first`` and
    ``<layer>.channels_last`` are added. A graph that is already channels-first is returned unchanged. In one with
    ``layout: channels_first``, single layers whose windows slide along the first axis (``axis: sequence``) get one
    directly before and one directly after them.
    """
    has_last = any(node.op.window_rank and node.op.channels_last for node in graph.nodes)
    return graph if graph.layout == "channels_first" and not has_last else _ChannelsFirst(graph).result()


class _ChannelsFirst:
    """Rewrites one graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.names = {node.name for node in graph.nodes} | set(graph.inputs)
        self.nodes: list[Node] = []
        self.types: list[TensorType] = []
        self.is_local = graph.layout == "channels_first"
        """Whether only single layers have channels last."""
        self.around: dict[int, tuple[list[Node], list[Node]]] = {}
        """Permutes before and after single layers, by the identity of the layer's new node."""
        self.inserted: dict[int, list[Node]] = {}
        """Inserted permutes, by the number of the old value that they permute."""
        self.value: dict[tuple[int, Order], int] = {}
        """New values, by old value and order."""
        self.order: dict[int, Order] = {}
        """The order in which each old value is computed."""

    def result(self) -> Graph:
        """Returns the new graph."""
        graph = self.graph
        for v in graph.inputs.values():
            self._add_value(v, _identity(graph.values[v].rank))
        for node in graph.nodes:
            self._rewrite(node)
        outputs = {name: self._in_order(v, _identity(graph.values[v].rank)) for name, v in graph.outputs.items()}
        return self._renumber(outputs)

    # -- one node -------------------------------------------------------------------------------------------------
    def _rewrite(self, node: Node) -> None:
        inputs = self.graph.inputs_of(node)
        if self.is_local and node.op.window_rank and node.op.channels_last:
            self._rewrite_alone(node, inputs)
            return
        op, orders, out = self._choose(node, inputs)
        values = tuple(self._in_order(v, o) for v, o in zip(node.inputs, orders, strict=True))
        weights = tuple(
            (name, self._in_order(v, _identity(self.graph.values[v].rank))) for name, v in node.given_weights
        )
        first = len(self.types)
        for v in node.values:
            self._add_value(v, out[v - node.first_value])
        types = tuple(self.types[first:])
        self.nodes.append(replace(node, op=op, inputs=values, outputs=types, first_value=first, given_weights=weights))

    def _rewrite_alone(self, node: Node, inputs: tuple[TensorType, ...]) -> None:
        """Permute the inputs of a single node, and its outputs back."""
        before: list[Node] = []
        for v, x in zip(node.inputs, inputs, strict=True):
            order = _last_axis_first(x.rank)
            self.types.append(_reorder(x, order))
            source = self.value[v, _identity(x.rank)]
            before.append(self._permute(f"{node.name}.channels_first", order, source, len(self.types) - 1, node))
        first = len(self.types)
        self.types += [_reorder(y, _last_axis_first(y.rank)) for y in node.outputs]
        op = _with_channels_first(node.op)
        outputs = tuple(self.types[first:])
        weights = tuple(
            (name, self._in_order(v, _identity(self.graph.values[v].rank))) for name, v in node.given_weights
        )
        inner = tuple(permute.first_value for permute in before)
        new = replace(node, op=op, inputs=inner, outputs=outputs, first_value=first, given_weights=weights)
        after: list[Node] = []
        for number, v in enumerate(node.values):
            y = node.outputs[number]
            back = tuple(_last_axis_first(y.rank).index(a) for a in range(y.rank))
            value = self._add_value(v, _identity(y.rank))
            after.append(self._permute(f"{node.name}.channels_last", back, first + number, value, node))
        self.around[id(new)] = before, after
        self.nodes.append(new)

    def _permute(self, name: str, order: Order, source: int, value: int, near: Node) -> Node:
        """Returns a ``permute`` next to a node, in the same scope."""
        from ..ops.shape import Permute

        name = self._unused(name)
        op = Permute(name="permute", order=order)
        return Node(name, name, op, (source,), (self.types[value],), value, (), near.scope, near.trace)

    def _unused(self, name: str) -> str:
        while name in self.names:
            name += "_"
        self.names.add(name)
        return name

    def _choose(self, node: Node, inputs: tuple[TensorType, ...]) -> tuple[Op, list[Order], list[Order]]:
        """Returns the operation with its arguments remapped, and the order of every input and output."""
        op = node.op
        if op.window_rank and op.channels_last:
            return (
                _with_channels_first(op),
                [_last_axis_first(x.rank) for x in inputs],
                [_last_axis_first(y.rank) for y in node.outputs],
            )
        unchanged = op, [_identity(x.rank) for x in inputs], [_identity(y.rank) for y in node.outputs]
        order = next((self.order[v] for v in node.inputs if self.order[v] != _identity(len(self.order[v]))), None)
        if order is None or not op.permutable or len({x.rank for x in inputs}) > 1:
            return unchanged
        out = [order if y.rank == len(order) else _identity(y.rank) for y in node.outputs]
        if any(y.rank not in (len(order), 1) for y in node.outputs):
            return unchanged
        remapped = self._remap_axes(op, order, bool(node.weights or node.given_weights))
        if remapped is None or not _commutes(remapped, inputs, order, node.outputs, out):
            return unchanged
        return remapped, [order] * len(inputs), out

    def _remap_axes(self, op: Op, order: Order, weighted: bool) -> Op | None:
        """Remaps axis arguments of an operation; None if its weights depend on the order of several axes."""
        update: dict[str, object] = {}
        for name, argument in op.arguments.items():
            value = getattr(op, name)
            if argument.validator.kind != "axis" or value is None:
                continue
            if isinstance(value, tuple):
                axes: tuple[int, ...] = value  # pyright: ignore[reportUnknownVariableType] - of any type
                if weighted and len(axes) > 1:
                    return None
                update[name] = tuple(order.index(a) for a in axes)
            else:
                update[name] = order.index(value)
        return op.replace(**update)

    # -- values ---------------------------------------------------------------------------------------------------
    def _add_value(self, old: int, order: Order) -> int:
        self.types.append(_reorder(self.graph.values[old], order))
        self.order.setdefault(old, order)
        self.value[old, order] = len(self.types) - 1
        return len(self.types) - 1

    def _in_order(self, old: int, order: Order) -> int:
        """Returns the new value for an old one in a given order; inserts a ``permute`` if there is none yet."""
        value = self.value.get((old, order))
        return self._insert_permute(old, order) if value is None else value

    def _insert_permute(self, old: int, order: Order) -> int:
        from ..ops.shape import Permute

        current = self.order[old]
        producer = self.graph.producer(old)
        suffix = "channels_last" if order == _identity(len(order)) else "channels_first"
        name = self._unused(f"{self.graph.value_name(old)}.{suffix}")
        source = self.value[old, current]
        scope = self.graph.root if producer is None else producer.scope
        trace = self.graph.nodes[0].trace if producer is None else producer.trace
        op = Permute(name="permute", order=tuple(current.index(a) for a in order))
        number = self._add_value(old, order)
        node = Node(name, name, op, (source,), (self.types[number],), number, (), scope, trace)
        self.inserted.setdefault(old, []).append(node)
        return number

    # -- the new graph --------------------------------------------------------------------------------------------
    def _renumber(self, outputs: dict[str, int]) -> Graph:
        """Returns the graph with each ``permute`` directly after its input, and values numbered in that order."""
        graph = self.graph
        nodes: list[Node] = []
        for v in graph.inputs.values():
            nodes += self.inserted.get(v, [])
        for old, new in zip(graph.nodes, self.nodes, strict=True):
            before, after = self.around.get(id(new), ([], []))
            nodes += [*before, new, *after]
            for v in old.values:
                nodes += self.inserted.get(v, [])
        number = {new: i for i, new in enumerate(graph.inputs.values())}
        number = {self.value[old, _identity(graph.values[old].rank)]: i for old, i in number.items()}
        for node in nodes:
            for v in node.values:
                number[v] = len(number)
        types = [self.types[v] for v in sorted(number, key=number.__getitem__)]
        scopes = self._scopes(nodes, number)
        renumbered = tuple(
            replace(
                node,
                inputs=tuple(number[v] for v in node.inputs),
                given_weights=tuple((name, number[v]) for name, v in node.given_weights),
                first_value=number[node.first_value],
                scope=scopes[id(node.scope)],
            )
            for node in nodes
        )
        return replace(
            graph,
            inputs={name: i for i, name in enumerate(graph.inputs)},
            nodes=renumbered,
            values=tuple(types),
            outputs={name: number[v] for name, v in outputs.items()},
            root=scopes[id(graph.root)],
            layout="channels_first",
        )

    def _scopes(self, nodes: list[Node], number: dict[int, int]) -> dict[int, Scope]:
        """Returns new scopes by the id of the old ones, with their inputs and outputs renumbered."""
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
                    inner,
                    parent=None if inner.parent is None else out[id(inner.parent)],
                    inputs={name: value(v) for name, v in inner.inputs.items()},
                    outputs=tuple((name, value(v)) for name, v in inner.outputs),
                )
            return out[id(old)]

        scope(self.graph.root)
        for node in nodes:
            scope(node.scope)
        return out


def _with_channels_first(op: Op) -> Op:
    return op.replace(channels_last=False, **({"axis": None} if "axis" in op.arguments else {}))


def _identity(rank: int) -> Order:
    return tuple(range(rank))


def _last_axis_first(rank: int) -> Order:
    """Returns the order that moves the last axis to the front."""
    return (rank - 1, *range(rank - 1))


def _reorder(x: TensorType, order: Order) -> TensorType:
    return TensorType(tuple(x.shape[a] for a in order), x.dtype, tuple(x.axes[a] for a in order))


def _commutes(
    op: Op, inputs: tuple[TensorType, ...], order: Order, outputs: tuple[TensorType, ...], out: list[Order]
) -> bool:
    """Whether the operation commutes with the permutation: same output shapes, permuted."""
    try:
        permuted = op.infer(*(_reorder(x, order) for x in inputs))
    except ShapeError:
        return False
    return [y.shape for y in permuted] == [_reorder(y, o).shape for y, o in zip(outputs, out, strict=True)]
