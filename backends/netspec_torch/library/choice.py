"""Choices and sums by index missing from torch. The text of what a network uses is copied into its file."""

# The text is copied: docstrings and names are those of a network's file, not of this package. torch is typed in part.
# mypy: disable-error-code="no-untyped-call, no-any-return"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false

from __future__ import annotations

import torch
from torch import Tensor


def top_k(x: Tensor, k: int, axis: int) -> tuple[Tensor, Tensor, Tensor]:
    """The greatest values along an axis, their positions, and where they are."""
    values, index = x.topk(k, dim=axis)
    mask = torch.zeros_like(x, dtype=torch.bool).scatter(axis, index, True)
    return values, index, mask


def take_along(x: Tensor, index: Tensor, axis: int) -> Tensor:
    """For each element of the index, the element at that position along an axis."""
    rest = [1 if a == axis else n for a, n in enumerate(index.shape)]
    shape = list(torch.broadcast_shapes(x.shape, rest))
    wanted = [*shape[:axis], index.shape[axis], *shape[axis + 1 :]]
    return x.expand(shape).gather(axis, index.expand(wanted))


def scatter_add(x: Tensor, index: Tensor, axis: int, size: int) -> Tensor:
    """Adds up the elements at the positions along an axis that an index names."""
    shape = torch.broadcast_shapes(x.shape, index.shape)
    out = x.new_zeros(*shape[:axis], size, *shape[axis + 1 :])
    return out.scatter_add(axis, index.expand(shape), x.expand(shape))
