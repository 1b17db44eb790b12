"""The cost of each layer for one example: multiply-accumulates, connections and activations."""

from __future__ import annotations

from typing import NamedTuple

from ..ir import Graph, Layer


class Cost(NamedTuple):
    """What one layer costs for one example; see :class:`~netspec.analysis.figures.Figures` for the conventions."""

    macs: int
    activations: int
    weighted_activations: int
    connections: int


def layer_costs(graph: Graph) -> tuple[Cost, ...]:
    """The cost of each layer, in the order of the graph, from what its operations report."""
    return tuple([_cost(graph, layer) for layer in graph.layers])


def _cost(graph: Graph, layer: Layer) -> Cost:
    macs = activations = connections = 0
    for node in layer.nodes:
        inputs = graph.inputs_of(node)
        macs += node.op.macs(inputs, node.outputs)
        connections += node.op.connection_count(inputs, node.outputs)
        if inputs:
            # The output of an activation replaces the first output of its layer.
            outputs = node.outputs if node is layer.nodes[-1] else node.outputs[1:]
            activations += sum([t.elements for t in outputs])
    return Cost(macs, activations, activations if macs else 0, connections)
