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
