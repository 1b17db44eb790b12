"""Tables of windowed attention. The text of what a network uses is copied into its file."""

# The text is copied: docstrings and names are those of a network's file, not of this package. torch is typed in part.
# mypy: disable-error-code="no-untyped-call, no-any-return"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false

from __future__ import annotations

import torch
from torch import Tensor


def relative_position_index(*size: int) -> Tensor:
    """For two positions of a window the row of the table (Liu et al. 2021, Swin)."""
    grid = torch.meshgrid(*[torch.arange(n) for n in size], indexing="ij")
    place = torch.stack(grid).flatten(1)
    index = torch.zeros(place.shape[1], place.shape[1], dtype=torch.int64)
    for n, along in zip(size, place[:, :, None] - place[:, None, :], strict=True):
        index = index * (2 * n - 1) + along + n - 1
    return index


def log_relative_coordinates(*size: int) -> Tensor:
    """Offsets within a window on a logarithmic scale (Liu et al. 2022, Swin V2)."""
    axes = [
        torch.arange(1 - n, n, dtype=torch.float32) / max(n - 1, 1) * 8 for n in size
    ]
    table = torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1)
    return table.sign() * torch.log2(table.abs() + 1) / 3


def shifted_window_mask(
    size: tuple[int, int], window: tuple[int, int], shift: tuple[int, int]
) -> Tensor:
    """What keeps apart the tokens that a cyclic shift has brought into one window."""
    rows, columns = torch.zeros(size[0]), torch.zeros(size[1])
    for n, w, s, region in zip(size, window, shift, (rows, columns), strict=True):
        if w < n and s > 0:
            region[n - w :] = 1
            region[max(n - s, 0) :] = 2
    regions = (
        (rows[:, None] * 3 + columns)
        .unflatten(0, (-1, window[0]))
        .unflatten(2, (-1, window[1]))
    )
    regions = regions.transpose(1, 2).reshape(-1, 1, window[0] * window[1])
    apart = regions[..., :, None] != regions[..., None, :]
    return torch.where(apart, -100.0, 0.0)
