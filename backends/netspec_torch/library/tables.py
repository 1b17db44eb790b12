"""Tables of windowed attention. The text of what a network uses is copied into its file."""

# The text is copied: docstrings and names are those of a network's file, not of this package. torch is typed in part.
# mypy: disable-error-code="no-untyped-call, no-any-return"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false

from __future__ import annotations

import torch
from torch import Tensor


def relative_position_index(*size: int | tuple[int, int]) -> Tensor:
    """Row of the table of offsets, for every query and key (Liu et al. 2021, Swin).

    ``size`` is the number of both along each axis, or of queries and of keys.
    """
    index = torch.zeros(1, 1, dtype=torch.int64)
    for n in size:
        q, k = n if isinstance(n, tuple) else (n, n)
        queries = torch.arange(q) * max(k // q, 1)
        keys = torch.arange(1 - k, 1) * max(q // k, 1)
        offset = queries[:, None, None] - keys
        index = index[:, None, :, None] * (2 * max(q, k) - 1) + offset
        index = index.flatten(2).flatten(0, 1)
    return index


def log_relative_coordinates(*size: int) -> Tensor:
    """Offsets within a window on a logarithmic scale (Liu et al. 2022, Swin V2)."""
    axes = [
        torch.arange(1 - n, n, dtype=torch.float32) / max(n - 1, 1) * 8 for n in size
    ]
    table = torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1)
    return table.sign() * torch.log2(table.abs() + 1) / 3


def shifted_window_mask(
    size: tuple[int, ...], window: tuple[int, ...], shift: tuple[int, ...]
) -> Tensor:
    """Mask between tokens that only a cyclic shift has brought into one window."""
    regions = torch.zeros(())
    for n, w, s in zip(size, window, shift, strict=True):
        along = torch.zeros(n)
        if w < n and s > 0:
            along[n - w :] = 1
            along[max(n - s, 0) :] = 2
        regions = regions[..., None] * 3 + along
    tiles = [m for n, w in zip(size, window, strict=True) for m in (n // w, w)]
    order = [*range(0, len(tiles), 2), *range(1, len(tiles), 2)]
    regions = regions.reshape(tiles).permute(order)
    regions = regions.flatten(len(window)).flatten(0, -2)
    apart = regions[:, None, :, None] != regions[:, None, None, :]
    return torch.where(apart, -100.0, 0.0)


def shift_mask(
    size: tuple[int, ...],
    window: tuple[int, ...],
    shift: tuple[int, ...],
    device: torch.device,
) -> Tensor:
    """Mask between tokens that only a cyclic shift has brought into one window."""
    regions = torch.zeros((), device=device)
    for n, w, s in zip(size, window, shift, strict=True):
        position = torch.arange(n, device=device)
        along = torch.zeros(n, device=device)
        if w < n:
            along = (position >= n - w).float() + (position >= n - s).float()
        regions = regions[..., None] * 3 + along
    tiles = [m for n, w in zip(size, window, strict=True) for m in (n // w, w)]
    order = [*range(0, len(tiles), 2), *range(1, len(tiles), 2)]
    regions = regions.reshape(tiles).permute(order)
    regions = regions.flatten(len(window)).flatten(0, -2)
    apart = regions[:, None, :, None] != regions[:, None, None, :]
    return torch.where(apart, -100.0, 0.0)
