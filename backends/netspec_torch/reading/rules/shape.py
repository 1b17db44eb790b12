"""Shape changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from netspec.importing.batch import BatchAxis
from netspec.shapes.sizes import is_same

from ..reader import ProgramReader, along_batch, is_one
from ..shape_changes import drop_axes, expand, in_shape, permute, reshape, unsqueeze, without_single
from ..values import OperatorCall, ProgramTensor
from .registry import as_list, rule


@rule("view", "reshape", "_unsafe_view", "view_as", "reshape_as", "flatten", "unflatten")
def reshaped(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, **_: Any) -> ProgramTensor:
    """Reshapes."""
    before = len(reader.network.drafts)
    result = reshape(reader, x, call.shape)
    if call.base == "flatten" and len(reader.network.drafts) > before:
        reader.network.drafts[-1].stem = "flatten"
    return result


@rule("permute", "transpose", "t", "numpy_T", "swapaxes", "mT", "adjoint")
def permuted(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    dims: Any = None,
    dim0: int = 0,
    dim1: int = 1,
    **options: Any,
) -> ProgramTensor:
    """Permutes axes."""
    order = list(range(x.rank))
    if dims is not None:
        return permute(reader, x, dims)
    if call.base == "numpy_T":
        return permute(reader, x, order[::-1])
    if call.base in ("mT", "adjoint"):
        dim0, dim1 = -2, -1
    dim0, dim1 = options.get("axis0", dim0), options.get("axis1", dim1)
    if order:
        order[dim0], order[dim1] = order[dim1], order[dim0]
    return permute(reader, x, order)


@rule("movedim", "moveaxis")
def movedim(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, source: Any, destination: Any
) -> ProgramTensor:
    """Moves axes to other positions."""
    sources = [s % x.rank for s in as_list(source)]
    targets = [d % x.rank for d in as_list(destination)]
    order = [axis for axis in range(x.rank) if axis not in sources]
    for target, axis in sorted(zip(targets, sources, strict=True)):
        order.insert(target, axis)
    return permute(reader, x, order)


@rule("squeeze")
def squeeze(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, dim: Any = None) -> ProgramTensor:
    """Removes axes of size 1."""
    dims = list(range(x.rank)) if dim is None else [d % x.rank for d in as_list(dim)]
    return drop_axes(reader, x, [d for d in dims if is_one(x.shape[d])])


@rule("unsqueeze")
def unsqueezed(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, dim: int) -> ProgramTensor:
    """Inserts an axis of size 1."""
    return unsqueeze(reader, x, dim)


@rule("expand", "expand_as", "broadcast_to")
def expanded(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, **_: Any) -> ProgramTensor:
    """Broadcasts axes of size 1."""
    return expand(reader, x, call.shape)


@rule("repeat", "tile")
def repeat(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, repeats: Any = None, dims: Any = None
) -> ProgramTensor:
    """Tiles along axes."""
    counts: list[Any] = list(repeats if repeats is not None else dims)
    x = reader.placed(x)
    while x.rank < len(counts):
        x = unsqueeze(reader, x, 0)
    counts = [1] * (x.rank - len(counts)) + counts
    for dim, count in enumerate(counts):
        if is_same(count, 1):
            continue
        size = x.shape[dim]
        makes_batch = type(count) is int and count == reader.examples and is_one(size)
        if x.batch is None and makes_batch:
            x = in_shape(reader, x, x.shape, BatchAxis(dim), True)
        if x.is_single and not makes_batch and x.batch is not None and x.batch.axis == dim:
            x = without_single(reader, x)
        if x.batch is not None and x.batch.axis == dim:
            if x.is_single and makes_batch:
                x = replace(x, shape=(*x.shape[:dim], count, *x.shape[dim + 1 :]), is_single=False)
            else:
                x = _folded(reader, x, count, BatchAxis(dim, count, 1))
            continue
        shape = (*x.shape[:dim], size * count, *x.shape[dim + 1 :])
        if is_one(size):
            x = expand(reader, x, shape)
        else:
            out = replace(x, shape=shape)
            x = reader.result("concat", [x] * count, out, {"axis": reader.axis(x, dim)})
    return x


@rule("repeat_interleave")
def repeat_interleave(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, repeats: int, dim: int = 0, **_: Any
) -> ProgramTensor:
    """Repeats each position consecutively."""
    x = reader.placed(x)
    dim %= x.rank
    if x.is_single and x.batch is not None and x.batch.axis == dim:
        x = without_single(reader, x)
    if x.batch is not None and x.batch.axis == dim:
        return _folded(reader, x, repeats, BatchAxis(dim, 1, repeats))
    wide = unsqueeze(reader, x, dim + 1)
    wide = expand(reader, wide, (*wide.shape[: dim + 1], repeats, *wide.shape[dim + 2 :]))
    return reshape(reader, wide, (*x.shape[:dim], x.shape[dim] * repeats, *x.shape[dim + 1 :]))


def _folded(reader: ProgramReader, x: ProgramTensor, times: int, batch: BatchAxis) -> ProgramTensor:
    """Repeats every example, folded into the batch, by a new axis."""
    if x.batch is None or not x.batch.alone or x.is_single:
        raise along_batch("it repeats the batch axis")
    axis = x.batch.axis
    plain = x.plain
    single = ProgramTensor((*plain[:axis], 1, *plain[axis:]), x.dtype)
    unsqueezed = reader.result("reshape", [x], single, {"shape": list(single.shape)})
    wide = ProgramTensor((*plain[:axis], times, *plain[axis:]), x.dtype)
    copies = reader.result("expand", [unsqueezed], wide, {"shape": list(wide.shape)})
    shape = (*x.shape[:axis], x.shape[axis] * times, *x.shape[axis + 1 :])
    return x.placed_as(reader.number(copies), shape=shape, batch=batch)


@rule("atleast_1d", "atleast_2d", "atleast_3d")
def at_least(reader: ProgramReader, call: OperatorCall, x: ProgramTensor) -> ProgramTensor:
    """Adds axes of size 1 up to a minimum rank."""
    return reshape(reader, x, call.shape)
