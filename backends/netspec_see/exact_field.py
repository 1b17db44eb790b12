"""Which pixels one neuron sees: exact, on the image as it is, borders, padding and branches included.

:mod:`netspec.analysis.receptive_field` says how large receptive fields are on an input that goes on for ever, which
is what papers state. Here one value of one layer is followed back through the very positions that exist: what stands in
padding is no pixel, the branches of a ``concat`` are told apart by channel, and so are the groups of a convolution.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from netspec.ir import Graph, Node
from netspec.ops.formula import Rearrangement
from netspec.shapes.reads import WHOLE, Along, AxisRead, Fixed, ReadPattern

from .layer_lookup import Plane

Mask: TypeAlias = NDArray[np.bool_]
"""For every element of a value, whether it has influence."""


class Box(NamedTuple):
    """A rectangle of pixels: rows from ``top`` up to ``bottom``, columns from ``left`` up to ``right``, ends apart."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.bottom - self.top, self.right - self.left


def influence(graph: Graph, value: int, position: Sequence[int], source: int) -> Mask:
    """Which elements of an input one element of a value depends on.

    Args:
        graph: the network.
        value: number of the value.
        position: of the element, one number for each axis without the batch.
        source: number of the input.

    Returns:
        A mask of the input's shape.
    """
    start = np.zeros(graph.values[value].shape, dtype=np.bool_)
    start[tuple(position)] = True
    masks: dict[int, Mask] = {value: start}
    for node in reversed(graph.nodes):
        for k, v in enumerate(node.values):
            mask = masks.pop(v, None)
            if mask is None or not mask.any():
                continue
            for at, before in _seen(graph, node, k, mask):
                masks[at] = masks[at] | before if at in masks else before
    found = masks.get(source)
    return np.zeros(graph.values[source].shape, dtype=np.bool_) if found is None else found


def box(graph: Graph, value: int, position: Sequence[int], source: int, plane: Plane) -> Box | None:
    """The smallest rectangle of pixels that holds all that one element depends on; None where it sees no pixel.

    Args:
        graph: the network.
        value: number of the value.
        position: of the element, one number for each axis without the batch.
        source: number of the input, an image.
        plane: the input's axes.
    """
    seen = np.any(influence(graph, value, position, source), axis=plane.channel)
    rows, columns = np.any(seen, axis=1), np.any(seen, axis=0)
    if plane.width < plane.height:
        rows, columns = columns, rows
    if not rows.any():
        return None
    y, x = np.flatnonzero(rows), np.flatnonzero(columns)
    return Box(int(y[0]), int(x[0]), int(y[-1]) + 1, int(x[-1]) + 1)


def _seen(graph: Graph, node: Node, k: int, mask: Mask) -> list[tuple[int, Mask]]:
    """The elements of each input of a node that elements of one output depend on."""
    inputs = graph.inputs_of(node)
    op = node.op
    moved = op.rearrangement(inputs[0]) if len(inputs) == 1 else None
    if moved is not None:
        return [(node.inputs[0], _before(moved, mask).reshape(inputs[0].shape))]
    reads = op.exact_reads(inputs, node.outputs, k)
    return [
        (v, _read(mask, read, x.shape, op.border))
        for v, x, read in zip(node.inputs, inputs, reads, strict=True)
        if read is not None
    ]


def _before(moved: Rearrangement, mask: Mask) -> Mask:
    """The elements before they were moved, in the shape that they were permuted in."""
    permuted = mask.reshape([moved.shape[a] for a in moved.order])
    return permuted.transpose(np.argsort(moved.order))


def _read(mask: Mask, reads: tuple[AxisRead, ...], shape: tuple[int, ...], edge: str) -> Mask:
    """The elements of an input of that shape that are read, axis by axis.

    Where two axes of the input are read along one of the output, what results is the product of both, which may be
    more than is read.
    """
    along = [r.axis for r in reads if isinstance(r, Along)]
    gone = tuple(a for a in range(mask.ndim) if a not in along)
    rest = [a for a in range(mask.ndim) if a in along]
    mask = np.asarray(np.any(mask, axis=gone))
    if len(set(along)) < len(along):
        return _product(mask, rest, reads, shape, edge)
    # From here on the axes are those of the input that are read along, in the input's order.
    mask = mask.transpose([rest.index(a) for a in along])
    place = 0
    for a, read in enumerate(reads):
        if isinstance(read, Along):
            mask = _taken(mask, place, read.pattern, shape[a], edge)
            place += 1
    return _spread(mask, reads, shape)


def _product(mask: Mask, rest: list[int], reads: tuple[AxisRead, ...], shape: tuple[int, ...], edge: str) -> Mask:
    out = np.ones(shape, dtype=np.bool_)
    for a, read in enumerate(reads):
        if isinstance(read, Along):
            at = rest.index(read.axis)
            line = np.asarray(np.any(mask, axis=tuple(i for i in range(mask.ndim) if i != at)))
            line = _taken(line, 0, read.pattern, shape[a], edge)
            out &= line.reshape([-1 if i == a else 1 for i in range(len(shape))])
    return out & _spread(np.ones([1] * sum(isinstance(r, Along) for r in reads), dtype=np.bool_), reads, shape)


def _spread(mask: Mask, reads: tuple[AxisRead, ...], shape: tuple[int, ...]) -> Mask:
    """The axes that are not read along put in: whole, or the fixed interval."""
    index = tuple(slice(None) if isinstance(r, Along) else None for r in reads)
    out = np.broadcast_to(mask[index], shape).copy()
    for a, read in enumerate(reads):
        if isinstance(read, Fixed):
            outside = np.ones(shape[a], dtype=np.bool_)
            outside[max(read.first, 0) : read.last + 1] = False
            out[(slice(None),) * a + (outside,)] = False
        else:
            assert read is WHOLE or isinstance(read, Along)
    return out


def _taken(mask: Mask, axis: int, pattern: ReadPattern, n: int, edge: str) -> Mask:
    """The positions of an axis of n that are read from those of the mask; what is outside is padding."""
    moved = np.moveaxis(mask, axis, 0)
    out = np.zeros((n, *moved.shape[1:]), dtype=np.bool_)
    there = np.flatnonzero(np.any(moved, axis=tuple(range(1, moved.ndim))))
    period = len(pattern.rows)
    for r in np.unique(there % period):
        of = there[there % period == r]
        base = of // period * pattern.step
        for tap in pattern.rows[int(r)]:
            at, inside = folded(base + tap, n, edge)
            if pattern.step > 0 and edge == "zeros":  # then no position comes twice
                out[at[inside]] |= moved[of[inside]]
            else:
                np.logical_or.at(out, at[inside], moved[of[inside]])
    return np.moveaxis(out, 0, axis)


def folded(at: NDArray[np.intp], n: int, edge: str) -> tuple[NDArray[np.intp], Mask]:
    """Positions that may lie outside an axis of n as the positions whose values they take, and which exist at all."""
    if edge == "circular":
        return at % n, np.ones(at.shape, dtype=np.bool_)
    if edge == "replicate":
        return np.clip(at, 0, n - 1), np.ones(at.shape, dtype=np.bool_)
    if edge == "reflect":
        at = np.abs(at)
        return np.minimum(at, 2 * (n - 1) - at), np.ones(at.shape, dtype=np.bool_)
    return at, (at >= 0) & (at < n)
