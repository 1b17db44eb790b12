"""Selection and sorting."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch

from netspec.shapes.sizes import at_default

from ..reader import ProgramReader, unsupported
from ..shape_changes import aligned
from ..values import OperatorCall, ProgramTensor
from .registry import rule


@rule("topk")
def topk(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    k: int,
    dim: int = -1,
    largest: bool = True,
    sorted: bool = True,
) -> tuple[ProgramTensor, ProgramTensor]:
    """The greatest values and their positions."""
    if not largest:
        raise unsupported("netspec has no selection of the smallest values")
    x = reader.placed(x)
    values = replace(x, shape=call.shape)
    index = replace(values, dtype=torch.int64)
    mask = replace(x, dtype=torch.bool)
    plain = [values.plain, index.plain, mask.plain]
    numbers = reader.emit("top_k", [x], plain, {"k": at_default(k), "axis": reader.axis(x, dim)})
    return values.placed_as(numbers[0]), index.placed_as(numbers[1])


@rule("sort")
def sort(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, dim: int = -1, descending: bool = False, **_: Any
) -> Any:
    """The sorted values and their original positions."""
    x = reader.placed(x)
    index = replace(x, dtype=torch.int64)
    arguments = {"axis": reader.axis(x, dim), "descending": descending}
    numbers = reader.emit("sort", [x], [x.plain, index.plain], arguments)
    return x.placed_as(numbers[0]), index.placed_as(numbers[1])


@rule("argsort")
def argsort(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, dim: int = -1, descending: bool = False, **_: Any
) -> ProgramTensor:
    """The original positions of the sorted values."""
    result: ProgramTensor = sort(reader, call, x, dim, descending)[1]
    return result


@rule("one_hot")
def one_hot(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, num_classes: int) -> ProgramTensor:
    """One-hot vectors of integers."""
    x = reader.placed(x)
    out = replace(x, shape=(*x.shape, num_classes))
    return reader.result("one_hot", [x], out, {"classes": num_classes})


@rule("scatter_add")
def scatter_add(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, dim: int, index: ProgramTensor, src: ProgramTensor
) -> ProgramTensor:
    """Adds elements to a tensor of zeros at indexed positions."""
    if x.known is None or bool((x.known != 0).any()):
        raise unsupported("adding to a tensor that is not all zeros has no equivalent")
    values, batch, _ = aligned(reader, [src, index])
    source, at = values
    out = replace(source, shape=call.shape, batch=batch)
    arguments = {"axis": reader.axis(source, dim), "size": x.shape[dim]}
    (number,) = reader.emit("scatter_add", [source], [out.plain], arguments, {"index": at})
    return out.placed_as(number)
