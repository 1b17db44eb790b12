"""Normalisation missing from torch.nn. The text of what a network uses is copied into its file."""

# The text is copied: docstrings and names are those of a network's file, not of this package. torch is typed in part.
# mypy: disable-error-code="no-untyped-call, no-any-return"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class LayerNorm2d(nn.LayerNorm):
    """Layer normalisation over the channels of an image."""

    def forward(self, input: Tensor) -> Tensor:
        return super().forward(input.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class FrozenBatchNorm(nn.Module):
    """Batch normalisation by fixed numbers, also in training."""

    weight: Tensor | None
    bias: Tensor | None
    running_mean: Tensor
    running_var: Tensor

    def __init__(
        self, num_features: int, eps: float = 1e-5, affine: bool = True
    ) -> None:
        super().__init__()
        self.eps = eps
        gain = torch.ones(num_features) if affine else None
        self.register_buffer("weight", gain)
        self.register_buffer("bias", torch.zeros(num_features) if affine else None)
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))

    def forward(self, x: Tensor) -> Tensor:
        mean, var = self.running_mean, self.running_var
        return F.batch_norm(x, mean, var, self.weight, self.bias, eps=self.eps)


def spectral_norm(
    weight: Tensor,
    u: Tensor,
    v: Tensor,
    dim: int,
    steps: int,
    eps: float,
    training: bool,
) -> Tensor:
    """A weight divided by its largest singular value, which ``u`` and ``v`` follow."""
    matrix = weight.movedim(dim, 0).reshape(weight.shape[dim], -1)
    if training:
        with torch.no_grad():
            for _ in range(steps):
                u.copy_(F.normalize(matrix @ v, dim=0, eps=eps))
                v.copy_(F.normalize(matrix.T @ u, dim=0, eps=eps))
    return weight / (u.clone() @ (matrix @ v.clone()))


def singular_vector(weight: Tensor, dim: int, side: int) -> Tensor:
    """The left (0) or right (1) vector of the largest singular value, by 15 steps."""
    with torch.no_grad():
        matrix = weight.movedim(dim, 0).reshape(weight.shape[dim], -1)
        v = matrix.new_full(matrix.shape[1:], matrix.shape[1] ** -0.5)
        u = matrix @ v
        for _ in range(15):
            u = F.normalize(matrix @ v, dim=0)
            v = F.normalize(matrix.T @ u, dim=0)
    return v if side else u
