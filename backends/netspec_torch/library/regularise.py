"""Regularisation missing from torch.nn. The text of what a network uses is copied into its file."""

# The text is copied: docstrings and names are those of a network's file, not of this package. torch is typed in part.
# mypy: disable-error-code="no-untyped-call, no-any-return"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F


class DropPath(nn.Module):
    """Drops whole examples in training (stochastic depth, Huang et al. 2016)."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return x
        return x * F.dropout(x.new_ones((x.shape[0], *(1,) * (x.ndim - 1))), self.p)
