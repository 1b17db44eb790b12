"""The Evoformer, written after the algorithms in AlphaFold's supplement with the names of OpenFold's weights."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from .cases import Case
from .paper_modules import Parts


def gated_attention(features: int, heads: int, head: int) -> nn.Module:
    """Along the last but one axis, with a bias for all examples and all other positions."""

    def run(layer: Any, x: Tensor, bias: Tensor | None = None) -> Tensor:
        q, k, v = (
            f(x).unflatten(-1, (heads, head)).transpose(-2, -3)
            for f in (layer.linear_q, layer.linear_k, layer.linear_v)
        )
        scores = q @ k.transpose(-1, -2) / head**0.5
        shares = (scores if bias is None else scores + bias[:, None]).softmax(-1)
        mixed = (shares @ v).transpose(-2, -3).flatten(-2)
        out: Tensor = layer.linear_o(torch.sigmoid(layer.linear_g(x)) * mixed)
        return out

    def plain() -> nn.Linear:
        return nn.Linear(features, heads * head, bias=False)

    return Parts(
        run,
        linear_q=plain(),
        linear_k=plain(),
        linear_v=plain(),
        linear_g=nn.Linear(features, heads * head),
        linear_o=nn.Linear(heads * head, features),
    )


def row_attention(width: int, pair: int, heads: int, head: int) -> nn.Module:
    """Algorithm 7."""

    def run(layer: Any, m: Tensor, z: Tensor) -> Tensor:
        bias = layer.linear_z(layer.layer_norm_z(z)).movedim(-1, 1)
        out: Tensor = layer.mha(layer.layer_norm_m(m), bias)
        return out

    return Parts(
        run,
        layer_norm_m=nn.LayerNorm(width),
        layer_norm_z=nn.LayerNorm(pair),
        linear_z=nn.Linear(pair, heads, bias=False),
        mha=gated_attention(width, heads, head),
    )


def column_attention(width: int, heads: int, head: int) -> nn.Module:
    """Algorithm 8."""

    def run(layer: Any, m: Tensor) -> Tensor:
        inner = layer._msa_att
        out: Tensor = inner.mha(inner.layer_norm_m(m.transpose(1, 2))).transpose(1, 2)
        return out

    inner = Parts(None, layer_norm_m=nn.LayerNorm(width), mha=gated_attention(width, heads, head))
    return Parts(run, _msa_att=inner)


def transition(features: int) -> nn.Module:
    """Algorithms 9 and 15."""

    def run(layer: Any, x: Tensor) -> Tensor:
        out: Tensor = layer.linear_2(torch.relu(layer.linear_1(layer.layer_norm(x))))
        return out

    hidden = 4 * features
    return Parts(
        run,
        layer_norm=nn.LayerNorm(features),
        linear_1=nn.Linear(features, hidden),
        linear_2=nn.Linear(hidden, features),
    )


def outer_product_mean(width: int, pair: int, outer: int) -> nn.Module:
    """Algorithm 10; the authors' code divides by a little more than the number of sequences."""

    def run(layer: Any, m: Tensor) -> Tensor:
        m = layer.layer_norm(m)
        products = torch.einsum("nsic,nsjd->nijcd", layer.linear_1(m), layer.linear_2(m)).flatten(-2)
        out: Tensor = layer.linear_out(products) / (m.shape[1] + 1e-3)
        return out

    return Parts(
        run,
        layer_norm=nn.LayerNorm(width),
        linear_1=nn.Linear(width, outer),
        linear_2=nn.Linear(width, outer),
        linear_out=nn.Linear(outer**2, pair),
    )


def triangle_multiplication(pair: int, edges: str) -> nn.Module:
    """Algorithms 11 and 12."""

    def run(layer: Any, z: Tensor) -> Tensor:
        z = layer.layer_norm_in(z)
        a = torch.sigmoid(layer.linear_a_g(z)) * layer.linear_a_p(z)
        b = torch.sigmoid(layer.linear_b_g(z)) * layer.linear_b_p(z)
        total = layer.linear_z(layer.layer_norm_out(torch.einsum(edges, a, b)))
        out: Tensor = torch.sigmoid(layer.linear_g(z)) * total
        return out

    dense = {f"linear_{name}": nn.Linear(pair, pair) for name in ("a_p", "a_g", "b_p", "b_g", "z", "g")}
    return Parts(run, layer_norm_in=nn.LayerNorm(pair), layer_norm_out=nn.LayerNorm(pair), **dense)


def triangle_attention(pair: int, heads: int, head: int) -> nn.Module:
    """Algorithm 13, and 14 where the edges are transposed."""

    def run(layer: Any, z: Tensor) -> Tensor:
        z = layer.layer_norm(z)
        out: Tensor = layer.mha(z, layer.linear(z).movedim(-1, 1))
        return out

    return Parts(
        run,
        layer_norm=nn.LayerNorm(pair),
        linear=nn.Linear(pair, heads, bias=False),
        mha=gated_attention(pair, heads, head),
    )


def pair_stack(pair: int, heads: int, head: int) -> nn.Module:
    """The second half of Algorithm 6."""

    def run(stack: Any, z: Tensor) -> Tensor:
        z = z + stack.tri_mul_out(z)
        z = z + stack.tri_mul_in(z)
        z = z + stack.tri_att_start(z)
        z = z + stack.tri_att_end(z.transpose(1, 2)).transpose(1, 2)
        out: Tensor = z + stack.pair_transition(z)
        return out

    return Parts(
        run,
        tri_mul_out=triangle_multiplication(pair, "nikc,njkc->nijc"),
        tri_mul_in=triangle_multiplication(pair, "nkic,nkjc->nijc"),
        tri_att_start=triangle_attention(pair, heads, head),
        tri_att_end=triangle_attention(pair, heads, head),
        pair_transition=transition(pair),
    )


def evoformer(
    width: int, pair: int, single: int, heads: int, pair_heads: int, head: int, outer: int, depth: int
) -> nn.Module:
    """Algorithm 6, and the features of the first sequence."""

    def run(net: Any, m: Tensor, z: Tensor) -> list[Tensor]:
        for block in net.blocks:
            m = m + block.msa_att_row(m, z)
            m = m + block.msa_att_col(m)
            m = m + block.msa_transition(m)
            z = block.pair_stack(z + block.outer_product_mean(m))
        return [m, z, net.linear(m[:, 0])]

    blocks = (
        Parts(
            None,
            msa_att_row=row_attention(width, pair, heads, head),
            msa_att_col=column_attention(width, heads, head),
            msa_transition=transition(width),
            outer_product_mean=outer_product_mean(width, pair, outer),
            pair_stack=pair_stack(pair, pair_heads, head),
        )
        for _ in range(depth)
    )
    return Parts(run, blocks=nn.ModuleList(blocks), linear=nn.Linear(width, single))


def cases() -> list[Case]:
    """At a small size, and as published."""
    return [
        Case(
            "evoformer width=16 pair=12 single=10 heads=2 pair_heads=3 head=4 outer=5 depth=2 s=5 r=7",
            partial(evoformer, 16, 12, 10, 2, 3, 4, 5, 2),
            published=partial(evoformer, 256, 128, 384, 8, 4, 32, 32, 48),
        )
    ]
