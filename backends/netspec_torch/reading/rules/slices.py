"""Slicing and splitting along an axis."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from netspec.shapes.sizes import at_default, is_same

from ..reader import ProgramReader, unsupported
from ..shape_changes import select_axis
from ..values import LazyOutputs, OperatorCall, ProgramTensor, TensorMeta
from .join import concatenate
from .registry import rule, shaped


@rule("split", "chunk", "split_with_sizes", "tensor_split", "unsafe_chunk", "unsafe_split", "unsafe_split_with_sizes")
def split(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, dim: int = 0, **_: Any
) -> tuple[ProgramTensor, ...]:
    """Splits into consecutive parts."""
    x = reader.placed(x)
    dim %= x.rank
    outputs = [meta for meta in call.outputs if meta is not None]
    if len(outputs) == 1:
        return (x,)
    sizes = [meta.shape[dim] for meta in outputs]
    parts: Any = len(sizes) if all(is_same(n, sizes[0]) for n in sizes) else sizes
    values = [replace(x, shape=meta.shape) for meta in outputs]
    numbers = reader.emit("split", [x], [v.plain for v in values], {"parts": parts, "axis": reader.axis(x, dim)})
    return tuple(v.placed_as(number) for v, number in zip(values, numbers, strict=True))


@rule("unbind")
def unbind(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, dim: int = 0) -> Any:
    """Returns every position of an axis; unused ones add no layer."""
    x = reader.placed(x)
    reader.axis(x, dim)
    calls, origin = reader.calls, reader.origin

    def make(index: int) -> ProgramTensor:
        now = reader.calls, reader.origin
        reader.calls, reader.origin = calls, origin
        try:
            return select_axis(reader, x, dim, index)
        finally:
            reader.calls, reader.origin = now

    return LazyOutputs(make, len(call.outputs))


@rule("select")
def select(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, dim: int, index: int) -> ProgramTensor:
    """Selects one position of an axis."""
    return select_axis(reader, x, dim, index)


@rule("slice", "narrow")
def sliced(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    dim: int = 0,
    start: Any = None,
    end: Any = None,
    step: int = 1,
    length: Any = None,
) -> ProgramTensor:
    """Selects a range of an axis."""
    size = x.shape[dim]
    if length is not None:
        end = start + length
    if is_same(call.shape[dim], size) and step == 1:
        return x
    if x.batch is not None and x.batch.axis == dim % x.rank and x.is_single:
        raise unsupported("slicing the leading axis of size 1 has no equivalent")
    x = reader.placed(x)
    first, last, step = slice(_bound(start), _bound(end), step).indices(at_default(size))
    arguments: dict[str, Any] = {"axis": reader.axis(x, dim)}
    if first:
        arguments["start"] = start if start is not None and start >= 0 else first
    if last != at_default(size):
        arguments["stop"] = end if end is not None and at_default(end) == last else last
    if step != 1:
        arguments["step"] = step
    return shaped(reader, "slice", call, x, arguments)


def _bound(value: Any) -> int | None:
    return None if value is None else at_default(value)


@rule("slice_scatter")
def slice_scatter(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    src: ProgramTensor,
    dim: int = 0,
    start: Any = None,
    end: Any = None,
    step: int = 1,
) -> ProgramTensor:
    """Replaces a slice: concatenates the part before it, the new values, and the part after it."""
    dim %= x.rank
    size = at_default(x.shape[dim])
    first, last, step = slice(start, end, step).indices(size)
    if (first, last, step) == (0, size, 1):
        return src
    if step != 1:
        raise unsupported(f"writing with a step of {step} has no equivalent")
    parts = [*_part(reader, call, x, dim, 0, first), src, *_part(reader, call, x, dim, last, size)]
    return concatenate(reader, call, parts, dim)


def _part(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, dim: int, start: int, end: int
) -> list[ProgramTensor]:
    if start >= end:
        return []
    shape = (*x.shape[:dim], end - start, *x.shape[dim + 1 :])
    if x.is_constant and x.known is not None:
        return [replace(x, shape=shape, known=x.known.narrow(dim, start, end - start))]
    part = OperatorCall("slice", (TensorMeta(shape, call.dtype),))
    return [sliced(reader, part, x, dim, start, end)]


@rule("select_scatter")
def select_scatter(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, src: ProgramTensor, dim: int, index: int
) -> ProgramTensor:
    """Replaces one position of an axis."""
    from ..shape_changes import unsqueeze

    size = at_default(x.shape[dim])
    index %= size
    return slice_scatter(reader, call, x, unsqueeze(reader, src, dim), dim, index, index + 1)


@rule("copy")
def copy(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, src: ProgramTensor, **_: Any) -> ProgramTensor:
    """Replaces a tensor by other values."""
    from ..shape_changes import expand

    return src if tuple(src.shape) == tuple(x.shape) else expand(reader, src, x.shape)


@rule(
    "zeros_like",
    "ones_like",
    "full_like",
    "new_zeros",
    "new_ones",
    "new_full",
    "empty_like",
    "new_empty",
    "zero",
    "fill",
)
def filled(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, fill_value: Any = None, value: Any = None, **_: Any
) -> ProgramTensor:
    """A constant that does not depend on the input."""
    import torch

    from .registry import scalar

    filling = fill_value if fill_value is not None else value
    number = scalar(filling) if filling is not None else 1 if "ones" in call.base else 0
    if number is None:
        raise unsupported("filling a tensor with a computed number has no equivalent")
    dtype = torch.float64 if call.dtype is torch.float32 else call.dtype
    return ProgramTensor(call.shape, call.dtype, known=torch.full(call.shape, number, dtype=dtype))


@rule("diagonal")
def diagonal(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, offset: int = 0, dim1: int = 0, dim2: int = 1
) -> ProgramTensor:
    """The diagonal of two axes as a new last axis, by equidistant positions in the merged axes."""
    from ..shape_changes import permute, reshape

    x = reader.placed(x)
    a, b = dim1 % x.rank, dim2 % x.rank
    if offset or not is_same(x.shape[a], x.shape[b]):
        raise unsupported("only the main diagonal of square matrices has an equivalent")
    x = permute(reader, x, [*(axis for axis in range(x.rank) if axis not in (a, b)), a, b])
    n = x.shape[-1]
    flat = reshape(reader, x, (*x.shape[:-2], n * n))
    return sliced(reader, call, flat, flat.rank - 1, 0, n * n, n + 1)
