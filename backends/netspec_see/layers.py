"""Layers by name: which value a name stands for, its axes, and which of its filters are meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netspec.diagnostics import clip
from netspec.ir import Graph, Node
from netspec.shapes.types import CHANNELS, TensorType, shown

from .faults import fail, nearest_or_all


@dataclass(frozen=True, slots=True)
class Plane:
    """Numbers of the axes of an image or of what a layer makes of one, without the batch axis."""

    channel: int
    height: int
    width: int

    @property
    def order(self) -> tuple[int, int, int]:
        """The axes in the order channels, height, width."""
        return self.channel, self.height, self.width


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A layer's result: the value after its activation, or before it where that was asked for."""

    name: str
    value: int
    type: TensorType
    node: Node

    @property
    def plane(self) -> Plane | None:
        """Its axes, where it has channels, height and width and no others."""
        return plane_of(self.type)

    @property
    def filters(self) -> int:
        """How many filters (channels, units) it has; 1 where no axis is known to be that of the channels."""
        channel = self.type.channel
        return 1 if channel is None else self.type.shape[channel]


def plane_of(x: TensorType) -> Plane | None:
    """The axes of an image, None for anything else."""
    if x.rank != 3 or {"height", "width", CHANNELS} != set(x.axes):
        return None
    return Plane(x.axes.index(CHANNELS), x.axes.index("height"), x.axes.index("width"))


def layers(graph: Graph) -> dict[str, Layer]:
    """All layers by name, in the network's order; blocks by theirs stand for what they give.

    A layer of several outputs stands for its first, and each is there under its own name (``lstm.hidden``).
    Layers that read no input (tables of positions, class tokens) are left out: no image changes them.
    """
    out: dict[str, Layer] = {}
    driven = set(graph.inputs.values())
    scopes: dict[str, Layer] = {}
    for node in graph.nodes:
        if driven.isdisjoint(node.inputs):
            continue
        driven.update(node.values)
        made = Layer(node.layer, node.first, node.outputs[0], node)
        out[node.layer] = made
        if len(node.outputs) > 1:
            for v, x in zip(node.values, node.outputs, strict=True):
                out[graph.value_name(v)] = Layer(graph.value_name(v), v, x, node)
        scope = node.scope
        while scope.parent is not None:
            gives = scope.outputs[0][1] if scope.outputs else node.first
            if gives in node.values:
                scopes[scope.name] = Layer(scope.name, gives, graph.values[gives], node)
            scope = scope.parent
    for name, layer in scopes.items():
        out.setdefault(name, layer)
    return out


def find(graph: Graph, name: str, *, before_activation: bool = False) -> Layer:
    """The layer of that name.

    Args:
        graph: the network.
        name: a layer, a block, or an output of a layer that has several (``split.1``).
        before_activation: whether the value before the layer's ``activation`` is meant.

    Raises:
        Error: NS801, there is none.
    """
    known = layers(graph)
    found = known.get(name)
    if found is None:
        fail("NS801", f"there is no layer '{clip(name)}' in '{clip(graph.name)}'",
             nearest_or_all(name, list(known), "layers"))
    if before_activation and found.node.name != found.node.layer:
        value = found.node.inputs[0]
        maker = graph.producer(value)
        if maker is not None and maker.layer == found.node.layer:
            return Layer(f"{found.name} before its activation", value, graph.values[value], maker)
    return found


def plane(graph: Graph, layer: Layer) -> Plane:
    """The axes of a layer that has height and width. Raises Error NS803 for one that has not."""
    found = layer.plane
    if found is None:
        with_plane = [n for n, other in layers(graph).items() if other.plane is not None]
        help_ = f"the last layer that has them is '{clip(with_plane[-1])}'" if with_plane else None
        fail("NS803", f"layer '{clip(layer.name)}' {shown(layer.type.shape)} has no height and width", help_)
    return found


def chosen(layer: Layer, filters: Sequence[int] | None, most: int | None = None) -> tuple[int, ...]:
    """The numbers of the filters that are meant: those given, or the first (``most`` at most).

    Raises:
        Error: NS802, the layer has no such filter.
    """
    n = layer.filters
    if filters is None:
        return tuple(range(n if most is None else min(n, most)))
    for number in filters:
        if not 0 <= number < n:
            range_ = f"filters 0 to {n - 1}" if n > 1 else "filter 0 only"
            fail("NS802", f"layer '{clip(layer.name)}' has {range_}; found {clip(number)}")
    return tuple(filters)
