"""Activations missing from torch.nn. The text of what a network uses is copied into its file."""

# The text is copied: docstrings and names are those of a network's file, not of this package. torch is typed in part.
# mypy: disable-error-code="no-untyped-call, no-any-return"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false

from __future__ import annotations

import torch
from torch import Tensor


def scaled_tanh(x: Tensor, amplitude: float = 1.7159, slope: float = 2 / 3) -> Tensor:
    """LeNet-5's squashing function (LeCun et al. 1998)."""
    return amplitude * torch.tanh(slope * x)
