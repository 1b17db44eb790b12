"""Reshapes, permutations, concatenation and repetition."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from netspec.importing.batch import BatchAxis
from netspec.shapes.sizes import Size, is_named, is_same, product

from ..batch import (
    aligned,
    check_types,
    expanded,
    item_axis,
    join,
    off_axes,
    permute,
    reshape,
    view,
    with_batch_first,
    with_plain_batch,
)
from ..constant_folding import bounded
from ..errors import refused, shape_text
from ..node import OnnxNode
from ..rule_table import Inputs, Result, rule
from ..site import Site
from ..values import SourceTensor

MOST_COPIES = 256
"""Maximum number of copies of a tensor that are concatenated."""


@rule("Reshape")
def reshape_rule(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``reshape``; 0 copies a size, and -1 is inferred."""
    x, shape = inputs.need(0), inputs.need(1)
    if not shape.is_known or shape.known is None:
        raise refused("shape", "the shape depends on the data")
    target: list[Any] = [n if is_named(n) else int(n) for n in shape.known.reshape(-1)]
    if not node.attribute("allowzero", 0):
        if any(is_same(n, 0) and k >= x.rank for k, n in enumerate(target)):
            raise refused("malformed", "0 in the shape keeps a size that the input does not have")
        target = [x.shape[k] if is_same(n, 0) else n for k, n in enumerate(target)]
    return reshape(r, x, target, r.literal)


@rule("Flatten")
def flatten(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``flatten`` if it merges all axes except the batch, otherwise ``reshape``."""
    x = r.placed(inputs.need(0))
    axis = int(node.attribute("axis", 1))
    axis = axis % x.rank if axis < 0 else axis
    if axis == 1 and x.batch == BatchAxis(0) and len(x.item_shape) > 1:
        (number,) = r.emit("flatten", [r.number(x)])
        return r.output_value(number, BatchAxis(0), x.shared)
    return reshape(r, x, [product(x.shape[:axis]), product(x.shape[axis:])])


@rule("Transpose")
def transpose(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``permute``."""
    x = inputs.need(0)
    order = node.attribute("perm") or list(range(x.rank))[::-1]
    if sorted(order) != list(range(x.rank)):
        raise refused("malformed", f"perm {list(order)[:8]} is not an order of {x.rank} axes")
    return permute(r, x, order)


@rule("Identity")
def identity(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """Returns its input."""
    return inputs.need(0)


@rule("Unsqueeze")
def unsqueeze(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """Inserts axes of size 1."""
    x, axes = r.placed(inputs.need(0)), r.integers(node, "axes", inputs) or []
    rank = x.rank + len(axes)
    new = {a % rank for a in axes}
    old = [k for k in range(rank) if k not in new]
    shape: list[Size] = [1] * rank
    for k, n in zip(old, x.shape, strict=True):
        shape[k] = n
    batch = x.batch and replace(x.batch, axis=old[x.batch.axis])
    if batch is None and not r.single and 0 in new:
        return view(r, x, tuple(shape), BatchAxis(0), True)  # a leading axis, equal for all examples
    return view(r, x, tuple(shape), batch, x.shared)


@rule("Squeeze")
def squeeze(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """Removes axes of size 1."""
    x, axes = r.placed(inputs.need(0)), r.integers(node, "axes", inputs)
    gone = [a % x.rank for a in axes] if axes is not None else [k for k, n in enumerate(x.shape) if is_same(n, 1)]
    if any(not is_same(x.shape[k], 1) for k in gone):
        raise refused("malformed", f"axes {gone} of {shape_text(x.shape)} cannot be removed: their size is not 1")
    x = off_axes(r, x, gone)
    shape = tuple(n for k, n in enumerate(x.shape) if k not in gone)
    batch = x.batch and replace(x.batch, axis=x.batch.axis - sum(k < x.batch.axis for k in gone))
    return view(r, x, shape, batch, x.shared)


@rule("Concat")
def concat(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``concat`` without empty tensors."""
    values = [v for v in inputs if v is not None and not any(is_same(n, 0) for n in v.shape)]
    rank = values[0].rank
    axis = int(node.attribute("axis", 0)) % max(rank, 1)
    if any(v.rank != rank for v in values):
        raise refused("malformed", "its inputs have different numbers of axes")
    values = [r.placed(v) for v in values]
    if r.single and any(v.batch is not None and v.batch.axis == axis for v in values):
        values = [with_plain_batch(r, v) for v in values]
    parts, batch, shared = aligned(r, values)
    if batch is not None and batch.axis == axis:
        if not shared:
            raise refused("batch", "it concatenates along the batch axis")
        parts, batch, shared = [with_plain_batch(r, v) for v in parts], None, False
    elif batch is not None and not shared:
        parts = [_for_each_example(r, v) for v in parts]
    if len(parts) == 1:
        return parts[0]
    check_types("concat", parts)
    place = SourceTensor(parts[0].shape, parts[0].dtype, batch=batch)
    (number,) = r.emit("concat", [r.number(v) for v in parts], {"axis": item_axis(place, axis)})
    return r.output_value(number, batch, shared)


def _for_each_example(r: Site, x: SourceTensor) -> SourceTensor:
    """Marks a tensor that all examples share as different per example; netspec broadcasts it when concatenating."""
    return replace(x, shared=False) if x.shared else x


@rule("Split")
def split(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``split`` into equal parts, or into parts of given sizes."""
    axis = int(node.attribute("axis", 0))
    x = off_axes(r, inputs.need(0), [axis])
    axis %= x.rank
    count = len(node.outputs)
    sizes = r.integers(node, "split", inputs)
    size = x.shape[axis]
    if sizes is None:
        if is_named(size):
            sizes = []
        else:
            part = -(-size // count)
            sizes = [min(part, size - k * part) for k in range(count)]
    parts: Any = count if not sizes or len(set(sizes)) == 1 else sizes
    if count == 1:
        return [x]
    numbers = r.emit("split", [r.number(x)], {"parts": parts, "axis": item_axis(x, axis)})
    return [r.output_value(n, x.batch, x.shared) for n in numbers]


@rule("Expand")
def expand(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``expand``; the identity if only the batch is new."""
    x, shape = inputs.need(0), inputs.need(1)
    if not shape.is_known or shape.known is None:
        raise refused("shape", "the shape depends on the data")
    return expanded(r, x, tuple(n if is_named(n) else int(n) for n in shape.known.reshape(-1)))


@rule("Tile")
def tile(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``expand`` for axes of size 1, concatenated copies for others."""
    x, repeats = r.placed(inputs.need(0)), inputs.need(1)
    if not repeats.is_known or repeats.known is None or repeats.known.size != x.rank:
        raise refused("shape", "the number of copies depends on the data")
    for axis, n in enumerate(repeats.known.reshape(-1).tolist()):
        if is_same(n, 1):
            continue
        if is_same(x.shape[axis], 1):
            x = expanded(r, x, (*x.shape[:axis], n, *x.shape[axis + 1 :]))
            continue
        if is_named(n) or not 1 <= n <= MOST_COPIES:
            raise refused("argument", f"{n} copies along an axis have no equivalent")
        x = off_axes(r, x, [axis])
        (number,) = r.emit("concat", [r.number(x)] * n, {"axis": item_axis(x, axis)})
        x = r.output_value(number, x.batch, x.shared)
    return x


@rule("DepthToSpace")
def depth_to_space(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``pixel_shuffle``; for mode ``DCR``, the channels are reordered before it."""
    x = with_batch_first(r, inputs.need(0))
    factor = int(node.attribute("blocksize", 1))
    if node.attribute("mode", "DCR") == "DCR" and factor > 1:
        channels, height, width = x.item_shape
        if is_named(channels) or channels % (factor * factor):
            raise refused("malformed", f"{channels} channels cannot be divided into blocks of size {factor}")
        deep = channels // (factor * factor)
        number = r.reshaped(x, (factor * factor, deep, height, width))
        (number,) = r.emit("permute", [number], {"order": [1, 0, 2, 3]})
        (number,) = r.emit("reshape", [number], {"shape": [channels, height, width]})
        x = r.output_value(number, BatchAxis(0), x.shared)
    (number,) = r.emit("pixel_shuffle", [r.number(x)], {"factor": factor})
    return r.output_value(number, BatchAxis(0), x.shared)


@rule("SpaceToDepth")
def space_to_depth(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``pixel_unshuffle`` with reordered channels."""
    x = with_batch_first(r, inputs.need(0))
    factor = int(node.attribute("blocksize", 1))
    deep = x.item_shape[0]
    (number,) = r.emit("pixel_unshuffle", [r.number(x)], {"factor": factor})
    out = r.output_value(number, BatchAxis(0), x.shared)
    if factor == 1:
        return out
    channels, height, width = out.item_shape
    number = r.reshaped(out, (deep, factor * factor, height, width))
    (number,) = r.emit("permute", [number], {"order": [1, 0, 2, 3]})
    (number,) = r.emit("reshape", [number], {"shape": [channels, height, width]})
    return r.output_value(number, BatchAxis(0), x.shared)


@rule("Trilu")
def trilu(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """The product with a triangular matrix of ones."""
    x = r.placed(inputs.need(0))
    diagonal = inputs.at(1)
    k = int(diagonal.scalar() or 0) if diagonal is not None else 0
    rows, columns = x.shape[-2:]
    if is_named(rows) or is_named(columns) or math.prod((rows, columns)) > 2**22:
        raise refused("shape", "a triangle of a named size has no equivalent")
    bounded(rows * columns)
    full = np.ones((rows, columns), np.float32)
    triangle = np.triu(full, k) if node.attribute("upper", 1) else np.tril(full, k)
    return join(r, "multiply", [x, r.constant(triangle)])
