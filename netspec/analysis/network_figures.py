"""The figures of a network, as a whole and layer by layer, for reports, expectations and drawings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from ..ir import Graph, Layer, Location, Scope
from ..shapes.types import TensorType, shape_text
from .cost import Cost, activation_bytes_by_dtype, layer_costs
from .figures import Figures
from .parameter_counts import ParameterCount, count_parameters

if TYPE_CHECKING:
    from .cache import Cache
    from .receptive_field import ReceptiveFields


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Row(Figures):
    """A layer with its figures as attributes: those of :class:`~netspec.analysis.figures.Figures`.

    Rows of :func:`~netspec.analysis.collapse.collapse_blocks` may also represent a whole block or equal copies;
    their figures are sums over all layers and copies.
    """

    name: str
    """Full dotted name."""
    operation: str
    """The operation, followed by a fused activation: ``conv2d + relu``; the name of a block."""
    inputs: tuple[str, ...]
    """Names of the layers and network inputs that it reads."""
    output: TensorType
    """Type of its (first) output value, whose sizes may depend on named dimensions."""
    value: int
    """Number of that value in the graph."""
    scope: Scope
    """The scope that contains it."""
    location: Location | None = None
    """Position in the spec."""
    doc: str | None = None
    """Its ``doc`` in the spec."""
    layer_count: int = 1
    """Number of layers: above 1 for blocks and copies."""
    copies: int = 1
    """Number of equal consecutive copies in this row."""

    def __repr__(self) -> str:
        return (
            f"<Row {self.name}: {self.operation} -> {shape_text(self.output.shape)}, {self.params:,} parameters, "
            f"{self.macs:,} MACs>"
        )


Kind: TypeAlias = Literal["layer", "block", "copies", "each", "part"]
"""The kind of a line: ``copies`` has the sums of equal copies; the following line ``each``, and those below it,
describe
one copy.

``part`` is not a block, but the first part of the dotted names below it.
"""


class Line(NamedTuple):
    """A line of an outline (:func:`~netspec.analysis.outline.outline`)."""

    row: Row
    """The figures of a layer, of all layers of a block, or of all copies. Those of a ``part`` are meaningless."""
    label: str
    """The name without that of the heading above it; for ``each``, the name of its only layer, or empty."""
    level: int = 0
    """The number of headings above it."""
    kind: Kind = "layer"


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Analysis(Figures):
    """The figures of a network for one example, and of each of its layers, at the defaults of named dimensions.

    The figures of the network are attributes of the analysis (``analysis.params``, ``analysis.macs``): those of
    :class:`~netspec.analysis.figures.Figures`, summed over all layers. Those of a layer are attributes of its row.
    """

    graph: Graph
    """The network."""
    layers: tuple[Row, ...]
    """One row for each layer, in order."""
    bytes_by_dtype: Mapping[str, int]
    """Bytes of all parameters, by the type of their elements; only types that occur."""
    buffer_bytes: int
    """Bytes of all buffers."""

    @property
    def weight_bytes(self) -> int:
        """Bytes of all parameters."""
        return sum(self.bytes_by_dtype.values())

    def layer(self, name: str) -> Row:
        """Returns the layer with a name.

        Raises:
            netspec.ir.UnknownNameError: no layer has that name.
        """
        return self._rows_by_name[self.graph.layer(name).name]

    @cached_property
    def activation_bytes_by_dtype(self) -> Mapping[str, int]:
        """Bytes of the outputs that ``activations`` counts, by the type of their elements; only types that occur."""
        return activation_bytes_by_dtype(self.graph.at_default)

    @cached_property
    def receptive_fields(self) -> ReceptiveFields:
        """Receptive fields of all values, computed on first use: ``analysis.receptive_fields.of(row.value)``."""
        from .receptive_field import receptive_fields

        return receptive_fields(self.graph.at_default)

    @cached_property
    def cache(self) -> Cache | None:
        """The keys and values that generation caches, at the defaults of the names; None without causal attention."""
        from .cache import key_value_cache

        return key_value_cache(self.graph.at_default)

    @cached_property
    def formulas(self) -> Analysis | None:
        """The analysis with figures that are formulas of the named dimensions, computed on first use.

        None if there are no named dimensions, or if a formula would be too long.
        """
        if not self.graph.dims:
            return None
        from ..shapes.dims import DimLimitError

        try:
            return _analysis(self.graph, layer_costs(self.graph))
        except DimLimitError:
            return None

    @cached_property
    def _rows_by_name(self) -> dict[str, Row]:
        return {row.name: row for row in self.layers}

    def __str__(self) -> str:
        return (
            f"{self.graph.name}: {len(self.layers):,} layer{'s' if len(self.layers) != 1 else ''}, "
            f"{self.params:,} parameters, {self.macs:,} MACs, {self.flops:,} FLOPs, {self.activations:,} activations"
        )

    def __repr__(self) -> str:
        return f"<Analysis {Analysis.__str__(self)}>"


def analyze(graph: Graph) -> Analysis:
    """Returns the figures of a network and of each of its layers, in time linear in the number of layers."""
    return _analysis(graph, layer_costs(graph.at_default))


def _analysis(graph: Graph, costs: Iterable[Cost]) -> Analysis:
    """Returns the analysis of a network whose layers have these costs."""
    parameters = count_parameters(graph.at_default)
    names = [""] * len(graph.values)
    for name, v in graph.inputs.items():
        names[v] = name
    rows: list[Row] = []
    for layer, count, cost in zip(graph.layers, parameters.layers, costs, strict=True):
        rows.append(_row(layer, tuple([names[v] for v in _read(layer)]), count, cost))
        for v in layer.node.values[1:]:
            names[v] = graph.value_name(v)
        names[layer.node.first_value] = names[layer.value] = layer.name
    total = Figures.sum(rows)
    return Analysis(
        graph=graph,
        layers=tuple(rows),
        bytes_by_dtype=parameters.bytes_by_dtype,
        buffer_bytes=parameters.buffer_bytes,
        **{f.name: getattr(total, f.name) for f in fields(Figures)},
    )


def _read(layer: Layer) -> tuple[int, ...]:
    """Returns the values that a layer reads: its inputs, and weights computed by other layers."""
    computed = {v for node in layer.weight_nodes for v in node.values}
    weights = dict.fromkeys(v for node in layer.all_nodes if node is not layer.activation for v in node.reads)
    return (
        layer.inputs
        if not layer.weight_nodes and not layer.node.given_weights
        else tuple(dict.fromkeys((*layer.inputs, *(v for v in weights if v not in computed))))
    )


def _row(layer: Layer, inputs: tuple[str, ...], count: ParameterCount, cost: Cost) -> Row:
    node = layer.node
    return Row(
        name=layer.name,
        operation=layer.operation,
        inputs=inputs,
        output=layer.output,
        value=layer.value,
        scope=layer.scope,
        location=node.trace.location,
        doc=node.doc,
        params=count.params,
        trainable_params=count.trainable_params,
        active_params=count.params - count.idle_params,
        buffers=count.buffers,
        macs=cost.macs,
        macs_once=cost.macs_once,
        macs_needed=cost.macs_needed,
        activations=cost.activations,
        weighted_activations=cost.weighted_activations,
        activation_bytes=cost.activation_bytes,
        connections=cost.connections,
    )
