"""The body of a region during elaboration: its nodes are removed from the enclosing graph and renumbered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ...ir import Graph, Node, Parameter, Scope
from ...ir.scope import Trace
from ...shapes.named_sizes import NamedDim
from .draft_graph import DraftGraph, DraftNode, DraftScope, ScopeTree


class Frame:
    """Collects additions to a graph until ``close``.

    Args:
        graph: the graph under construction.
        tree: its scopes.
        scope: the scope of the region's layer.
        trace: where the region is written.
    """

    def __init__(self, graph: DraftGraph, tree: ScopeTree, scope: DraftScope, trace: Trace) -> None:
        self.graph, self.tree = graph, tree
        self.root = Scope(scope.name, None, trace=trace)
        self.first_value = len(graph.types)
        self._stored = dict(graph.stored)
        self._first_node = len(graph.nodes)
        self._first_scope = len(tree.scopes)
        self.nodes: list[DraftNode] = []
        self._scopes: list[DraftScope] = []

    def close(self) -> None:
        """Removes the nodes and scopes from the graph."""
        self.nodes = self.graph.nodes[self._first_node :]
        self._scopes = self.tree.scopes[self._first_scope :]
        del self.graph.nodes[self._first_node :]
        self.graph.stored = self._stored
        del self.tree.scopes[self._first_scope :]

    def captured(self, outputs: Sequence[tuple[str, int]]) -> list[int]:
        """Values from around the region that its nodes read, or that are outputs of it, in order."""
        values = [v for node in self.nodes for v in node.reads] + [v for _, v in outputs]
        return list(dict.fromkeys(v for v in values if v < self.first_value))

    def body(
        self,
        name: str,
        inputs: Mapping[str, int],
        outputs: Mapping[str, int],
        layout: str,
        dims: Mapping[str, NamedDim],
    ) -> Graph:
        """Returns a graph of the nodes, with these inputs and outputs by name."""
        number = {v: i for i, v in enumerate(inputs.values())}
        types = [self.graph.types[v] for v in inputs.values()]
        for node in self.nodes:
            for v in node.values:
                number[v] = len(types)
                types.append(self.graph.types[v])
        scopes = self._frozen_scopes(number)
        read = {v for n in self.nodes for v in n.reads} | set(outputs.values())
        nodes = tuple(
            [
                Node(
                    n.name,
                    n.layer,
                    n.op,
                    tuple([number[v] for v in n.inputs]),
                    n.outputs,
                    number[n.first_value],
                    n.stored_weights(read),
                    scopes[id(n.scope)],
                    n.trace,
                    n.doc,
                    tuple([(key, number[v]) for key, v in n.given_weights]),
                    n.weight_of,
                )
                for n in self.nodes
            ]
        )
        root = replace(
            self.root,
            inputs={key: number[v] for key, v in inputs.items()},
            outputs=tuple([(key, number[v]) for key, v in outputs.items()]),
        )
        return Graph(
            name,
            None,
            dict(root.inputs),
            dict(root.outputs),
            nodes,
            tuple(types),
            self.root,
            layout=layout,
            dims=dict(dims),
        )

    def _frozen_scopes(self, number: Mapping[int, int]) -> dict[int, Scope]:
        frozen: dict[int, Scope] = {}
        for draft in self._scopes:
            parent = frozen.get(id(draft.parent), self.root)
            inputs = {key: number[v] for key, v in draft.inputs.items() if v in number}
            outputs = tuple([(key, number[v]) for key, v in draft.outputs if v in number])
            frozen[id(draft)] = draft.finished(parent, inputs, outputs)
        for node in self.nodes:
            frozen.setdefault(id(node.scope), self.root)
        return frozen


def renumber(graph: DraftGraph, tree: ScopeTree, outputs: Mapping[str, int]) -> dict[str, int]:
    """Renumbers the values of a graph, without those inside regions; returns the outputs by name."""
    values = [v for v, node in enumerate(graph.producers) if node is None and v in tree.root.inputs.values()]
    values += [v for node in graph.nodes for v in node.values]
    number = {v: i for i, v in enumerate(values)}
    nodes = [
        n._replace(
            inputs=tuple([number[v] for v in n.inputs]),
            first_value=number[n.first_value],
            given_weights=tuple([(key, number[v]) for key, v in n.given_weights]),
        )
        for n in graph.nodes
    ]
    graph.types[:] = [graph.types[v] for v in values]
    graph.nodes[:] = nodes
    for scope in tree.scopes:
        scope.inputs = {name: number[v] for name, v in scope.inputs.items() if v in number}
        scope.outputs = tuple([(name, number[v]) for name, v in scope.outputs if v in number])
    return {name: number[v] for name, v in outputs.items()}


def weights_of(name: str, body: Graph) -> list[tuple[str, Parameter]]:
    """Returns the weights of a body by their names within the layer of that name."""
    owned: list[tuple[str, Parameter]] = []
    for node in body.nodes:
        inner = node.name[len(name) + 1 :]
        owned += [(".".join(filter(None, (inner, local))), parameter) for local, parameter in node.weights]
    return owned
