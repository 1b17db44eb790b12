"""Sampling missing from torch. The text of what a network uses is copied into its file."""

# The text is copied: docstrings and names are those of a network's file, not of this package. torch is typed in part.
# mypy: disable-error-code="no-untyped-call, no-any-return"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def roi_align(
    x: Tensor,
    boxes: Tensor,
    size: tuple[int, int],
    scale: float,
    samples: int,
    aligned: bool,
) -> Tensor:
    """Features of an image within boxes, on a grid of that size (He et al. 2017)."""
    edges = boxes * scale - (0.5 if aligned else 0.0)
    start, length = edges[..., :2], edges[..., 2:] - edges[..., :2]
    if not aligned:
        length = length.clamp(min=1)
    places: list[Tensor] = []
    inside: list[Tensor] = []
    for axis, (cells, n) in enumerate(zip(size[::-1], x.shape[:1:-1], strict=True)):
        steps = (torch.arange(cells * samples, device=x.device) + 0.5) / (
            cells * samples
        )
        at = start[..., axis, None] + length[..., axis, None] * steps.to(x.dtype)
        places.append(at.clamp(0, n - 1) * (2 / max(n - 1, 1)) - 1)
        inside.append((at >= -1) & (at <= n))
    columns, rows = places
    count, height, width = rows.shape[1], rows.shape[2], columns.shape[2]
    columns = columns[:, :, None, :].expand(-1, -1, height, -1)
    rows = rows[:, :, :, None].expand(-1, -1, -1, width)
    grid = torch.stack([columns, rows], -1).flatten(1, 2)
    values = F.grid_sample(x, grid, align_corners=True)
    values = values.unflatten(2, (count, height)).transpose(1, 2)
    mask = inside[1][:, :, None, :, None] & inside[0][:, :, None, None, :]
    values = values * mask
    values = values.unflatten(4, (size[1], samples)).unflatten(3, (size[0], samples))
    return values.mean((4, 6))
