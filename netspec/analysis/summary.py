"""Everything about a network, layer by layer: what reports and expectations read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from ..ir import Graph, Location, Node, Scope
from ..shapes.types import TensorType
from .cost import Cost, Work, cost
from .parameters import Count, Parameters, count_parameters

if TYPE_CHECKING:
    from .receptive import Field, ReceptiveFields


@dataclass(frozen=True, slots=True)
class Row:
    """A layer with the node of its ``activation``, or (from :func:`~netspec.analysis.outline.outline`) all layers of
    a scope, or of several alike.
    """

    name: str
    """Full dotted name."""
    op: str
    """Operation; of a layer with an activation both: ``conv2d + relu``."""
    inputs: tuple[str, ...]
    """Names of the layers and inputs that it reads."""
    output: TensorType
    """Type of its result, of the first where there are several."""
    value: int
    """Number of that result in the graph."""
    count: Count
    work: Work
    scope: Scope
    """The scope that it stands in."""
    location: Location | None = None
    doc: str | None = None
    layers: int = 1
    """How many layers these are; above 1 for a whole scope."""
    copies: int = 1
    """How many alike, one after the other, stand in this row; all figures are for all of them."""


class Totals(NamedTuple):
    """The figures of a whole network, for one example."""

    params: int
    trainable_params: int
    buffers: int
    macs: int
    flops: int
    activations: int
    weighted_activations: int
    """Activations of convolutions and dense layers alone (pycls, fvcore)."""
    connections: int
    weight_bytes: int


@dataclass(frozen=True)
class Analysis:
    """A network's figures, for one example; receptive fields are worked out when first asked for."""

    graph: Graph
    rows: tuple[Row, ...]
    """One for each layer, in order."""
    parameters: Parameters
    cost: Cost

    @property
    def count(self) -> Count:
        """Parameters and buffers of the whole network."""
        return self.parameters.total

    @property
    def work(self) -> Work:
        """MACs, connections and activations of the whole network."""
        return self.cost.total

    @property
    def totals(self) -> Totals:
        """The figures of the whole network."""
        c, w = self.count, self.work
        return Totals(
            c.params, c.trainable, c.buffers, w.macs, w.flops, w.activations, w.weighted_activations, w.connections,
            self.parameters.bytes,
        )

    @cached_property
    def receptive(self) -> ReceptiveFields:
        """Receptive fields of all values."""
        from .receptive import receptive_fields  # only for those who ask

        return receptive_fields(self.graph)

    def fields(self, row: Row) -> tuple[Field, ...] | None:
        """The receptive field of a row's result."""
        return self.receptive.of(row.value)

    @property
    def inputs(self) -> dict[str, TensorType]:
        """Types of the inputs by name."""
        return {name: self.graph.values[v] for name, v in self.graph.inputs.items()}

    @property
    def outputs(self) -> dict[str, TensorType]:
        """Types of the outputs by name."""
        return {name: self.graph.values[v] for name, v in self.graph.outputs.items()}

    def __str__(self) -> str:
        w = self.work
        return (
            f"{self.graph.name}: {len(self.rows):,} layer{'s' if len(self.rows) != 1 else ''}, "
            f"{self.count.params:,} parameters, "
            f"{w.macs:,} MACs, {w.flops:,} FLOPs, {w.activations:,} activations"
        )


def analyze(graph: Graph) -> Analysis:
    """Counts and costs of a graph, with a row for each layer; linear in its nodes."""
    parameters = count_parameters(graph)
    costs = cost(graph)
    names = [""] * len(graph.values)
    for name, v in graph.inputs.items():
        names[v] = name
    rows: list[Row] = []
    layers: dict[str, int] = {}
    for node, count, work in zip(graph.nodes, parameters.nodes, costs.nodes, strict=True):
        base = layers.get(node.layer) if node.name != node.layer else None
        if base is not None:
            rows[base] = _activated(rows[base], node, count, work)
            names[node.first] = node.layer
            continue
        layers[node.name] = len(rows)
        names[node.first] = node.name
        if len(node.outputs) > 1:
            for v, output in list(zip(node.values, node.op.output_names(len(node.outputs)), strict=True))[1:]:
                names[v] = f"{node.name}.{output}"
        rows.append(
            Row(
                node.name, node.op.name, tuple([names[v] for v in node.inputs]), graph.values[node.first], node.first,
                count, work, node.scope, node.trace.location, node.doc,
            )
        )
    return Analysis(graph, tuple(rows), parameters, costs)


def _activated(row: Row, node: Node, count: Count, work: Work) -> Row:
    """A layer's row with the node of its activation in it."""
    return Row(
        row.name, f"{row.op} + {node.op.name}", row.inputs, node.outputs[0], node.first, row.count.plus(count),
        row.work.plus(work), row.scope, row.location, row.doc,
    )
