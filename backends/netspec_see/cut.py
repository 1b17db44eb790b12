"""Parts of a graph: what some of its values need, and a graph with a module to hook at one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from netspec.ir import Graph, Node, Parameter, Scope
from netspec.ops.base import construct
from netspec.ops.regularise import Dropout


def cut(graph: Graph, outputs: Mapping[str, int]) -> tuple[Graph, dict[str, Parameter]]:
    """The graph that gives other values: the nodes that these depend on, and no others.

    Names of layers and parameters stay, so that the same weights fit. Only a shared parameter whose first layer is
    not among the nodes gets the name of the first that is; the second result says which parameter it was. A value
    that a graph gives is never written over by what is computed from it.
    """
    wanted = set(outputs.values())
    kept: list[Node] = []
    for node in reversed(graph.nodes):
        if not wanted.isdisjoint(node.values):
            kept.append(node)
            wanted.update(node.inputs)
    kept.reverse()
    original: dict[str, Parameter] = {}
    nodes = _owned(kept, original)
    there = {*graph.inputs.values(), *(v for node in nodes for v in node.values)}
    scopes = _Scopes(there)
    nodes = [replace(node, scope=scopes.of(node.scope)) for node in nodes]
    return replace(graph, nodes=tuple(nodes), outputs=dict(outputs), root=scopes.of(graph.root)), original


class _Scopes:
    """Scopes that speak of the values that are there, and of no others."""

    def __init__(self, there: set[int]) -> None:
        self.there = there
        self.made: dict[int, Scope] = {}

    def of(self, scope: Scope) -> Scope:
        """The scope in the part of the graph."""
        waiting: list[Scope] = []
        at: Scope | None = scope
        while at is not None and id(at) not in self.made:
            waiting.append(at)
            at = at.parent
        for old in reversed(waiting):
            self.made[id(old)] = replace(
                old, parent=None if old.parent is None else self.made[id(old.parent)],
                inputs={name: v for name, v in old.inputs.items() if v in self.there},
                outputs=tuple((name, v) for name, v in old.outputs if v in self.there))
        return self.made[id(scope)]


def _owned(nodes: list[Node], original: dict[str, Parameter]) -> list[Node]:
    """The nodes, each parameter under the name of the first that has it."""
    now: dict[int, Parameter] = {}
    out: list[Node] = []
    for node in nodes:
        for local, p in node.weights:
            own = f"{node.name}.{local}" if local else node.name
            if id(p) not in now:
                now[id(p)] = p if p.name == own else replace(p, name=own)
                if p.name != own:
                    original[own] = p
        weights = tuple((local, now[id(p)]) for local, p in node.weights)
        same = all(a[1] is b[1] for a, b in zip(weights, node.weights, strict=True))
        out.append(node if same else replace(node, weights=weights))
    return out


def probed(graph: Graph, value: int) -> tuple[Graph, str]:
    """The graph with a layer at a value that lets it through, and that layer's name.

    In the PyTorch module it is a submodule (a dropout of nothing), where hooks, and with them Captum, find what the
    value is: the activation of a layer is a function call in its parent, and has no module of its own.
    """
    maker = graph.producer(value)
    assert maker is not None, "inputs have no layer"
    taken = {node.name for node in graph.nodes} | {part for node in graph.nodes for part in node.name.split(".")}
    prefix = f"{maker.scope.name}." if maker.scope.name else ""
    local = next(n for i in range(len(taken) + 1) if prefix + (n := f"probe{i}") not in taken and n not in taken)
    of = graph.values[value]
    here = len(graph.values)
    op = construct(Dropout, "dropout", 0, {"rate": 0.0}, (of,), False)
    probe = Node(prefix + local, prefix + local, op, (value,), (of,), here, (), maker.scope, maker.trace)
    nodes: list[Node] = []
    for node in graph.nodes:
        nodes.append(node if value not in node.inputs else _reading(node, value, here))
        if node is maker:
            nodes.append(probe)
    outputs = {name: here if v == value else v for name, v in graph.outputs.items()}
    changed = replace(graph, nodes=tuple(nodes), values=(*graph.values, of), outputs=outputs)
    return changed, probe.name


def _reading(node: Node, value: int, other: int) -> Node:
    """The node, reading another value in place of one."""
    return replace(node, inputs=tuple(other if v == value else v for v in node.inputs))
