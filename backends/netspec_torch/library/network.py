"""What every network may need. The text of what a network uses is copied into its file."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def check_shape(x: Tensor, name: str, shape: tuple[int | None, ...]) -> None:
    """Raises ValueError unless an input has that shape after the batch axis."""
    if len(x.shape) != len(shape) + 1 or any(
        n not in (None, found) for n, found in zip(shape, x.shape[1:])
    ):
        wanted = ", ".join("any" if n is None else str(n) for n in shape)
        raise ValueError(f"input '{name}' must be (N, {wanted}); found {tuple(x.shape)}")


def member(module: nn.Module, name: str) -> nn.Module:
    """A submodule whose name is that of an attribute of ``nn.Module``."""
    found = module._modules[name]
    assert found is not None
    return found
