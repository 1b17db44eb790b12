"""Layers and look-ups missing from torch.nn. The text of what a network uses is copied into its file."""

# The text is copied: docstrings and names are those of a network's file, not of this package. torch is typed in part.
# mypy: disable-error-code="no-untyped-call, no-any-return"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false

from __future__ import annotations

import torch
from torch import Tensor, nn


class RBF(nn.Module):
    """Squared distances of the features from each unit's centre (LeCun et al. 1998)."""

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(out_features, in_features))
        nn.init.uniform_(self.weight, -1, 1)

    def forward(self, x: Tensor) -> Tensor:
        return (x.unsqueeze(-2) - self.weight).square().sum(-1)


def linear_each(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """A linear layer whose weight, bias or both differ between the examples."""
    out = x.reshape(x.shape[0], -1, x.shape[-1]) @ weight.mT
    if bias is not None:
        out = out + (bias[:, None] if bias.ndim == 2 else bias)
    return out.reshape(out.shape[0], *x.shape[1:-1], out.shape[-1])


def take(x: Tensor, index: Tensor, axis: int) -> Tensor:
    """The positions along an axis that an index names, example by example."""
    shape = [index.shape[0], *x.shape[1:]]
    flat = index.reshape(shape[0], *(1,) * (axis - 1), -1, *(1,) * (x.ndim - axis - 1))
    taken = [*shape[:axis], flat.shape[axis], *shape[axis + 1 :]]
    out = x.expand(shape).gather(axis, flat.expand(taken).long())
    return out.reshape(*shape[:axis], *index.shape[1:], *shape[axis + 1 :])
