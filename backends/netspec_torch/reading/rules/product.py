"""Matrix products."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from netspec.diagnostics import clip
from netspec.importing.problems import BATCH

from ..reader import BetweenExamplesError, ProgramReader, along_batch, moved, same_batch, unsupported
from ..shape_changes import (
    against,
    broadcast_shapes,
    drop_axes,
    in_shape,
    permute,
    reshape,
    unsqueeze,
    without_single,
)
from ..values import OperatorCall, ProgramTensor
from .registry import rule


def rescaled(reader: ProgramReader, x: ProgramTensor, factor: float = 1.0, offset: float = 0.0) -> ProgramTensor:
    """Computes ``x * factor + offset``; returns x if that is the identity."""
    arguments: dict[str, Any] = {}
    if factor != 1:
        arguments["factor"] = float(factor) if x.dtype.is_floating_point else factor
    if offset != 0:
        arguments["offset"] = float(offset) if x.dtype.is_floating_point else offset
    return reader.unary("rescale", x, arguments) if arguments else x


@rule("matmul", "bmm", "mm", "mv", "dot")
def matmul(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    other: ProgramTensor | None = None,
    mat2: ProgramTensor | None = None,
    vec: ProgramTensor | None = None,
    tensor: ProgramTensor | None = None,
) -> ProgramTensor:
    """A product over the last two axes; vectors become matrices with one row or column."""
    y = next(v for v in (other, mat2, vec, tensor) if v is not None)
    x, y = reader.placed(x), reader.placed(y)
    if x.rank == 1:
        wide = matmul(reader, call, unsqueeze(reader, without_single(reader, x), 0), y)
        return drop_axes(reader, wide, [wide.rank - 2])
    if y.rank == 1:
        wide = matmul(reader, call, x, unsqueeze(reader, y, 1))
        return drop_axes(reader, wide, [wide.rank - 1])
    rank = max(x.rank, y.rank)
    at_x = moved(x, rank - x.rank) if x.is_batched else None
    at_y = moved(y, rank - y.rank) if y.is_batched else None
    shape = (*broadcast_shapes([x.shape[:-2], y.shape[:-2]]), x.shape[-2], y.shape[-1])
    if at_x is not None and at_y is not None and not same_batch(at_x, at_y):
        raise BetweenExamplesError(BATCH, "it multiplies each example of the batch with every other one")
    batch = at_x or at_y
    if batch is None:
        x, y = without_single(reader, x), without_single(reader, y)
    elif batch.axis == rank - 2 and at_y is None:
        y = without_single(reader, y)
        if batch.alone:  # rows are examples: a one-row matrix for each
            x = in_shape(reader, x, (*x.shape[:-1], 1, x.shape[-1]), x.batch)
            result = matmul(reader, call, x, y)
            return in_shape(reader, result, (*result.shape[:-2], result.shape[-1]), result.batch)
    elif batch.axis == rank - 1 and at_x is None and batch.alone:  # columns are examples
        turned = matmul(reader, call, permute(reader, y, _turned(y.rank)), permute(reader, x, _turned(x.rank)))
        return permute(reader, turned, _turned(turned.rank))
    elif batch.axis >= rank - 2:
        raise along_batch("the matrix product is along the batch axis")
    else:
        x = x if at_x is not None else against(reader, x, rank, batch)
        y = y if at_y is not None else against(reader, y, rank, batch)
    out = ProgramTensor(shape, x.dtype, batch=batch)
    return reader.result("matmul", [x, y], out)


def _turned(rank: int) -> list[int]:
    return [*range(rank - 2), rank - 1, rank - 2]


@rule("einsum")
def einsum(reader: ProgramReader, call: OperatorCall, equation: str, tensors: Any, **_: Any) -> ProgramTensor:
    """A sum of products of two tensors, as a matrix product with reshapes before and after it."""
    left, _arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) > 2 or not right or any(len(set(t)) != len(t) for t in terms) or "." in equation:
        raise unsupported(f"the equation '{clip(equation)}' has no equivalent")
    if len(terms) == 1:
        (only,) = tensors
        (term,) = terms
        if set(term) != set(right):
            raise unsupported(f"the equation '{clip(equation)}' has no equivalent")
        return permute(reader, only, [term.index(c) for c in right])
    a, b = terms
    x, y = reader.placed(tensors[0]), reader.placed(tensors[1])
    common = [c for c in right if c in a and c in b]
    summed = [c for c in a if c in b and c not in right]
    rows, columns = [c for c in a if c not in b], [c for c in b if c not in a]
    if any(c not in right for c in (*rows, *columns)):
        raise unsupported(f"the equation '{clip(equation)}' has no equivalent")
    sizes = {**dict(zip(a, x.shape, strict=True)), **dict(zip(b, y.shape, strict=True))}
    x = permute(reader, x, [a.index(c) for c in (*common, *rows, *summed)])
    y = permute(reader, y, [b.index(c) for c in (*common, *summed, *columns)])
    front = [sizes[c] for c in common]
    x = reshape(reader, x, (*front, _product(sizes, rows), _product(sizes, summed)))
    y = reshape(reader, y, (*front, _product(sizes, summed), _product(sizes, columns)))
    result = matmul(reader, call, x, y)
    result = reshape(reader, result, (*front, *(sizes[c] for c in rows), *(sizes[c] for c in columns)))
    axes = [*common, *rows, *columns]
    return permute(reader, result, [axes.index(c) for c in right])


def _product(sizes: dict[str, Any], names: list[str]) -> Any:
    from netspec.shapes.sizes import product

    return product(sizes[c] for c in names)


@rule("outer")
def outer(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, vec2: ProgramTensor) -> ProgramTensor:
    """The outer product of two vectors."""
    from ..shape_changes import join

    return join(reader, "multiply", [unsqueeze(reader, x, 1), replace(vec2)])
