"""Cost for one example: multiply-accumulates, connections and activations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ..ir import Graph


class Work(NamedTuple):
    """What a node, a layer or a network does for one example."""

    macs: int = 0
    """Multiply-accumulates of convolutions, dense layers, matrix products and attention; without bias,
    normalisation and activation (the convention of torchvision and fvcore)."""
    connections: int = 0
    """Weights used, bias included, summed over output positions (LeCun et al. 1998)."""
    activations: int = 0
    """Elements of the outputs; a layer with its ``activation`` once, learned tensors and tables not at all."""
    weighted_activations: int = 0
    """The same of convolutions, dense layers and whatever else has MACs (the figure of pycls and fvcore)."""

    @property
    def flops(self) -> int:
        """Floating-point operations: two for each multiply-accumulate."""
        return 2 * self.macs

    def plus(self, other: Work) -> Work:
        """Both together."""
        return Work(*(a + b for a, b in zip(self, other, strict=True)))


@dataclass(frozen=True, slots=True)
class Cost:
    """Cost of a graph."""

    total: Work
    nodes: tuple[Work, ...]
    """For each node, in the graph's order. Of a layer and the node of its ``activation`` the first has no
    activations of its own (but for further outputs), the second has them."""


def cost(graph: Graph) -> Cost:
    """Adds up what every operation says of itself."""
    nodes: list[Work] = []
    layers: dict[str, int] = {}
    values = graph.values
    for i, node in enumerate(graph.nodes):
        inputs = tuple([values[v] for v in node.inputs])
        macs = node.op.macs(inputs, node.outputs)
        activations = sum([y.elements for y in node.outputs]) if inputs else 0
        weighted = activations if macs else 0
        if node.name == node.layer:
            layers[node.name] = i
        elif (base := layers.get(node.layer)) is not None:
            # The activation's result takes the place of the layer's first output.
            before = nodes[base]
            replaced = graph.nodes[base].outputs[0].elements if before.activations else 0
            if before.weighted_activations:
                weighted = activations
            nodes[base] = before._replace(
                activations=before.activations - replaced,
                weighted_activations=before.weighted_activations - (replaced if before.weighted_activations else 0),
            )
        connections = node.op.connection_count(inputs, node.outputs)
        nodes.append(Work(macs, connections, activations, weighted))
    total = [0, 0, 0, 0]
    for work in nodes:
        for k, n in enumerate(work):
            total[k] += n
    return Cost(Work(*total), tuple(nodes))
