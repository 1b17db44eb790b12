"""Reductions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch

from ..formulas import formula
from ..reader import ProgramReader, along_batch, unsupported
from ..shape_changes import in_shape
from ..values import DTYPES, OperatorCall, ProgramTensor
from .product import rescaled
from .registry import as_list, rule


def reduce(
    reader: ProgramReader,
    operation: str,
    x: ProgramTensor,
    dim: Any,
    keepdim: bool,
    arguments: dict[str, Any] | None = None,
    dtype: torch.dtype | None = None,
) -> ProgramTensor:
    """Reduces some axes; all of them if none is given."""
    x = reader.placed(x)
    listed: list[int] = [] if dim is None else as_list(dim)
    dims = sorted(d % x.rank for d in listed) if listed else list(range(x.rank))
    if x.batch is not None and x.batch.axis in dims:
        if not x.is_single:
            raise along_batch(f"'{operation}' reduces the batch axis")
        x = in_shape(reader, x, x.shape, None)
    axes = [reader.axis(x, d) for d in dims]
    shape = [1 if d in dims else n for d, n in enumerate(x.shape)]
    batch = x.batch
    if not keepdim:
        shape = [n for d, n in enumerate(shape) if d not in dims]
        batch = batch and batch.moved(-sum(d < batch.axis for d in dims))
    out = replace(x, shape=tuple(shape), batch=batch, dtype=dtype or x.dtype)
    return reader.result(operation, [x], out, {"axis": axes, "keepdims": keepdim, **(arguments or {})})


@rule("mean", "nanmean")
def mean(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, dim: Any = None, keepdim: bool = False, **_: Any
) -> ProgramTensor:
    """The mean."""
    return reduce(reader, "mean", x, dim, keepdim)


@rule("sum")
def total(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, dim: Any = None, keepdim: bool = False, **_: Any
) -> ProgramTensor:
    """The sum; for booleans, the number of true values."""
    return reduce(reader, "sum", x, dim, keepdim, dtype=call.dtype)


@rule("amax", "max")
def amax(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, dim: Any = None, keepdim: bool = False
) -> ProgramTensor:
    """The greatest value."""
    return reduce(reader, "max", x, dim, keepdim)


@rule("amin", "min")
def amin(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, dim: Any = None, keepdim: bool = False
) -> ProgramTensor:
    """The least value."""
    return reduce(reader, "min", x, dim, keepdim)


@rule("max.dim", "min.dim")
def extreme_with_position(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, dim: int, keepdim: bool = False
) -> tuple[ProgramTensor | None, ProgramTensor | None]:
    """The maximum or minimum, and its position."""
    name = call.base
    position = None
    if 1 in call.read_outputs:
        position = _position(reader, f"arg{name}", x, dim, keepdim)
    return (reduce(reader, name, x, dim, keepdim) if 0 in call.read_outputs else None, position)


def _position(reader: ProgramReader, operation: str, x: ProgramTensor, dim: int, keepdim: bool) -> ProgramTensor:
    x = reader.placed(x)
    axis, dim = reader.axis(x, dim), dim % x.rank
    shape = (*x.shape[:dim], *([1] if keepdim else []), *x.shape[dim + 1 :])
    batch = x.batch and x.batch.moved(-(dim < x.batch.axis and not keepdim))
    out = replace(x, shape=shape, batch=batch, dtype=torch.int64)
    return reader.result(operation, [x], out, {"axis": axis, "keepdims": keepdim})


@rule("argmax", "argmin")
def argmax(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, dim: int | None = None, keepdim: bool = False
) -> ProgramTensor:
    """The position of the maximum or minimum."""
    if dim is None:
        raise unsupported("without an axis it has no equivalent", "pass dim")
    return _position(reader, call.base, x, dim, keepdim)


@rule("prod.dim_int", "prod")
def prod(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, dim: Any = None, keepdim: bool = False, **_: Any
) -> ProgramTensor:
    """The product."""
    return reduce(reader, "prod", x, dim, keepdim)


@rule("any", "all")
def any_or_all(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, dim: Any = None, keepdim: bool = False
) -> ProgramTensor:
    """Whether any or all values are true: the maximum or minimum of zeros and ones."""
    numbers = x
    if x.dtype is not torch.int64:
        x = reader.placed(x)
        numbers = reader.result("cast", [x], replace(x, dtype=torch.int64), {"to": DTYPES[torch.int64]})
    result = reduce(reader, "max" if call.base == "any" else "min", numbers, dim, keepdim)
    return formula(reader, "a != 0", [result], torch.bool)


@rule("var", "std", "var_mean", "std_mean")
def variance(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    dim: Any = None,
    unbiased: Any = None,
    correction: Any = None,
    keepdim: bool = False,
    **_: Any,
) -> Any:
    """The variance or standard deviation, optionally with the mean."""
    by = correction if correction is not None else 0 if unbiased is False else 1
    if by not in (0, 1):
        raise unsupported(f"a correction of {by:g} has no equivalent: it must be 0 or 1")
    result = reduce(reader, "var", x, dim, keepdim, {"correction": int(by)})
    if call.base.startswith("std"):
        result = reader.unary("sqrt", result)
    return (result, reduce(reader, "mean", x, dim, keepdim)) if call.base.endswith("_mean") else result


@rule("logsumexp")
def logsumexp(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, dim: Any, keepdim: bool = False
) -> ProgramTensor:
    """The logarithm of a sum of exponentials, computed relative to the maximum."""
    from ..shape_changes import join

    greatest = reduce(reader, "max", x, dim, True)
    total = reduce(reader, "sum", reader.unary("exp", join(reader, "subtract", [x, greatest])), dim, True)
    result = join(reader, "add", [reader.unary("log", total), greatest])
    return rescaled(reader, result) if keepdim else in_shape(reader, result, call.shape, _without(result, x, dim))


def _without(result: ProgramTensor, x: ProgramTensor, dim: Any) -> Any:
    dims = [d % x.rank for d in as_list(dim)]
    return result.batch and result.batch.moved(-len([d for d in dims if d < result.batch.axis]))
