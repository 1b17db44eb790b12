"""Activations that torch.nn has not. The text of what a network uses is copied into its file."""

from __future__ import annotations

import torch
from torch import Tensor


def scaled_tanh(x: Tensor, amplitude: float = 1.7159, slope: float = 2 / 3) -> Tensor:
    """LeNet-5's squashing function (LeCun et al. 1998)."""
    return amplitude * torch.tanh(slope * x)
