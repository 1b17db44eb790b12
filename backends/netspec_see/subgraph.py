"""Parts of a graph: the nodes that some values depend on, and a graph with a module to hook at one value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from netspec.ir import Graph, Node, Parameter, Scope
from netspec.ops import create


def subgraph(graph: Graph, outputs: Mapping[str, int]) -> tuple[Graph, dict[str, Parameter]]:
    """The part of a graph that computes the given values.

    Layers and parameters keep their names, so that the same weights fit. The exception is a shared parameter whose
    first layer is not part of the result: it is named after the first layer that is, and the second return value maps
    its new name to the original parameter.
    """
    original: dict[str, Parameter] = {}
    nodes = _rename_shared_parameters(graph.ancestors(outputs.values()), original)
    available = {*graph.inputs.values(), *(v for node in nodes for v in node.values)}
    scopes = _Scopes(available)
    nodes = [replace(node, scope=scopes.restrict(node.scope)) for node in nodes]
    return replace(graph, nodes=tuple(nodes), outputs=dict(outputs), root=scopes.restrict(graph.root)), original


class _Scopes:
    """Copies of scopes whose inputs and outputs are limited to the available values."""

    def __init__(self, available: set[int]) -> None:
        self.available = available
        self.copies: dict[int, Scope] = {}
        """By the ``id`` of the original."""

    def restrict(self, scope: Scope) -> Scope:
        """The copy of a scope."""
        pending: list[Scope] = []
        current: Scope | None = scope
        while current is not None and id(current) not in self.copies:
            pending.append(current)
            current = current.parent
        for old in reversed(pending):
            self.copies[id(old)] = replace(
                old,
                parent=None if old.parent is None else self.copies[id(old.parent)],
                inputs={name: v for name, v in old.inputs.items() if v in self.available},
                outputs=tuple((name, v) for name, v in old.outputs if v in self.available),
            )
        return self.copies[id(scope)]


def _rename_shared_parameters(nodes: Iterable[Node], original: dict[str, Parameter]) -> list[Node]:
    """The nodes, with each parameter named after the first node that has it."""
    current: dict[int, Parameter] = {}
    out: list[Node] = []
    for node in nodes:
        for local, p in node.weights:
            name = f"{node.name}.{local}" if local else node.name
            if id(p) not in current:
                current[id(p)] = p if p.name == name else replace(p, name=name)
                if p.name != name:
                    original[name] = p
        weights = tuple((local, current[id(p)]) for local, p in node.weights)
        same = all(a[1] is b[1] for a, b in zip(weights, node.weights, strict=True))
        out.append(node if same else replace(node, weights=weights))
    return out


def with_probe(graph: Graph, value: int) -> tuple[Graph, str]:
    """The graph with an identity layer inserted after a value, and the name of that layer.

    In the PyTorch module the layer is a submodule (a dropout with rate 0), on which hooks, and with them Captum, can
    observe and change the value: the activation of a layer is a function call in its parent and has no module.
    """
    producer = graph.producer(value)
    assert producer is not None, "an input has no layer"
    used_names = {node.name for node in graph.nodes} | {part for node in graph.nodes for part in node.name.split(".")}
    prefix = f"{producer.scope.name}." if producer.scope.name else ""
    local = next(
        n for i in range(len(used_names) + 1) if prefix + (n := f"probe{i}") not in used_names and n not in used_names
    )
    type_ = graph.values[value]
    probed_value = len(graph.values)
    op = create("dropout", {"rate": 0.0}, (type_,))
    probe = Node(
        prefix + local, prefix + local, op, (value,), (type_,), probed_value, (), producer.scope, producer.trace
    )
    nodes: list[Node] = []
    for node in graph.nodes:
        nodes.append(node if value not in node.inputs else _replace_input(node, value, probed_value))
        if node is producer:
            nodes.append(probe)
    outputs = {name: probed_value if v == value else v for name, v in graph.outputs.items()}
    changed = replace(graph, nodes=tuple(nodes), values=(*graph.values, type_), outputs=outputs)
    return changed, probe.name


def _replace_input(node: Node, old: int, new: int) -> Node:
    """The node with one input value replaced by another."""
    return replace(node, inputs=tuple(new if v == old else v for v in node.inputs))
