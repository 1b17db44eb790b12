"""Recurrences missing from torch. The text of what a network uses is copied into its file."""

# The text is copied: docstrings and names are those of a network's file, not of this package. torch is typed in part.
# mypy: disable-error-code="no-untyped-call, no-any-return"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false

from __future__ import annotations

import torch
from torch import Tensor


@torch.fx.wrap
def recurrence(a: Tensor, b: Tensor, axis: int) -> Tensor:
    """h[t] = a[t] * h[t - 1] + b[t], by doubling (Hillis & Steele 1986)."""
    a, b = (x.movedim(axis, 0) for x in torch.broadcast_tensors(a, b))
    step = 1
    while step < b.shape[0]:
        b = torch.cat([b[:step], a[step:] * b[:-step] + b[step:]])
        a = torch.cat([a[:step], a[step:] * a[:-step]])
        step *= 2
    return b.movedim(0, axis)
