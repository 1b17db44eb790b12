"""Attention through ``scaled_dot_product_attention``. The text of what a network uses is copied into its file."""

# The text is copied: docstrings and names are those of a network's file, not of this package. torch is typed in part.
# mypy: disable-error-code="no-untyped-call, no-any-return"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def attend(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    heads: int,
    mask: Tensor | None = None,
    is_causal: bool = False,
    scale: float | None = None,
    dropout: float = 0.0,
) -> Tensor:
    """Scaled dot-product attention in heads (Vaswani et al. 2017).

    The mask is added to the scores, or is true where one may attend.
    """
    q, k, v = (
        x.unflatten(-1, (heads, -1)).transpose(-3, -2) for x in (query, key, value)
    )
    if mask is not None and is_causal:
        seen = torch.ones(
            q.shape[-2], k.shape[-2], dtype=torch.bool, device=q.device
        ).tril()
        mask = (
            mask & seen
            if mask.dtype == torch.bool
            else mask.masked_fill(~seen, -torch.inf)
        )
        is_causal = False
    x = F.scaled_dot_product_attention(
        q, k, v, attn_mask=mask, dropout_p=dropout, is_causal=is_causal, scale=scale
    )
    return x.transpose(-3, -2).flatten(-2)


def attend_in_groups(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    heads: int,
    kv_heads: int,
    mask: Tensor | None = None,
    is_causal: bool = False,
    scale: float | None = None,
    dropout: float = 0.0,
) -> Tensor:
    """Attention in which groups of heads share a head of key and value (Ainslie 2023).

    The mask is added to the scores, or is true where one may attend.
    """
    q = query.unflatten(-1, (heads, -1)).transpose(-3, -2)
    k, v = (x.unflatten(-1, (kv_heads, -1)).transpose(-3, -2) for x in (key, value))
    if mask is not None and is_causal:
        mask = combined(mask, seen_keys(q, k, is_causal))
        is_causal = False
    x = F.scaled_dot_product_attention(
        q,
        k,
        v,
        attn_mask=mask,
        dropout_p=dropout,
        is_causal=is_causal,
        scale=scale,
        enable_gqa=True,
    )
    return x.transpose(-3, -2).flatten(-2)


def attend_in_window(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    heads: int,
    kv_heads: int,
    window: int | None = None,
    mask: Tensor | None = None,
    sinks: Tensor | None = None,
    is_causal: bool = False,
    scale: float | None = None,
    dropout: float = 0.0,
) -> Tensor:
    """Attention to the keys less than ``window`` positions away.

    A sink is one more score of a head, whose value is zero: that of a key of zeros. The
    mask is added to the scores, or is true where one may attend.
    """
    q = query.unflatten(-1, (heads, -1)).transpose(-3, -2)
    k, v = (x.unflatten(-1, (kv_heads, -1)).transpose(-3, -2) for x in (key, value))
    mask = combined(mask, seen_keys(q, k, is_causal, window))
    if sinks is not None:
        if mask.dtype == torch.bool:
            mask = torch.zeros_like(mask, dtype=q.dtype).masked_fill(~mask, -torch.inf)
        column = sinks.to(q.dtype)[..., None, None].expand(*q.shape[:-1], 1)
        mask = torch.cat([mask.expand(*q.shape[:-1], -1), column], -1)
        k, v = (F.pad(x, (0, 0, 0, 1)) for x in (k, v))
    x = F.scaled_dot_product_attention(
        q,
        k,
        v,
        attn_mask=mask,
        dropout_p=dropout,
        scale=scale,
        enable_gqa=kv_heads != heads,
    )
    return x.transpose(-3, -2).flatten(-2)


def attend_capped(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    heads: int,
    kv_heads: int,
    cap: float,
    window: int | None = None,
    mask: Tensor | None = None,
    sinks: Tensor | None = None,
    is_causal: bool = False,
    scale: float | None = None,
    dropout: float = 0.0,
) -> Tensor:
    """Attention with scores of ``cap * tanh(scores / cap)`` (Gemma 2).

    A sink is one more score of a head, whose value is zero. The mask is added to the
    scores, or is true where one may attend.
    """
    q = query.unflatten(-1, (heads, -1)).transpose(-3, -2)
    k, v = (
        x.unflatten(-1, (kv_heads, -1))
        .transpose(-3, -2)
        .repeat_interleave(heads // kv_heads, -3)
        for x in (key, value)
    )
    scores = q @ k.mT * (q.shape[-1] ** -0.5 if scale is None else scale)
    scores = cap * torch.tanh(scores / cap)
    seen = seen_keys(q, k, is_causal, window)
    if mask is not None and mask.dtype == torch.bool:
        seen = seen & mask
    elif mask is not None:
        scores = scores + mask
    scores = scores.masked_fill(~seen, torch.finfo(scores.dtype).min)
    if sinks is not None:
        column = sinks.to(q.dtype)[..., None, None].expand(*q.shape[:-1], 1)
        scores = torch.cat([scores, column], -1)
    weights = scores.softmax(-1)[..., : k.shape[-2]].masked_fill(~seen, 0.0)
    x = F.dropout(weights, dropout) @ v
    return x.transpose(-3, -2).flatten(-2)


def seen_keys(
    q: Tensor, k: Tensor, is_causal: bool, window: int | None = None
) -> Tensor:
    """Which keys each query may see: none ahead of it, none outside of its window."""
    away = (
        torch.arange(q.shape[-2], device=q.device)[:, None]
        - torch.arange(k.shape[-2], device=q.device)[None]
    )
    seen = away >= (0 if is_causal else -k.shape[-2])
    return seen if window is None else seen & (away.abs() < window)


def combined(mask: Tensor | None, seen: Tensor) -> Tensor:
    """A mask that allows what both do."""
    if mask is None:
        return seen
    if mask.dtype == torch.bool:
        return mask & seen
    return mask.masked_fill(~seen, -torch.inf)


class Attention(nn.Module):
    """Multi-head attention with the parameters of ``nn.MultiheadAttention``.

    Shapes: query (N, L, embed_dim), key (N, S, kdim), value (N, S, vdim).
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        kdim: int | None = None,
        vdim: int | None = None,
        bias: bool = True,
        dropout: float = 0.0,
        is_causal: bool = False,
    ) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.dropout = dropout
        self.is_causal = is_causal
        self.packed = (kdim or embed_dim) == (vdim or embed_dim) == embed_dim
        if self.packed:
            self.in_proj_weight = nn.Parameter(torch.empty(3 * embed_dim, embed_dim))
        else:
            self.q_proj_weight = nn.Parameter(torch.empty(embed_dim, embed_dim))
            self.k_proj_weight = nn.Parameter(torch.empty(embed_dim, kdim or embed_dim))
            self.v_proj_weight = nn.Parameter(torch.empty(embed_dim, vdim or embed_dim))
        self.in_proj_bias = nn.Parameter(torch.empty(3 * embed_dim)) if bias else None
        self.out_proj = nn.Linear(embed_dim, embed_dim, bias=bias)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        for name, parameter in self.named_parameters(recurse=False):
            if name.endswith("weight"):
                nn.init.xavier_uniform_(parameter)
            else:
                nn.init.zeros_(parameter)
        if self.in_proj_bias is not None:
            nn.init.zeros_(self.out_proj.bias)

    def forward(
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        mask: Tensor | None = None,
    ) -> Tensor:
        if key is None and self.packed:
            q, k, v = F.linear(query, self.in_proj_weight, self.in_proj_bias).chunk(
                3, dim=-1
            )
        else:
            key = query if key is None else key
            value = key if value is None else value
            if self.packed:
                weights = self.in_proj_weight.chunk(3)
            else:
                weights = (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight)
            biases = (
                (None,) * 3 if self.in_proj_bias is None else self.in_proj_bias.chunk(3)
            )
            q = F.linear(query, weights[0], biases[0])
            k = F.linear(key, weights[1], biases[1])
            v = F.linear(value, weights[2], biases[2])
        dropout = self.dropout if self.training else 0.0
        x = attend(q, k, v, self.num_heads, mask, self.is_causal, dropout=dropout)
        return self.out_proj(x)
