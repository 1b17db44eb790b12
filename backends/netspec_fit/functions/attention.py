"""``F.scaled_dot_product_attention`` for each of its kernels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..simulated.nodes import Product, fresh, record
from ..simulated.run import AttentionKernel, current
from ..simulated.tensors import Tensor
from ..simulated.types import HALVES
from . import elementwise, spatial
from .products import lower_precision, matmul
from .views import expand, matrix_transpose, repeat_interleave, slice_axis, transpose, unsqueeze


def attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """``F.scaled_dot_product_attention`` with the kernel of the run, if it supports the shapes and types."""
    query, key, value = lower_precision(query, key, value)
    if current().autocast and attn_mask is not None:
        (attn_mask,) = lower_precision(attn_mask)
    kernel = usable_kernel(current().kernel, query, value, attn_mask, dropout_p)
    if enable_gqa and (kernel == "math" or kernel == "efficient"):
        key, value = (
            repeat_interleave(t, query.shape[-3] // t.shape[-3], -3) if t.shape[-3] != query.shape[-3] else t
            for t in (key, value)
        )
    if kernel == "math":
        return _by_math(query, key, value, attn_mask, dropout_p, is_causal)
    return _by_kernel(kernel, query, key, value, attn_mask, is_causal)


def usable_kernel(
    kernel: AttentionKernel, query: Tensor, value: Tensor, mask: Tensor | None, dropout: float
) -> AttentionKernel:
    """Returns the requested kernel if it supports these tensors, else the next one that does."""
    if query.ndim != 4:
        return "math"
    if kernel == "cpu":
        unsuited = dropout or (mask is not None and mask.requires_grad) or query.shape[-1] != value.shape[-1]
        return "math" if unsuited else "cpu"
    if kernel == "flash" and (mask is not None or query.dtype not in HALVES or query.shape[-1] != value.shape[-1]):
        return "efficient"
    return kernel


def _by_math(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, dropout: float, is_causal: bool) -> Tensor:
    """``_scaled_dot_product_attention_math``: two products and a softmax, in single precision for any type."""
    run = current()
    dtype = query.dtype
    if dtype in HALVES:
        before, run.autocast = run.autocast, None
        try:
            query, key, value = (elementwise.to(t, "float32") for t in (query, key, value))
            if mask is not None and mask.dtype != "bool":
                mask = elementwise.to(mask, "float32")
            return elementwise.to(_by_math(query, key, value, mask, dropout, is_causal), dtype)
        finally:
            run.autocast = before
    if mask is None and is_causal:
        positions = Tensor((query.shape[-2], key.shape[-2]), "bool")
        mask = Tensor(positions.shape, query.dtype)
        del positions
    elif mask is not None and mask.dtype == "bool":
        mask = Tensor(mask.shape, query.dtype)
    query = elementwise.multiply(query, 1.0)
    scores = matmul(query, elementwise.multiply(matrix_transpose(key), 1.0))
    if mask is not None:
        scores = elementwise.add(scores, mask, inplace=True)
    scores = elementwise.softmax(scores)
    if dropout:
        scores = elementwise.dropout(scores, dropout)
    return matmul(scores, value)


def _by_kernel(
    kernel: AttentionKernel, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, is_causal: bool
) -> Tensor:
    """A fused kernel, which saves its inputs, its result and a log-sum-exp for each row."""
    batch, heads, rows = query.shape[:3]
    columns, features = key.shape[-2], value.shape[-1]
    if mask is not None and mask.dtype == "bool":
        mask = Tensor(mask.shape, query.dtype)
    if kernel == "efficient" and mask is not None:
        mask = _padded_mask(mask, query, columns)
    # kernels write (batch, position, head, feature) and return a transposed view
    out = transpose(Tensor((batch, rows, heads, features), query.dtype), 1, 2)
    counted = -(-rows // 32) * 32 if kernel == "efficient" else rows
    saved = [query, key, value, out, Tensor((batch, heads, counted))]
    inputs = [query, key, value]
    if mask is not None:
        inputs.append(mask)
        saved.append(mask)
    if kernel != "cpu":  # the state of the random number generator
        saved += [Tensor((2,) if kernel == "flash" else (), "int64"), Tensor((), "int64")]
    operations = 2 * batch * heads * _pairs(rows, columns, is_causal) * (query.shape[-1] + features)
    # the backward pass recomputes the scores and computes four products of that size: five products for two
    product = Product(operations, backward=operations * 5 // 2)
    return record(out, inputs, saved, fresh(*inputs), "Attention", product=product)


def _pairs(rows: int, columns: int, is_causal: bool) -> int:
    """Returns the number of position pairs whose scores are computed; kernels skip those that a causal mask hides."""
    if not is_causal:
        return rows * columns
    least = min(rows, columns)
    return least * (least + 1) // 2 + (rows - least) * columns


def _padded_mask(mask: Tensor, query: Tensor, columns: int) -> Tensor:
    """Expands a mask for the efficient kernel: one for every head, with rows padded to multiples of 8 in memory."""
    while mask.ndim < query.ndim:
        mask = unsqueeze(mask, 0)
    if columns % 8:
        mask = slice_axis(spatial.pad(mask, (0, -columns % 8)), mask.ndim - 1, 0, columns, 1)
    return expand(mask, *query.shape[:-2], query.shape[-2], columns)


METHODS: dict[str, Callable[..., Any]] = {}
FUNCTIONS: dict[str, Callable[..., Any]] = {"F.scaled_dot_product_attention": attention}
