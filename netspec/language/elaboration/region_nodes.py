"""Common parts of regions: inputs and outputs, bodies, and nodes."""

from __future__ import annotations

from typing import Any, Protocol

from ...diagnostics import LocatedError, clip, unpack
from ...ir import Parameter, Trace
from ...ops.region import Region
from ...shapes.named_sizes import NamedSizes
from ...shapes.shape_error import ShapeError
from ...shapes.types import TensorType
from ..reading.document import Block
from ..reading.evaluation import FailedInputError
from ..reading.layers import Layer
from .budget import Budget
from .copies import Instance
from .draft_graph import DraftGraph, ScopeTree
from .elaboration_problems import Problems
from .inference import check_tensor
from .names import Entry, check_present
from .region_frames import Frame
from .resolver import Resolver
from .sharing import Sharing


class LayerBuilder(Protocol):
    """Elaborates the layers of a region: :class:`.scopes.Elaborator`."""

    named: NamedSizes | None
    graph: DraftGraph
    tree: ScopeTree
    budget: Budget
    resolver: Resolver
    problems: Problems
    sharing: Sharing

    def build_once(self, instance: Instance) -> Entry: ...  # noqa: D102 - see Elaborator
    def block_of(self, instance: Instance) -> Block | None: ...  # noqa: D102 - see Elaborator


class RegionNodes:
    """Adds the nodes of regions.

    Args:
        elaborator: elaborates their layers.
    """

    def __init__(self, elaborator: LayerBuilder) -> None:
        self.elaborator = elaborator
        self.graph, self.budget = elaborator.graph, elaborator.budget

    def type(self, entry: Entry | TensorType) -> TensorType:
        """Returns the type of an input or state. Raises FailedInputError."""
        if isinstance(entry, TensorType):
            return entry
        if entry.value is None:
            raise FailedInputError
        return self.graph.types[entry.value]

    def trace(self, instance: Instance) -> Trace:
        """Returns the trace of the region."""
        return Trace(unpack(instance.layer.head_location), instance.scope.draft.trace, instance.layer.head_text)

    def label(self, layer: Layer, instance: Instance) -> str:
        """Returns the name of the operation or block that runs."""
        return layer.head_text if layer.inner is None else "layers"

    def common(self, name: str, bodies: tuple[Any, ...]) -> dict[str, Any]:
        """Returns the fields common to all regions."""
        return {"name": name, "window_rank": 0, "channels_last": False, "bodies": bodies}

    def outputs(self, result: Entry, layer: Layer) -> list[tuple[str, int]]:
        """Returns the outputs of the inner layers by name. Raises FailedInputError."""
        check_present([result], layer.head_location)
        if result.value is None or result.failed_outputs:
            raise FailedInputError
        return list(result.outputs) if result.outputs else [("output", result.value)]

    def body(self, frame: Frame, instance: Instance, values: list[int], outputs: list[tuple[str, int]]) -> Any:
        """Returns the body of a closed frame, whose inputs have these values."""
        named = self.elaborator.named
        names: dict[str, int] = {}
        for v in values:
            names[f"input{len(names)}"] = v
        layout = instance.scope.document.layout
        return frame.body(instance.name, names, dict(outputs), layout, named.dims if named is not None else {})

    def add(
        self,
        instance: Instance,
        op: Region,
        values: tuple[int, ...],
        weights: tuple[tuple[str, Parameter], ...],
        outputs: list[tuple[str, int]],
    ) -> Entry:
        """Adds the node of a region; returns its entry without the inner layers."""
        layer, scope = instance.layer, instance.scope
        if weights and self.elaborator.sharing.stacks:
            message = f"the weights of '{clip(instance.name)}' cannot be stacked with those of copies around"
            help = "leave out 'stacked' there" + (
                "; 'stacked' beside 'route' is for its own copies" if layer.route else ""
            )
            raise LocatedError("NS538", message, layer.head_location, help=help)
        try:
            types = op.infer(*self.graph.types_of(values))
        except ShapeError as error:
            raise LocatedError(error.code, error.message, layer.head_location, help=error.help) from None
        for type in types:
            check_tensor(f"'{instance.name}' gives a tensor", type.shape, layer.head_location)
        self.budget.add_node(instance.name, len(values), types, 0, layer.doc, layer.location)
        node = self.graph.add_node(
            instance.name, instance.name, op, values, types, weights, scope.draft, self.trace(instance), layer.doc
        )
        if len(types) == 1:
            return Entry(instance.name, node.first_value)
        return Entry(instance.name, node.first_value, tuple(zip(dict(outputs), node.values, strict=True)))
