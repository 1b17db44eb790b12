"""Shape changes that track the batch, and alignment of values for broadcasting."""

# Parts of torch have no types.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch

from netspec.importing.batch import BatchAxis, follow_reshape
from netspec.importing.draft import Shape
from netspec.shapes.sizes import Size, is_same

from .reader import ProgramReader, along_batch, is_one, moved, same_batch, wrong_types
from .values import ProgramTensor


def is_same_shape(a: Sequence[Size], b: Sequence[Size]) -> bool:
    """Whether two shapes are equal for all values of the named dimensions."""
    return len(a) == len(b) and all(map(is_same, a, b))


def in_shape(
    reader: ProgramReader, value: ProgramTensor, shape: Shape, batch: BatchAxis | None, is_single: bool | None = None
) -> ProgramTensor:
    """Reshapes to a shape with a known batch position; adds a layer only if the shape changes in the draft."""
    value = reader.placed(value)
    single = (value.is_single if is_single is None else is_single) and batch is not None
    out = replace(value, shape=tuple(shape), batch=batch, is_single=single, tensor_name=None)
    if is_same_shape(out.plain, value.plain):
        return out
    return reader.result("reshape", [value], out, {"shape": list(out.plain)})


def without_single(reader: ProgramReader, value: ProgramTensor) -> ProgramTensor:
    """Returns a value that is equal for all examples with all its axes."""
    return in_shape(reader, value, value.shape, None) if value.is_single else value


def reshape(reader: ProgramReader, value: ProgramTensor, shape: Shape) -> ProgramTensor:
    """Reshapes. Raises CannotImportError if that mixes the batch with other axes."""
    value = reader.placed(value)
    if value.batch is None:
        return in_shape(reader, value, shape, None)
    if value.is_single:
        keeps = value.batch.axis == 0 and bool(shape) and is_one(shape[0])
        return in_shape(reader, value, shape, BatchAxis(0) if keeps else None)
    batch = follow_reshape(value.shape, shape, value.batch, reader.examples)
    if batch is None:
        raise along_batch(
            f"reshaping {reader.shape_text(value.shape)} to {reader.shape_text(shape)} mixes the batch with other axes"
        )
    return in_shape(reader, value, shape, batch)


def permute(reader: ProgramReader, value: ProgramTensor, order: Sequence[int]) -> ProgramTensor:
    """Permutes axes."""
    value = reader.placed(value)
    order = [axis % value.rank for axis in order]
    batch = value.batch and replace(value.batch, axis=order.index(value.batch.axis))
    out = replace(value, shape=tuple(value.shape[axis] for axis in order), batch=batch, tensor_name=None)
    if value.batch is not None and value.batch.alone:
        at = value.batch.axis
        order = [axis - (axis > at) for axis in order if axis != at]
    if order == sorted(order):
        return out
    return reader.result("permute", [value], out, {"order": order})


def unsqueeze(reader: ProgramReader, value: ProgramTensor, dim: int) -> ProgramTensor:
    """Inserts an axis of size 1."""
    value = reader.placed(value)
    dim %= value.rank + 1
    shape = (*value.shape[:dim], 1, *value.shape[dim:])
    if value.batch is None:
        return in_shape(reader, value, shape, BatchAxis(0) if dim == 0 else None, dim == 0)
    return in_shape(reader, value, shape, value.batch.moved(dim <= value.batch.axis))


def drop_axes(reader: ProgramReader, value: ProgramTensor, gone: Sequence[int]) -> ProgramTensor:
    """Removes axes of size 1."""
    value = reader.placed(value)
    shape = tuple(n for axis, n in enumerate(value.shape) if axis not in gone)
    batch = value.batch
    if batch is not None:
        batch = None if batch.axis in gone else batch.moved(-sum(axis < batch.axis for axis in gone))
    return in_shape(reader, value, shape, batch)


def select_axis(reader: ProgramReader, value: ProgramTensor, dim: int, index: int) -> ProgramTensor:
    """Selects one position of an axis and removes the axis."""
    value = reader.placed(value)
    dim %= value.rank
    shape = (*value.shape[:dim], *value.shape[dim + 1 :])
    if value.batch is not None and value.batch.axis == dim and value.is_single:
        return in_shape(reader, value, shape, None)
    axis = reader.axis(value, dim)
    batch = value.batch and value.batch.moved(-(dim < value.batch.axis))
    return reader.result("select", [value], replace(value, shape=shape, batch=batch), {"index": index, "axis": axis})


def expand(reader: ProgramReader, value: ProgramTensor, shape: Shape) -> ProgramTensor:
    """Broadcasts axes of size 1, and adds leading axes."""
    value = reader.placed(value)
    more = len(shape) - value.rank
    batch, single = moved(value, more), value.is_single
    if batch is not None and single:
        grows = [axis for axis, n in enumerate(shape) if type(n) is int and n == reader.examples]
        if batch.axis not in grows and (grows or not is_one(shape[batch.axis])):
            value = without_single(reader, value)
            batch, single = None, False
        elif grows:
            single = False
    if batch is None:
        for axis, n in enumerate(shape):
            has_axis = axis >= more and not is_one(value.shape[axis - more])
            if type(n) is int and n == reader.examples and not has_axis:
                if axis < more and axis > 0:
                    before, after = reader.shape_text(value.shape), reader.shape_text(shape)
                    raise along_batch(f"expanding {before} to {after} repeats the batch axis")
                if axis >= more:
                    value = in_shape(reader, value, value.shape, BatchAxis(axis - more), True)
                batch, single = BatchAxis(axis), False
                break
    out = replace(value, shape=tuple(shape), batch=batch, is_single=single, tensor_name=None)
    if is_same_shape(out.plain, value.plain):
        return out
    return reader.result("expand", [value], out, {"shape": list(out.plain)})


# -- several values ----------------------------------------------------------------------------------------------------
def aligned(
    reader: ProgramReader, values: Sequence[ProgramTensor]
) -> tuple[list[ProgramTensor], BatchAxis | None, int]:
    """Aligns values for broadcasting, both in the source and in the draft.

    Returns:
        The values, the position of the batch in the broadcast result, and the rank of the result.
    """
    rank = max(v.rank for v in values)
    batches = [moved(v, rank - v.rank) for v in values if v.is_batched]
    if batches:
        assert batches[0] is not None
        at = batches[0]
        values = [reader.one_example(v, rank, at) if v.is_constant else v for v in values]
    placed = [reader.placed(v) for v in values]
    batches = [moved(v, rank - v.rank) for v in placed if v.is_batched]
    if batches:
        if not all(same_batch(batches[0], other) for other in batches[1:]):
            raise along_batch("its inputs have the batch on different axes")
        assert batches[0] is not None
        return [against(reader, v, rank, batches[0]) for v in placed], batches[0], rank
    single = [v.batch.axis + rank - v.rank for v in placed if v.batch is not None]
    if not single:
        return placed, None, rank
    batch = BatchAxis(max(single))
    if not all(v.rank < rank - batch.axis or is_one(v.shape[batch.axis - rank]) for v in placed):
        return [without_single(reader, v) for v in placed], None, rank
    return [against(reader, v, rank, batch) for v in placed], batch, rank


def against(reader: ProgramReader, value: ProgramTensor, rank: int, batch: BatchAxis) -> ProgramTensor:
    """Returns the value with its axes aligned to a value of that rank and batch position."""
    value = reader.placed(value)
    at = batch.axis - (rank - value.rank)
    if value.is_batched or at < 0:
        return without_single(reader, value) if at < 0 else value
    if value.batch is not None and value.batch.axis == at:
        return value
    if not is_one(value.shape[at]):
        raise along_batch(
            f"a tensor of shape {reader.shape_text(value.shape)} without a batch axis is combined along the batch axis"
        )
    if not batch.alone:
        return without_single(reader, value)
    return in_shape(reader, value, value.shape, BatchAxis(at), True)


def broadcast_shapes(shapes: Sequence[Shape]) -> Shape:
    """Returns the broadcast shape; compatibility has been checked by the source."""
    rank = max(map(len, shapes), default=0)
    wide = [(*(1,) * (rank - len(shape)), *shape) for shape in shapes]
    return tuple(next((n for n in sizes if not is_one(n)), 1) for sizes in zip(*wide, strict=True))


def join(
    reader: ProgramReader,
    operation: str,
    values: Sequence[ProgramTensor],
    arguments: Mapping[str, Any] | None = None,
    dtype: torch.dtype | None = None,
) -> ProgramTensor:
    """Adds an elementwise operation of several values."""
    if dtype is None:
        for v in values[1:]:
            if v.dtype is not values[0].dtype:
                names = " and ".join(str(x.dtype).removeprefix("torch.") for x in values)
                raise wrong_types(f"'{operation}' has no equivalent for {names}")
    placed, batch, _ = aligned(reader, values)
    single = batch is not None and not any(v.is_batched for v in placed)
    shape = broadcast_shapes([v.shape for v in placed])
    out = ProgramTensor(shape, dtype or values[0].dtype, batch=batch, is_single=single)
    plain = broadcast_shapes([v.plain for v in placed])
    if not is_same_shape(plain, out.plain):
        raise along_batch(
            f"shapes {' and '.join(reader.shape_text(v.shape) for v in values)} cannot be broadcast example by example"
        )
    return reader.result(operation, placed, out, arguments)
