"""Scaled dot-product attention."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import torch

from netspec.importing.constants import MASKED_SCORE
from netspec.shapes.sizes import is_same

from ..reader import ProgramReader, along_batch, same_batch
from ..shape_changes import against, expand, is_same_shape
from ..values import OperatorCall, ProgramTensor
from .registry import rule
from .shape import repeat_interleave


@rule("scaled_dot_product_attention")
def attention(
    reader: ProgramReader,
    call: OperatorCall,
    query: ProgramTensor,
    key: ProgramTensor,
    value: ProgramTensor,
    attn_mask: ProgramTensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> ProgramTensor:
    """Attention; heads, if any, are separate axes."""
    q, k, v = (reader.placed(t) for t in (query, key, value))
    if enable_gqa and not is_same(q.shape[-3], k.shape[-3]):
        times = q.shape[-3] // k.shape[-3]
        k = repeat_interleave(reader, call, k, times, -3)
        v = repeat_interleave(reader, call, v, times, -3)
    batch = next((t.batch for t in (q, k, v) if t.is_batched), None)
    if batch is None:
        raise along_batch("its inputs are the same for all examples")
    if batch.axis >= q.rank - 2:
        raise along_batch("it attends along the batch axis")
    q, k, v = (t if t.is_batched else against(reader, t, q.rank, batch) for t in (q, k, v))
    if not all(same_batch(t.batch, batch) for t in (q, k, v) if t.is_batched):
        raise along_batch("its inputs have the batch on different axes")
    k, v = (_with_axes_of(reader, t, q) for t in (k, v))
    arguments: dict[str, Any] = {"heads": 1}
    layers: dict[str, ProgramTensor] = {}
    mask = attn_mask
    if mask is not None and mask.is_constant:
        mask = reader.one_example(mask, q.rank, batch)
    known = mask.known if mask is not None and mask.is_constant else None
    if is_causal or (known is not None and is_causal_mask(known, q.shape[-2], k.shape[-2])):
        arguments["causal"] = True
    elif mask is not None and not (known is not None and allows_all(known)):
        mask = reader.placed(mask)
        layers["mask"] = mask if mask.is_batched and mask.rank == q.rank else against(reader, mask, q.rank, batch)
    if scale is not None and not math.isclose(scale, 1 / math.sqrt(q.shape[-1]), rel_tol=1e-9):
        arguments["scale"] = scale
    if dropout_p:
        arguments["drop"] = dropout_p
    out = replace(q, shape=(*q.shape[:-1], v.shape[-1]))
    (number,) = reader.emit("dot_product_attention", [q, k, v], [out.plain], arguments, layers)
    return out.placed_as(number)


def _with_axes_of(reader: ProgramReader, x: ProgramTensor, query: ProgramTensor) -> ProgramTensor:
    """Expands key or value to the query's axes before the last two."""
    if is_same_shape(x.plain[:-2], query.plain[:-2]):
        return x
    return expand(reader, x, (*query.shape[:-2], *x.shape[-2:]))


def is_causal_mask(mask: torch.Tensor, queries: Any, keys: Any) -> bool:
    """Whether a mask permits exactly each position and those before it, without a bias."""
    if queries != keys or mask.dim() < 2 or tuple(mask.shape[-2:]) != (queries, keys):
        return False
    flat = mask.reshape(-1, queries, keys)
    lower = torch.ones(queries, keys, dtype=torch.bool).tril()
    if mask.dtype is torch.bool:
        return bool((flat == lower).all())
    return bool((flat.masked_select(lower) == 0).all()) and bool((flat.masked_select(~lower) <= MASKED_SCORE).all())


def allows_all(mask: torch.Tensor) -> bool:
    """Whether a mask permits all positions without a bias."""
    return bool(mask.all()) if mask.dtype is torch.bool else bool((mask == 0).all())
