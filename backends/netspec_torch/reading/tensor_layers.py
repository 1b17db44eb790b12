"""Turns constants and tensors of the state dict into layers."""

# Parts of torch have no types.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch

from netspec.importing.batch import BatchAxis
from netspec.importing.constants import describe_constant
from netspec.shapes.sizes import Size, is_same

from .drafting import Drafting, along_batch, wrong_types
from .stored_constants import Tables
from .values import DTYPES, ProgramTensor


def place_tensor(reader: Drafting, value: ProgramTensor) -> ProgramTensor:
    """Adds a ``parameter`` or ``buffer`` with a tensor of the state dict; a leading axis of 1 is its batch axis."""
    name = value.tensor_name
    assert name is not None
    has_batch = value.rank >= 2 and is_one(value.shape[0])
    out = replace(value, known=None, batch=BatchAxis(0) if has_batch else None, is_single=has_batch)
    arguments: dict[str, Any] = {"shape": list(out.plain)}
    if has_batch:
        arguments["batch_axis"] = True
    is_buffer = name not in reader.state.parameters
    if is_buffer and value.known is not None:
        described = describe_constant(numbers(value.known, value.dtype).reshape(out.plain).numpy())
        if described is not None:
            arguments["init"] = described
    if is_buffer and value.dtype is not torch.float32:
        arguments["dtype"] = DTYPES[value.dtype]
    frozen = not is_buffer and name not in reader.state.trainable
    operation = "buffer" if is_buffer else "parameter"
    return reader.tensor(operation, out, arguments, weights={"": name}, calls=(), frozen=frozen)


def numbers(known: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """Converts known values to their type in the source."""
    return known.detach().to(dtype).cpu()


def place_constant(reader: Drafting, tables: Tables, value: ProgramTensor) -> ProgramTensor:
    """Adds a ``buffer`` with known values; a constant that is equal for all examples is reduced to one."""
    assert value.known is not None
    for axis, size in enumerate(value.shape):
        if type(size) is not int or not size or size % reader.examples:
            continue
        part = _for_one_example(reader, value, axis, 1)
        of_batch = replace(value, batch=BatchAxis(axis, 1, size // reader.examples), is_single=False)
        placed = _buffer(
            reader, tables, replace(value, shape=of_batch.plain, known=part.reshape(of_batch.plain), batch=None)
        )
        assert placed.number is not None
        return of_batch.placed_as(placed.number)
    if value.rank >= 2 and is_one(value.shape[0]):
        value = replace(value, batch=BatchAxis(0), is_single=True)
    return _buffer(reader, tables, value)


def one_example(reader: Drafting, tables: Tables, value: ProgramTensor, rank: int, batch: BatchAxis) -> ProgramTensor:
    """Reduces a constant that is equal for all examples to one of them; returns other constants unchanged.

    Args:
        reader: the reader to which it is added.
        tables: the network's tables.
        value: the constant.
        rank: rank of the values that it is combined with.
        batch: the position of the batch in them.
    """
    axis = batch.axis - (rank - value.rank)
    if axis < 0 or value.known is None or value.shape[axis] != batch.outer * reader.examples * batch.inner:
        return value
    outer = int(batch.outer)
    part = _for_one_example(reader, value, axis, outer)
    if batch.alone:
        return replace(value, shape=tuple(part.shape), known=part)
    placed = _buffer(reader, tables, replace(value, shape=tuple(part.shape), known=part, batch=None))
    assert placed.number is not None
    return value.placed_as(placed.number, batch=replace(batch, axis=axis))


def _for_one_example(reader: Drafting, value: ProgramTensor, axis: int, outer: int) -> torch.Tensor:
    """Returns the part of a constant for one example. Raises CannotImportError if examples differ."""
    assert value.known is not None
    inner = value.known.shape[axis] // reader.examples // outer
    before, after = value.known.shape[:axis], value.known.shape[axis + 1 :]
    divided = value.known.reshape(*before, outer, reader.examples, inner, *after)
    part = divided.narrow(axis + 1, 0, 1)
    if not torch.equal(part.expand_as(divided), divided):
        message = f"a constant of shape {reader.shape_text(value.shape)} differs between the examples of a batch"
        raise along_batch(message)
    return part.reshape(*before, outer * inner, *after)


def _buffer(reader: Drafting, tables: Tables, value: ProgramTensor) -> ProgramTensor:
    assert value.known is not None
    if value.dtype not in DTYPES:
        raise wrong_types(f"a constant has the type {str(value.dtype).removeprefix('torch.')}, which netspec lacks")
    exact = value.known.detach().cpu().reshape(value.plain)
    data = numbers(exact, value.dtype)
    array = data.to(torch.float32).numpy() if value.dtype is torch.bfloat16 else data.numpy()
    arguments: dict[str, Any] = {"shape": list(value.plain)}
    if value.dtype is not torch.float32:
        arguments["dtype"] = DTYPES[value.dtype]
    described = describe_constant(array, exact.numpy() if value.dtype is torch.float32 else None)
    if described is not None:
        arguments |= {"persistent": False, "init": described}
        return reader.tensor("buffer", value, arguments, stem="constant")
    return tables.place(reader, value, array, exact, arguments)


def is_one(size: Size) -> bool:
    """Whether a size is 1 for all values of the named dimensions."""
    return is_same(size, 1)
