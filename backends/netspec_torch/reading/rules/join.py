"""Concatenation and stacking."""

from __future__ import annotations

from typing import Any

from netspec.shapes.sizes import at_default, product

from ..reader import ProgramReader, along_batch, same_batch
from ..shape_changes import against, unsqueeze, without_single
from ..values import OperatorCall, ProgramTensor
from .registry import rule


@rule("cat", "concat", "concatenate")
def concatenate(reader: ProgramReader, call: OperatorCall, tensors: Any, dim: int = 0) -> ProgramTensor:
    """Concatenates along an axis."""
    values: list[ProgramTensor] = [v for v in tensors if at_default(product(v.shape))]
    rank = values[0].rank
    dim %= rank
    batched = [v for v in values if v.is_batched]
    if batched:
        batch = batched[0].batch
        assert batch is not None
        if not all(same_batch(v.batch, batch) for v in batched):
            raise along_batch("its inputs have the batch on different axes")
        values = [reader.one_example(v, rank, batch) if v.is_constant else v for v in values]
        values = [v if v.is_batched else against(reader, v, rank, batch) for v in values]
        if batch.axis == dim:
            raise along_batch("it concatenates along the batch axis")
        out = ProgramTensor(call.shape, values[0].dtype, batch=batch)
    else:
        values = [reader.placed(v) for v in values]
        if all(v.batch is not None for v in values) and dim != 0:
            out = ProgramTensor(call.shape, values[0].dtype, batch=values[0].batch, is_single=True)
        else:
            values = [without_single(reader, v) for v in values]
            out = ProgramTensor(call.shape, values[0].dtype)
    if len(values) == 1:
        return values[0]
    return reader.result("concat", values, out, {"axis": reader.axis(out, dim)})


@rule("stack")
def stack(reader: ProgramReader, call: OperatorCall, tensors: Any, dim: int = 0) -> ProgramTensor:
    """Stacks along a new axis."""
    dim %= tensors[0].rank + 1
    parts = [unsqueeze(reader, v, dim) for v in tensors]
    if any(v.batch is not None and v.is_single and v.batch.axis == dim for v in parts):
        parts = [without_single(reader, v) for v in parts]
    return concatenate(reader, call, parts, dim)
