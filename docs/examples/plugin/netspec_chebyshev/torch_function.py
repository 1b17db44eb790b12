"""``chebyshev`` in PyTorch."""

from __future__ import annotations

import torch
from torch import Tensor


def chebyshev(x: Tensor, coefficients: Tensor, units: int, degree: int) -> Tensor:
    """The sum of all polynomials of all features, each with a coefficient for every unit."""
    x = x.tanh()
    polynomials = [torch.ones_like(x), x]
    while len(polynomials) <= degree:
        polynomials.append(2 * x * polynomials[-1] - polynomials[-2])
    return torch.stack(polynomials, -1).flatten(-2) @ coefficients.reshape(-1, units)
