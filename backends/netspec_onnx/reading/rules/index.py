"""Indexing and selection by position."""

from __future__ import annotations

from typing import Any

import numpy as np

from netspec.importing.batch import BatchAxis
from netspec.shapes.sizes import is_named, is_same
from netspec.weights.numpy_types import Array

from ..batch import item_axis, off_axes, reshape, view, with_batch_first, with_plain_batch
from ..constant_folding import integer_positions
from ..errors import refused
from ..hierarchy import is_generated
from ..node import OnnxNode
from ..rule_table import Inputs, Result, rule
from ..site import Site
from ..values import SourceTensor


@rule("Gather")
def gather(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``embedding`` for a stored table, ``select`` or ``slice`` for known positions, otherwise ``gather``."""
    x, index = inputs.need(0), inputs.need(1)
    axis = int(node.attribute("axis", 0)) % max(x.rank, 1)
    if _is_table(x) and axis == 0 and (not index.is_known or not _is_range(index)):
        return _embedding(r, x, index)
    if index.is_constant and index.known is not None and index.known.dtype != object:
        return _at_known(r, x, axis, index)
    x = off_axes(r, x, [axis])
    index = r.placed(index)
    if index.batch is not None and index.shared:
        index = with_plain_batch(r, index)
    if index.batch is not None and x.batch is not None and not r.single:
        raise refused("batch", "the tensor and the positions both differ from example to example")
    if r.single and index.batch is not None and x.batch is not None:
        x = with_plain_batch(r, x)
    batch = x.batch
    if batch is not None and batch.axis > axis:
        batch = batch.moved(index.rank - 1)
    if index.batch is not None:
        batch = index.batch.moved(axis)
    (number,) = r.emit("gather", [r.number(x)], {"axis": item_axis(x, axis)}, layers={"index": r.number(index)})
    return r.output_value(number, batch, x.shared)


def _is_table(x: SourceTensor) -> bool:
    """Returns whether a tensor is the table of an ``embedding``, according to its name."""
    is_named_so = is_generated(x.learned) or x.learned.endswith("weight") or "." not in x.learned
    return x.is_known and bool(x.learned) and x.dtype == "float32" and x.rank == 2 and is_named_so


def _is_range(index: SourceTensor) -> bool:
    """Returns whether the positions are consecutive, or a single one."""
    if index.known is None or index.known.dtype == object:
        return True
    flat: Array = integer_positions(index.known).reshape(-1)
    return flat.size < 2 or bool((np.diff(flat) == 1).all())


def _embedding(r: Site, x: SourceTensor, index: SourceTensor) -> SourceTensor:
    assert x.known is not None
    index = r.placed(index)
    vocabulary, width = x.known.shape
    names = r.layer_weights("embedding", {"weight": x})
    arguments = {"vocabulary": vocabulary, "width": width}
    (number,) = r.emit("embedding", [r.number(index)], arguments, weights=names)
    return r.output_value(number, index.batch, index.shared)


def _at_known(r: Site, x: SourceTensor, axis: int, index: SourceTensor) -> SourceTensor:
    """Selects known positions: one, a range, or a list."""
    assert index.known is not None
    x = off_axes(r, x, [axis])
    size = x.shape[axis]
    positions = integer_positions(index.known)
    if not is_named(size):
        if positions.size and not (-size <= positions.min() and positions.max() < size):
            raise refused("malformed", f"a position is outside of an axis of size {size}")
        positions = np.where(positions < 0, positions + size, positions)
    batch = x.batch
    if batch is not None and batch.axis > axis:
        batch = batch.moved(index.rank - 1)
    place = item_axis(x, axis)
    if index.rank == 0:
        (number,) = r.emit("select", [r.number(x)], {"index": int(positions), "axis": place})
        return r.output_value(number, batch, x.shared)
    flat: Array = positions.reshape(-1)
    first = int(flat[0]) if flat.size else -1
    if first >= 0 and np.array_equal(flat, np.arange(first, first + flat.size)):
        arguments: dict[str, Any] = {"axis": place}
        arguments |= {"start": first} if first else {}
        arguments |= {"stop": int(flat[-1]) + 1} if is_named(size) or flat[-1] + 1 != size else {}
        out = x
        if len(arguments) > 1:
            (number,) = r.emit("slice", [r.number(x)], arguments)
            out = r.output_value(number, x.batch, x.shared)
        return out if index.rank == 1 else reshape(r, out, (*x.shape[:axis], *index.shape, *x.shape[axis + 1 :]))
    table = r.number(r.constant(positions))
    (number,) = r.emit("gather", [r.number(x)], {"axis": place}, layers={"index": table})
    return r.output_value(number, batch, x.shared)


@rule("GatherElements")
def gather_elements(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``take_along``."""
    x, index = r.placed(inputs.need(0)), r.placed(inputs.need(1))
    axis = int(node.attribute("axis", 0))
    if x.batch != index.batch or x.shared != index.shared:
        if not r.single:
            raise refused("batch", "the tensor and the positions have the batch on different axes")
        x, index = with_plain_batch(r, x), with_plain_batch(r, index)
    x, index = off_axes(r, x, [axis]), off_axes(r, index, [axis])
    (number,) = r.emit("take_along", [r.number(x)], {"axis": item_axis(x, axis)}, layers={"index": r.number(index)})
    return r.output_value(number, x.batch, x.shared)


@rule("ArgMax", "ArgMin")
def arg_extreme(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``argmax`` and ``argmin``."""
    if node.attribute("select_last_index", 0):
        raise refused("argument", "select_last_index: 1 has no equivalent")
    axis = int(node.attribute("axis", 0))
    x = off_axes(r, inputs.need(0), [axis])
    keepdims = bool(node.attribute("keepdims", 1))
    arguments: dict[str, Any] = {"axis": item_axis(x, axis)} | ({"keepdims": True} if keepdims else {})
    (number,) = r.emit(node.operator.lower(), [r.number(x)], arguments)
    batch = x.batch
    if batch is not None and not keepdims and axis % x.rank < batch.axis:
        batch = batch.moved(-1)
    return r.output_value(number, batch, x.shared)


@rule("TopK")
def top_k(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``top_k``, or ``sort`` of all values; of the least values by their negatives."""
    least = not node.attribute("largest", 1)
    axis = int(node.attribute("axis", -1))
    x = off_axes(r, inputs.need(0), [axis])
    k = r.numbers(node, "k", inputs)
    if k is None:
        raise refused("malformed", "the number of values (k) is missing")
    if is_same(x.shape[axis], int(k)) and node.attribute("sorted", 1):
        order = {"axis": item_axis(x, axis)} | ({} if least else {"descending": True})
        return [r.output_value(n, x.batch, x.shared) for n in r.emit("sort", [r.number(x)], order)]
    if least:
        x = r.unary("rescale", x, {"factor": -1})
    numbers = r.emit("top_k", [r.number(x)], {"axis": item_axis(x, axis), "k": k})
    values, index, *_ = (r.output_value(n, x.batch, x.shared) for n in numbers)
    return [r.unary("rescale", values, {"factor": -1}) if least else values, index]


@rule("OneHot")
def one_hot(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``one_hot`` with zeros and ones along a new last axis."""
    x, depth, values = r.placed(inputs.need(0)), inputs.need(1).scalar(), inputs.need(2)
    if depth is None or values.known is None or values.known.reshape(-1).tolist() != [0, 1]:
        raise refused("argument", "values other than 0 and 1, or a depth that is not constant, have no equivalent")
    if int(node.attribute("axis", -1)) not in (-1, x.rank):
        raise refused("argument", "classes along an axis other than the last have no equivalent")
    (number,) = r.emit("one_hot", [r.number(x)], {"classes": int(depth)})
    out = r.output_value(number, x.batch, x.shared)
    return out if out.dtype == values.dtype else r.unary("cast", out, {"to": values.dtype})


@rule("CumSum")
def cumulative_sum(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``cumsum``; in reverse, between two ``flip`` operations."""
    axis = inputs.need(1).scalar()
    if axis is None:
        raise refused("shape", "the axis depends on the data")
    if node.attribute("exclusive", 0):
        raise refused("argument", "exclusive: 1 has no equivalent")
    x = off_axes(r, inputs.need(0), [int(axis)])
    place = {"axis": item_axis(x, int(axis))}
    if not node.attribute("reverse", 0):
        return r.unary("cumsum", x, place)
    return r.unary("flip", r.unary("cumsum", r.unary("flip", x, place), place), place)


@rule("GatherND")
def gather_nd(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """Known positions along the first axes, as ``gather`` of the joined axes; with one axis of examples, ``gather``."""
    x, index = r.placed(inputs.need(0)), inputs.need(1)
    skipped = int(node.attribute("batch_dims", 0))
    if skipped == 1 and is_same(index.shape[-1], 1):
        return _of_each_example(r, x, index)
    if not index.is_known or index.known is None or index.known.dtype == object or skipped or x.batch == BatchAxis(0):
        raise refused("operator", "positions along several axes that depend on the data have no equivalent")
    positions = integer_positions(index.known)
    depth = positions.shape[-1]
    sizes = x.shape[:depth]
    if any(map(is_named, sizes)) or (x.batch is not None and x.batch.axis < depth):
        raise refused("shape", "positions along axes of named sizes have no equivalent")
    if positions.size and ((positions < -np.array(sizes)) | (positions >= np.array(sizes))).any():
        raise refused("malformed", f"a position is outside of the sizes ({', '.join(map(str, sizes))})")
    flat = np.ravel_multi_index(tuple(np.moveaxis(positions % np.array(sizes), -1, 0)), tuple(int(n) for n in sizes))
    joined = reshape(r, x, (-1, *x.shape[depth:]))
    return _at_known(r, joined, 0, r.constant(np.asarray(flat, np.int64)))


def _of_each_example(r: Site, x: SourceTensor, index: SourceTensor) -> SourceTensor:
    """Returns ``gather`` along the axis after the batch axis, with separate positions for each example."""
    x, index = with_batch_first(r, x), with_batch_first(r, index)
    places = view(r, index, index.shape[:-1], index.batch, index.shared)
    (number,) = r.emit("gather", [r.number(x)], {"axis": 0}, layers={"index": r.number(places)})
    return r.output_value(number, BatchAxis(0), x.shared and index.shared)
