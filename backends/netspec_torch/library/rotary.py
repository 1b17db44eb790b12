"""Rotary position embedding. The text of what a network uses is copied into its file."""

# The text is copied: docstrings and names are those of a network's file, not of this package. torch is typed in part.
# mypy: disable-error-code="no-untyped-call, no-any-return"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import torch
from torch import Tensor


def rotary(
    x: Tensor,
    heads: int,
    angles: Tensor,
    first: int = 0,
    interleaved: bool = False,
) -> Tensor:
    """Turns pairs of features of each head, from ``first`` on (Su et al. 2021).

    Shapes: x (N, L, heads * features), angles (N or 1, L, heads or 1, pairs).
    """
    y = x.unflatten(-1, (heads, -1))
    end = first + 2 * angles.shape[-1]
    turned = y[..., first:end]
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if interleaved:
        a, b = turned.unflatten(-1, (-1, 2)).unbind(-1)
        turned = torch.stack([a * cos - b * sin, b * cos + a * sin], -1).flatten(-2)
    else:
        a, b = turned.chunk(2, dim=-1)
        turned = torch.cat([a * cos - b * sin, b * cos + a * sin], -1)
    if turned.shape != y.shape:
        turned = torch.cat([y[..., :first], turned, y[..., end:]], -1)
    return turned.flatten(-2)


def rotary_angles(x: Tensor, dims: int, theta: float) -> Tensor:
    """The angle of each position and pair of ``dims`` features: (L, 1, dims / 2)."""
    dtype = torch.float32 if x.device.type == "mps" else torch.float64
    pair = torch.arange(0, dims, 2, dtype=dtype, device=x.device)
    position = torch.arange(x.shape[-2], dtype=dtype, device=x.device)
    return position[:, None, None] * theta ** (-pair / dims)
