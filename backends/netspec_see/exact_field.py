"""The exact receptive field of one element of a value: the set of pixels that affect it.

:mod:`netspec.analysis.receptive_field` computes receptive fields for an unbounded input, as papers state them. Here,
one element is traced back through the existing positions: padding is not a pixel, and the branches of a ``concat``
and the groups of a convolution are separated by channel.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from netspec.ir import Graph, Node
from netspec.ops.rearrangement import Rearrangement
from netspec.shapes.reads import WHOLE, Along, AxisRead, Fixed, ReadPattern

from .layer_lookup import Plane

Mask: TypeAlias = NDArray[np.bool_]
"""Mask of elements of a value."""


class Box(NamedTuple):
    """A rectangle of pixels: rows ``top`` to ``bottom - 1``, columns ``left`` to ``right - 1``."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.bottom - self.top, self.right - self.left


def influence(graph: Graph, value: int, position: Sequence[int], source: int) -> Mask:
    """Returns the elements of an input on which one element of a value depends.

    Args:
        graph: the network.
        value: number of the value.
        position: index of the element along each axis, without the batch.
        source: number of the input.

    Returns:
        A mask in the shape of the input.
    """
    start = np.zeros(graph.values[value].shape, dtype=np.bool_)
    start[tuple(position)] = True
    masks = {value: start}
    for _ in influences(graph, masks):
        pass
    result = masks.get(source)
    return np.zeros(graph.values[source].shape, dtype=np.bool_) if result is None else result


def influences(graph: Graph, masks: dict[int, Mask]) -> Iterator[tuple[int, Mask]]:
    """Yields the elements of values on which other elements depend, with the values in reverse order.

    Args:
        graph: the network.
        masks: elements by the number of their value. A mask is removed when it is yielded; at the end, those of inputs
            remain.
    """
    for node in reversed(graph.nodes):
        for k, v in enumerate(node.values):
            mask = masks.pop(v, None)
            if mask is None or not mask.any():
                continue
            yield v, mask
            for read_value, read_mask in _input_masks(graph, node, k, mask):
                masks[read_value] = masks[read_value] | read_mask if read_value in masks else read_mask


def box(graph: Graph, value: int, position: Sequence[int], source: int, plane: Plane) -> Box | None:
    """Returns the smallest rectangle with all pixels that affect one element; None if all are padding.

    Args:
        graph: the network.
        value: number of the value.
        position: index of the element along each axis, without the batch.
        source: number of the input, an image.
        plane: the axes of the input.
    """
    pixels = np.any(influence(graph, value, position, source), axis=plane.channel)
    rows, columns = np.any(pixels, axis=1), np.any(pixels, axis=0)
    if plane.width < plane.height:
        rows, columns = columns, rows
    if not rows.any():
        return None
    y, x = np.flatnonzero(rows), np.flatnonzero(columns)
    return Box(int(y[0]), int(x[0]), int(y[-1]) + 1, int(x[-1]) + 1)


def _input_masks(graph: Graph, node: Node, k: int, mask: Mask) -> list[tuple[int, Mask]]:
    """Returns the elements of each input of a node on which elements of one output depend."""
    inputs = graph.inputs_of(node)
    op = node.op
    moved = op.rearrangement(inputs[0]) if len(inputs) == 1 else None
    if moved is not None:
        return [(node.inputs[0], _undo(moved, mask).reshape(inputs[0].shape))]
    reads = op.exact_reads(inputs, node.outputs, k)
    return [
        (v, _read(mask, read, x.shape, op.border))
        for v, x, read in zip(node.inputs, inputs, reads, strict=True)
        if read is not None
    ]


def _undo(moved: Rearrangement, mask: Mask) -> Mask:
    """Returns the elements before a rearrangement, in the shape in which they are permuted."""
    permuted = mask.reshape([moved.shape[a] for a in moved.order])
    return permuted.transpose(np.argsort(moved.order))


def _read(mask: Mask, reads: tuple[AxisRead, ...], shape: tuple[int, ...], edge: str) -> Mask:
    """Returns the elements of an input that are read, axis by axis.

    If two axes of the input are read along one axis of the output, the result is their product, which may contain more
    elements than are read.
    """
    along = [r.axis for r in reads if isinstance(r, Along)]
    dropped = tuple(a for a in range(mask.ndim) if a not in along)
    rest = [a for a in range(mask.ndim) if a in along]
    mask = np.asarray(np.any(mask, axis=dropped))
    if len(set(along)) < len(along):
        return _product(mask, rest, reads, shape, edge)
    # Now the axes of the mask are those of the input that are read along, in the order of the input.
    mask = mask.transpose([rest.index(a) for a in along])
    place = 0
    for a, read in enumerate(reads):
        if isinstance(read, Along):
            mask = _read_along(mask, place, read.pattern, shape[a], edge)
            place += 1
    return _spread(mask, reads, shape)


def _product(mask: Mask, rest: list[int], reads: tuple[AxisRead, ...], shape: tuple[int, ...], edge: str) -> Mask:
    out = np.ones(shape, dtype=np.bool_)
    for a, read in enumerate(reads):
        if isinstance(read, Along):
            at = rest.index(read.axis)
            line = np.asarray(np.any(mask, axis=tuple(i for i in range(mask.ndim) if i != at)))
            line = _read_along(line, 0, read.pattern, shape[a], edge)
            out &= line.reshape([-1 if i == a else 1 for i in range(len(shape))])
    return out & _spread(np.ones([1] * sum(isinstance(r, Along) for r in reads), dtype=np.bool_), reads, shape)


def _spread(mask: Mask, reads: tuple[AxisRead, ...], shape: tuple[int, ...]) -> Mask:
    """Adds the axes that are not read along: whole, or a fixed interval."""
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


def _read_along(mask: Mask, axis: int, pattern: ReadPattern, n: int, edge: str) -> Mask:
    """Returns the positions of an axis of size n read by positions of the mask; positions outside are padding."""
    moved = np.moveaxis(mask, axis, 0)
    out = np.zeros((n, *moved.shape[1:]), dtype=np.bool_)
    marked = np.flatnonzero(np.any(moved, axis=tuple(range(1, moved.ndim))))
    period = len(pattern.rows)
    for r in np.unique(marked % period):
        readers = marked[marked % period == r]
        base = readers // period * pattern.step
        for offset in pattern.rows[int(r)]:
            at, inside = positions_read(base + offset, n, edge)
            if pattern.step > 0 and edge == "zeros":  # no position occurs twice
                out[at[inside]] |= moved[readers[inside]]
            else:
                np.logical_or.at(out, at[inside], moved[readers[inside]])
    return np.moveaxis(out, 0, axis)


def positions_read(at: NDArray[np.intp], n: int, edge: str) -> tuple[NDArray[np.intp], Mask]:
    """Returns the positions that are read for possibly outside positions of an axis of size n, and which exist."""
    if edge == "circular":
        return at % n, np.ones(at.shape, dtype=np.bool_)
    if edge == "replicate":
        return np.clip(at, 0, n - 1), np.ones(at.shape, dtype=np.bool_)
    if edge == "reflect":
        at = np.abs(at)
        return np.minimum(at, 2 * (n - 1) - at), np.ones(at.shape, dtype=np.bool_)
    return at, (at >= 0) & (at < n)
