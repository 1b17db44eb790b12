"""Where in the image the tokens of a network are, whatever their order in a sequence."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from netspec.ir import Graph, Node
from netspec.ops.pattern import Rearrange
from netspec.shapes.types import TensorType

from .layer_lookup import Plane, plane_of

Positions: TypeAlias = NDArray[np.float64]
"""Row and column of each element of a value, from 0 to 1: (2, and the shape of the value)."""


def token_positions(graph: Graph) -> dict[int, Positions]:
    """Returns the positions of the tokens of sequences, (2, tokens), by the number of the value.

    Positions are propagated from maps, whose axes are rows and columns, through operations that move or pool elements
    (``rearrange``, ``permute`` …) and through those that keep the shape except for the channels. A value that joins
    several sequences has none.
    """
    known: dict[int, Positions] = {}
    out: dict[int, Positions] = {}
    for node in graph.nodes:
        for value in node.values:
            x = graph.values[value]
            plane = plane_of(x)
            positions = _of_map(x, plane) if plane is not None else _moved(graph, node, value, known)
            if positions is None:
                continue
            tokens = _without_channels(positions, x)
            known[value] = positions if tokens is None else np.broadcast_to(tokens, (2, *x.shape))
            if x.rank == 2 and tokens is not None:
                out[value] = tokens[..., 0] if channel_axis(x) == 1 else tokens[:, 0]
    return out


def raster_order(positions: Positions) -> tuple[int, int, list[int]] | None:
    """Returns rows, columns, and the numbers of the tokens in raster order, or None if they do not form a grid."""
    places = [(round(float(y), 6), round(float(x), 6)) for y, x in positions.T]
    rows, columns = ({place[axis] for place in places} for axis in (0, 1))
    if not len(rows) * len(columns) == len(places) == len(set(places)):
        return None
    return len(rows), len(columns), sorted(range(len(places)), key=places.__getitem__)


def channel_axis(x: TensorType) -> int:
    """Returns the axis of the channels, or the last one if it is not known."""
    return x.rank - 1 if x.channel is None else x.channel


def _of_map(x: TensorType, plane: Plane) -> Positions:
    """Returns the positions of the elements of a map."""
    shape = [size if a in (plane.height, plane.width) else 1 for a, size in enumerate(x.shape)]
    out = np.empty((2, *shape))
    for number, axis in enumerate((plane.height, plane.width)):
        size = x.shape[axis]
        out[number] = ((np.arange(size) + 0.5) / size).reshape([size if a == axis else 1 for a in range(x.rank)])
    return np.broadcast_to(out, (2, *x.shape))


def _moved(graph: Graph, node: Node, value: int, known: dict[int, Positions]) -> Positions | None:
    """Returns the positions of a computed value, or None if they are not known."""
    x = graph.values[value]
    inputs = graph.inputs_of(node)
    if len(inputs) == 1:
        before = known.get(node.inputs[0])
        if before is None:
            return None
        moved = node.op.rearrangement(inputs[0])
        if moved is not None:
            parts: Positions = before.reshape(2, *moved.shape).transpose(0, *(a + 1 for a in moved.order))
            return parts.reshape(2, *x.shape)
        if isinstance(node.op, Rearrange):
            return _reduced(node.op, inputs[0], before, x)
    axis = channel_axis(x)
    for source, other in zip(node.inputs, inputs, strict=True):
        if source not in known or other.rank != x.rank or channel_axis(other) != axis:
            continue
        if all(a == b for i, (a, b) in enumerate(zip(other.shape, x.shape, strict=True)) if i != axis):
            constant = _without_channels(known[source], other)
            return None if constant is None else np.broadcast_to(constant, (2, *x.shape))
    return None


def _reduced(op: Rearrange, before: TensorType, positions: Positions, after: TensorType) -> Positions | None:
    """Returns the mean positions over the axes that an operation reduces, or None if it repeats elements."""
    layout = op.layout((before,))
    names = [name for group in layout.inputs[0] for name in group]
    if not set(layout.order) <= set(names):
        return None
    gone = op.reduced(layout)
    parts = positions.reshape(2, *(layout.sizes[name] for name in names))
    means: Positions = parts.mean(tuple(names.index(name) + 1 for name in gone), keepdims=True)
    order = [names.index(name) + 1 for name in (*layout.order, *gone)]
    return means.transpose(0, *order).reshape(2, *after.shape)


def _without_channels(positions: Positions, x: TensorType) -> Positions | None:
    """Returns the positions with a channel axis of size 1, or None if they differ between channels."""
    first = np.take(positions, [0], channel_axis(x) + 1)
    return first if np.array_equal(np.broadcast_to(first, positions.shape), positions) else None
