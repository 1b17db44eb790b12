"""The cost of each layer for one example: multiply-accumulates, connections and activations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..ir import Graph, Layer
from ..shapes.types import DTYPES, ITEM_BYTES, TensorType


class Cost(NamedTuple):
    """The cost of one layer for one example; see :class:`~netspec.analysis.figures.Figures` for the conventions."""

    macs: int
    macs_once: int
    macs_needed: int
    activations: int
    weighted_activations: int
    activation_bytes: int
    connections: int


def layer_costs(graph: Graph) -> tuple[Cost, ...]:
    """Returns the cost of each layer, in the order of the graph, as reported by its operations."""
    fixed = _fixed_values(graph)
    return tuple([_cost(graph, layer, fixed) for layer in graph.layers])


def activation_bytes_by_dtype(graph: Graph) -> dict[str, int]:
    """Returns the bytes of all layer outputs by element type; only types that occur."""
    sizes: dict[str, int] = dict.fromkeys(DTYPES, 0)
    for layer in graph.layers:
        for t in _counted_outputs(layer):
            sizes[t.dtype] += t.elements * ITEM_BYTES[t.dtype]
        for node in layer.nodes:
            if node.op.bodies:
                from .region_figures import (
                    inner_activations,
                )  # loaded only for layers that run along an axis or by choice

                for dtype, size in inner_activations(node)[2].items():
                    sizes[dtype] += size
    return {dtype: size for dtype, size in sizes.items() if size}


def _counted_outputs(layer: Layer) -> Iterator[TensorType]:
    """Yields the types of the outputs of a layer; an activation's output replaces the first output of its layer."""
    for node in layer.nodes:
        if node.inputs and not node.op.bodies:  # the contents of a region are counted there
            yield from node.outputs if node is layer.nodes[-1] else node.outputs[1:]


def _fixed_values(graph: Graph) -> set[int]:
    """Returns the values that depend on no input, which are computed once per batch."""
    fixed: set[int] = set()
    for node in graph.nodes:
        if fixed.issuperset(node.reads):
            fixed.update(node.values)
    return fixed


def _cost(graph: Graph, layer: Layer, fixed: set[int]) -> Cost:
    macs_once = macs = unneeded = activations = activation_bytes = connections = weighted = 0
    for node in layer.nodes:
        inputs = graph.inputs_of(node)
        node_macs = node.op.macs(inputs, node.outputs)
        macs += node_macs
        macs_once += node_macs if node.first_value in fixed else 0
        unneeded += node.op.unneeded_macs(inputs, node.outputs)
        connections += node.op.connection_count(inputs, node.outputs)
        if node.op.bodies:
            from .region_figures import inner_activations  # loaded only for layers that run along an axis or by choice

            elements, inside, by_type = inner_activations(node)
            activations, activation_bytes = activations + elements, activation_bytes + sum(by_type.values())
            weighted += inside
    for t in _counted_outputs(layer):
        elements = t.elements
        activations += elements
        activation_bytes += elements * ITEM_BYTES[t.dtype]
    for node in layer.weight_nodes:
        node_macs = node.op.macs(graph.inputs_of(node), node.outputs)
        macs += node_macs
        macs_once += node_macs if node.first_value in fixed else 0
    weighted = weighted or (activations if macs else 0)
    return Cost(macs, macs_once, macs - unneeded, activations, weighted, activation_bytes, connections)
