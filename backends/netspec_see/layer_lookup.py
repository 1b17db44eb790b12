"""Layers by name: the value that a name refers to, its axes, and the selection of filters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netspec.diagnostics import Error, clip
from netspec.ir import Graph, Node
from netspec.shapes.types import CHANNELS, TensorType, shape_text

from .see_errors import suggest_or_list


@dataclass(frozen=True, slots=True)
class Plane:
    """Indices of the axes of an image or a feature map, without the batch axis."""

    channel: int
    height: int
    width: int

    @property
    def order(self) -> tuple[int, int, int]:
        """The axes in the order channels, height, width."""
        return self.channel, self.height, self.width


@dataclass(frozen=True, slots=True, eq=False)
class LayerOutput:
    """The output of a layer: after its activation, or before it if that was requested."""

    name: str
    value: int
    type: TensorType
    node: Node
    """The node that computes the value."""

    @property
    def plane(self) -> Plane | None:
        """Its axes if these are channels, height and width; otherwise None."""
        return plane_of(self.type)

    @property
    def filters(self) -> int:
        """Number of its filters (channels, units); 1 if the channel axis is not known."""
        channel = self.type.channel
        return 1 if channel is None else self.type.shape[channel]


def plane_of(x: TensorType) -> Plane | None:
    """The axes of an image or a feature map; None for anything else."""
    if x.rank != 3 or {"height", "width", CHANNELS} != set(x.axes):
        return None
    return Plane(x.axes.index(CHANNELS), x.axes.index("height"), x.axes.index("width"))


def layers_by_name(graph: Graph) -> dict[str, LayerOutput]:
    """The outputs of all layers and blocks by name: first the layers in the network's order, then the blocks.

    The name of a layer with several outputs refers to the first; each is also listed by its own name
    (``lstm.hidden``). Layers that depend on no input (position embeddings, class tokens) are left out, because they are
    the same for every image.
    """
    depends_on_input = set(graph.inputs.values())
    for node in graph.nodes:
        if not depends_on_input.isdisjoint(node.inputs):
            depends_on_input.update(node.values)
    out: dict[str, LayerOutput] = {}
    for name, value in graph.values_by_name.items():
        producer = graph.producer(value)
        if producer is not None and value in depends_on_input:
            out[name] = LayerOutput(name, value, graph.values[value], producer)
    return out


def find_layer(graph: Graph, name: str, *, before_activation: bool = False) -> LayerOutput:
    """The output of a layer.

    Args:
        graph: the network.
        name: a layer, a block, or one output of a layer with several (``split.1``).
        before_activation: whether to return the value before the layer's ``activation``.

    Raises:
        Error: NS801, there is no such layer.
    """
    known = layers_by_name(graph)
    output = known.get(name)
    if output is None:
        raise Error(
            "NS801",
            f"there is no layer '{clip(name)}' in '{clip(graph.name)}'",
            suggest_or_list(name, list(known), "layers"),
        )
    if before_activation and output.node.name != output.node.layer:
        value = output.node.inputs[0]
        producer = graph.producer(value)
        if producer is not None and producer.layer == output.node.layer:
            return LayerOutput(f"{output.name} before its activation", value, graph.values[value], producer)
    return output


def require_plane(graph: Graph, layer: LayerOutput) -> Plane:
    """The axes of a layer with height and width. Raises Error NS803 if it has none."""
    plane = layer.plane
    if plane is None:
        with_plane = [name for name, other in layers_by_name(graph).items() if other.plane is not None]
        help_ = f"the last layer that has them is '{clip(with_plane[-1])}'" if with_plane else None
        raise Error(
            "NS803", f"layer '{clip(layer.name)}' {shape_text(layer.type.shape)} has no height and width", help_
        )
    return plane


def select_filters(layer: LayerOutput, filters: Sequence[int] | None) -> tuple[int, ...]:
    """The given filters of a layer, or all if none are given.

    Raises:
        Error: NS802, the layer has no such filter.
    """
    count = layer.filters
    if filters is None:
        return tuple(range(count))
    for number in filters:
        if not 0 <= number < count:
            existing = f"filters 0 to {count - 1}" if count > 1 else "filter 0 only"
            raise Error("NS802", f"layer '{clip(layer.name)}' has {existing}; found {clip(number)}")
    return tuple(filters)
