"""The layers of units of a small network, and the connections between units."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

from netspec.backend import BackendError
from netspec.diagnostics import clip
from netspec.ir import Graph, Node
from netspec.ops import family_of
from netspec.shapes.reads import Along, AxisRead, Fixed
from netspec.shapes.types import CHANNELS, TensorType

from ..operation_text import shape_text

MAX_SIDE = 16
"""Greatest height and width of an image whose units are drawn."""
MAX_MAPS = 6
"""Greatest number of maps of an image."""
MOST_UNITS = 10
"""Maximum number of units of a vector that are all drawn; above it, only the first ones and the last one are."""
_IMAGES = f"neurons are drawn of images up to {MAX_SIDE}×{MAX_SIDE} with {MAX_MAPS} maps; otherwise --style volumes"
HELP = "--style graph draws every network"


@dataclass(frozen=True)
class UnitLayer:
    """Units that are drawn together: the input, or the output of a layer with weights or windows."""

    name: str
    type: TensorType
    named_type: TensorType
    """The same type with the names of dimensions."""
    node: Node | None
    """The layer that connects them to the previous units; None for the input."""
    read: TensorType | None = None
    """The input type of the layer: the previous units, possibly reshaped by a flatten."""
    notes: tuple[str, ...] = ()
    """Texts of further layers that do not change the units: activations, dropout, flatten."""

    @property
    def shape(self) -> tuple[int, int, int] | None:
        """(maps, height, width) if the units form an image, otherwise None."""
        if self.type.rank != 3 or {*self.type.axes} != {CHANNELS, "height", "width"}:
            return None
        order = (CHANNELS, "height", "width")
        channels, height, width = (self.type.shape[self.type.axes.index(name)] for name in order)
        return channels, height, width

    def units(self) -> list[tuple[int, ...] | None]:
        """Returns the indices of the units to draw, in row-major order, with None in place of omitted units."""
        if self.shape is not None:
            return list(itertools.product(*(range(n) for n in self.type.shape)))
        indices = list(itertools.islice(itertools.product(*(range(n) for n in self.type.shape)), MOST_UNITS + 1))
        if len(indices) <= MOST_UNITS:
            return list(indices)
        last = tuple(n - 1 for n in self.type.shape)
        return [*indices[: MOST_UNITS - 2], None, last]


def unit_layers(graph: Graph) -> list[UnitLayer]:
    """Returns the layers of units of a network without branches.

    Raises:
        BackendError: NS724, the network branches, or has too many units.
    """
    if len(graph.inputs) != 1:
        raise BackendError("NS724", "neurons are drawn of networks with one input", HELP)
    ((name, value),) = graph.inputs.items()
    numbers = graph.at_default
    layers = [UnitLayer(name, numbers.values[value], graph.values[value], None)]
    for node in numbers.nodes:
        if node.inputs != (value,) or len(node.outputs) != 1:
            message = f"neurons are drawn of networks without branches; '{clip(node.name)}' begins or joins one"
            raise BackendError("NS724", message, HELP)
        value = node.first_value
        if keeps_units(node):
            last = layers.pop()
            layers.append(replace(last, notes=(*last.notes, node.op.name)))
        else:
            (read,) = numbers.inputs_of(node)
            layers.append(UnitLayer(node.layer, node.outputs[0], graph.values[value], node, read))
    for layer in layers:
        shape = layer.shape
        if shape is not None and (shape[0] > MAX_MAPS or max(shape[1:]) > MAX_SIDE):
            message = f"'{clip(layer.name)}' has too many units to draw: {shape_text(layer.type.shape)}"
            raise BackendError("NS724", message, _IMAGES)
    return layers


def keeps_units(node: Node) -> bool:
    """Whether a layer maps every unit to one unit in row-major order, so that it needs no column of its own."""
    return node.op.keeps_order or family_of(node.op.name) in (
        "activation",
        "elementwise",
        "norm",
        "regularise",
    )


def sources(layer: UnitLayer, before: UnitLayer, unit: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Yields the indices of the previous units that a unit is connected to."""
    assert layer.node is not None
    assert layer.read is not None
    (reads,) = layer.node.op.exact_reads((layer.read,), layer.node.outputs)
    if reads is not None:
        axes = (_positions(r, n, unit) for r, n in zip(reads, layer.read.shape, strict=True))
        yield from (_reshaped(index, layer.read.shape, before.type.shape) for index in itertools.product(*axes))


def _positions(read: AxisRead, n: int, unit: tuple[int, ...]) -> list[int]:
    if read is None:
        return list(range(n))
    if isinstance(read, Fixed):
        return list(range(read.first, read.last + 1))
    assert isinstance(read, Along)
    turn, row = divmod(unit[read.axis], len(read.pattern.rows))
    return [at for t in read.pattern.rows[row] if 0 <= (at := turn * read.pattern.step + t) < n]


def _reshaped(index: tuple[int, ...], shape: tuple[int, ...], into: tuple[int, ...]) -> tuple[int, ...]:
    """Returns the index of an element after a reshape."""
    flat = 0
    for i, n in zip(index, shape, strict=True):
        flat = flat * n + i
    out: list[int] = []
    for n in reversed(into):
        flat, i = divmod(flat, n)
        out.append(i)
    return tuple(reversed(out))
