"""Changes of size missing from torch.nn. The text of what a network uses is copied into its file."""

# The text is copied: docstrings and names are those of a network's file, not of this package. torch is typed in part.
# mypy: disable-error-code="no-untyped-call, no-any-return"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor
from torch.nn import functional as F


def center_crop(x: Tensor, size: Sequence[int]) -> Tensor:
    """The middle of every window axis; an odd rest goes at the end."""
    for axis, n in enumerate(size, 2):
        x = x.narrow(axis, (x.shape[axis] - n) // 2, n)
    return x


def channel_shuffle(x: Tensor, groups: int, dim: int = 1) -> Tensor:
    """Channels taken in turn from each group (Zhang et al. 2017, ShuffleNet)."""
    return x.unflatten(dim, (groups, -1)).transpose(dim, dim + 1).flatten(dim, dim + 1)


def pad_axis(x: Tensor, axis: int, amount: tuple[int, int], mode: str) -> Tensor:
    """Padding of one axis, whichever it is, in a mode that looks at the values."""
    x = x.movedim(axis, -1)
    flat = F.pad(x.reshape(1, -1, x.shape[-1]), amount, mode)
    return flat.reshape(*x.shape[:-1], -1).movedim(-1, axis)
