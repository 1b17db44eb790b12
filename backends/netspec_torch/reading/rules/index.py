"""Indexing by lists of positions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch

from netspec.importing.batch import BatchAxis
from netspec.shapes.sizes import product

from ..reader import ProgramReader, along_batch, is_one, same_batch, unsupported
from ..shape_changes import aligned, in_shape, permute, reshape, without_single
from ..values import OperatorCall, ProgramTensor
from .registry import rule


@rule("index_select")
def index_select(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, dim: int, index: ProgramTensor
) -> ProgramTensor:
    """Selects positions along one axis."""
    return take(reader, x, dim, index)


def take(reader: ProgramReader, x: ProgramTensor, dim: int, index: ProgramTensor) -> ProgramTensor:
    """Selects the positions of an axis that an index lists; the axis is replaced by the shape of the index."""
    x = reader.placed(x)
    dim %= x.rank
    index = reader.placed(index)
    if not index.is_batched:
        index = without_single(reader, index)
    if x.batch is not None and (x.is_single or x.batch.axis == dim) and (x.batch.axis == dim or index.is_batched):
        if not x.is_single:
            raise along_batch("it indexes the batch axis")
        x = without_single(reader, x)
    shape = (*x.shape[:dim], *index.shape, *x.shape[dim + 1 :])
    batch = x.batch
    if batch is not None and batch.axis > dim:
        batch = batch.moved(index.rank - 1)
    if index.is_batched:
        assert index.batch is not None
        if batch is not None:
            raise unsupported("the tensor and the positions both differ from example to example", _ALONG)
        batch = index.batch.moved(dim)
    out = replace(x, shape=shape, batch=batch, is_single=x.is_single and batch is not None)
    (number,) = reader.emit("gather", [x], [out.plain], {"axis": reader.axis(x, dim)}, {"index": index})
    return out.placed_as(number)


_ALONG = "use `torch.gather` or `torch.take_along_dim`"


@rule("index", "_unsafe_index")
def index(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, indices: Any) -> ProgramTensor:
    """Indexes one axis or several adjacent ones."""
    indexed: list[tuple[int, ProgramTensor]] = [(d, i) for d, i in enumerate(indices) if i is not None]
    if len(indexed) == 1:
        ((dim, only),) = indexed
        return take(reader, x, dim, only)
    return _several(reader, x, indexed)


def _several(reader: ProgramReader, x: ProgramTensor, indexed: list[tuple[int, ProgramTensor]]) -> ProgramTensor:
    """Indexes several axes at once, by positions along the merged axis."""
    dims = [d for d, _ in indexed]
    if x.is_batched and x.batch is not None and x.batch.axis in dims:
        return _for_each_example(reader, x, indexed)
    x = without_single(reader, reader.placed(x))
    if dims != list(range(dims[0], dims[0] + len(dims))):
        raise unsupported("indexing axes that are not adjacent has no equivalent")
    total: ProgramTensor | None = None
    for dim, value in indexed:
        step = product(x.shape[dim + 1 : dims[-1] + 1])
        part = _times(reader, value, step)
        total = part if total is None else _sum(reader, total, part)
    assert total is not None
    flat = reshape(reader, x, (*x.shape[: dims[0]], product(x.shape[d] for d in dims), *x.shape[dims[-1] + 1 :]))
    return take(reader, flat, dims[0], total)


def _for_each_example(
    reader: ProgramReader, x: ProgramTensor, indexed: list[tuple[int, ProgramTensor]]
) -> ProgramTensor:
    """Computes ``x[arange(batch), index]``, which selects one position per example."""
    batch = x.batch
    assert batch is not None
    examples, *others = [(d, i) for d, i in indexed if d == batch.axis] + [
        (d, i) for d, i in indexed if d != batch.axis
    ]
    rows = examples[1].known
    is_range = rows is not None and torch.equal(rows.reshape(-1), torch.arange(reader.examples))
    if len(others) != 1 or not is_range or batch.axis != 0 or not batch.alone:
        raise along_batch("it indexes the batch axis")
    dim, index = others[0]
    index = reader.placed(index)
    if dim != 1 or not reader.has_batch_first(index) or index.rank != 1:
        raise along_batch("it indexes the batch axis")
    tail = x.shape[2:]
    at = in_shape(reader, index, (index.shape[0], 1, *[1] * len(tail)), BatchAxis(0))
    out = replace(x, shape=(x.shape[0], 1, *tail))
    (number,) = reader.emit("take_along", [x], [out.plain], {"axis": 0}, {"index": at})
    return in_shape(reader, out.placed_as(number), (x.shape[0], *tail), BatchAxis(0))


def _times(reader: ProgramReader, value: ProgramTensor, step: Any) -> ProgramTensor:
    if is_one(step):
        return value
    if value.is_constant and value.known is not None and type(step) is int:
        return replace(value, known=value.known * step)
    return reader.unary("rescale", value, {"factor": step})


def _sum(reader: ProgramReader, a: ProgramTensor, b: ProgramTensor) -> ProgramTensor:
    from ..shape_changes import join

    if a.is_constant and b.is_constant and a.known is not None and b.known is not None:
        total = a.known + b.known
        return ProgramTensor(tuple(total.shape), a.dtype, known=total)
    return join(reader, "add", [a, b])


@rule("gather", "take_along_dim")
def gather(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    dim: int,
    index: ProgramTensor | None = None,
    **options: Any,
) -> ProgramTensor:
    """Selects, for each element of an index, the input element at that position."""
    chosen = index if index is not None else options["indices"]
    values, batch, _ = aligned(reader, [x, chosen])
    first, at = values
    if batch is None or not first.is_batched or not same_batch(first.batch, batch):
        batch = first.batch or at.batch
    shape = list(call.shape)
    out = replace(at, shape=tuple(shape), dtype=x.dtype, batch=batch, is_single=not (first.is_batched or at.is_batched))
    for other in range(first.rank):  # along the other axes, torch.gather crops the input to the size of the index
        is_batch = batch is not None and other == batch.axis
        if other != dim % first.rank and not is_batch and first.shape[other] != at.shape[other]:
            raise unsupported("an index that is smaller than the input along other axes has no equivalent")
    (number,) = reader.emit("take_along", [first], [out.plain], {"axis": reader.axis(first, dim)}, {"index": at})
    return out.placed_as(number)


@rule("unfold")
def unfold(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, dimension: int, size: int, step: int
) -> ProgramTensor:
    """Extracts windows along one axis into a new last axis, by a table of positions."""
    dimension %= x.rank
    count = (x.shape[dimension] - size) // step + 1
    table = torch.arange(count)[:, None] * step + torch.arange(size)[None, :]
    result = take(reader, x, dimension, ProgramTensor(tuple(table.shape), torch.int64, known=table))
    return permute(reader, result, [*(d for d in range(result.rank) if d != dimension + 1), dimension + 1])
