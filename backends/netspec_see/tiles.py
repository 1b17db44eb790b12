"""Arrays as pictures: kernels, feature maps and images as tiles, and grids of tiles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from io import BytesIO
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from netspec_picture.scene import Bitmap

Picture: TypeAlias = NDArray[np.uint8]
"""(height, width, 3), red, green and blue from 0 to 255."""

PAPER = (255, 255, 255)
"""Colour between tiles."""
MIN_QUANTILE = 0.05
"""Fraction of the greatest value below which a quantile is too small to serve as the end of a scale."""


def colour_kernel(kernel: NDArray[np.float32], limit: float) -> Picture:
    """A kernel with three channels, (3, height, width), as a tile in colour.

    Zero is half of a colour's brightness, ``-limit`` none and ``limit`` all of it.
    """
    return np.ascontiguousarray(to_bytes(kernel / limit * 0.5 + 0.5).transpose(1, 2, 0))


def to_bytes(level: NDArray[Any]) -> NDArray[np.uint8]:
    """Values from 0 to 1 as 0 to 255, rounded and clipped."""
    return np.asarray(np.rint(np.clip(np.nan_to_num(level), 0, 1) * 255), dtype=np.uint8)


def apply_colour_map(values: NDArray[np.float32], low: float, high: float, colours: str = "magma") -> Picture:
    """Values in the colours of a Matplotlib colour map, whose ends are ``low`` and ``high``."""
    from matplotlib import colormaps

    span = high - low if high > low else 1.0
    level = np.clip(np.nan_to_num((values - low) / span), 0, 1)
    out: NDArray[np.uint8] = colormaps[colours](level, bytes=True)
    return np.ascontiguousarray(out[..., :3])


def image_to_picture(pixels: NDArray[np.float32]) -> Picture:
    """An image with values from 0 to 1, (height, width, channels) with 1, 3 or 4 channels, as a picture."""
    out = to_bytes(pixels[:, :, :3] if pixels.shape[2] >= 3 else pixels[:, :, :1])
    return out if out.shape[2] == 3 else np.repeat(out, 3, 2)


def resize(picture: Picture, width: int, height: int) -> Picture:
    """The picture with this size: pixels repeated if it is a multiple of the picture's own, otherwise resampled."""
    own_height, own_width = picture.shape[:2]
    if height % own_height == 0 and width % own_width == 0:
        return picture.repeat(height // own_height, 0).repeat(width // own_width, 1)
    enlarged = width >= own_width and height >= own_height
    how = Image.Resampling.NEAREST if enlarged else Image.Resampling.LANCZOS
    return np.asarray(Image.fromarray(picture).resize((width, height), how))


def size_near(picture: Picture, side: int) -> tuple[int, int]:
    """Width and height close to a side: an integer multiple of the picture's own, or less than its own."""
    height, width = picture.shape[:2]
    longest = max(height, width)
    if longest <= side:
        k = max(1, round(side / longest))
        return width * k, height * k
    return max(1, round(width * side / longest)), max(1, round(height * side / longest))


def grid(tiles: Sequence[Picture], columns: int, gap: int = 2, row_gap: int | None = None) -> Picture:
    """Tiles of equal size in rows, separated by a gap between columns and one between rows (by default the same)."""
    height, width = tiles[0].shape[:2]
    rows = math.ceil(len(tiles) / columns)
    across = min(columns, len(tiles))
    down = gap if row_gap is None else row_gap
    out = np.empty((rows * (height + down) - down, across * (width + gap) - gap, 3), np.uint8)
    out[:] = PAPER
    for i, tile in enumerate(tiles):
        y, x = i // columns * (height + down), i % columns * (width + gap)
        out[y : y + height, x : x + width] = tile
    return out


def bitmap(picture: Picture, x: float, y: float, width: float, height: float) -> Bitmap:
    """A picture as a shape, lossless."""
    out = BytesIO()
    Image.fromarray(picture).save(out, "PNG", optimize=True)
    return Bitmap(x, y, width, height, out.getvalue())


def overlay(picture: Picture, heat: Picture, share: float = 0.6) -> Picture:
    """A heat map over the picture in grey."""
    grey = picture.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    return np.asarray(np.rint(heat * share + grey[:, :, None] * (1 - share)), dtype=np.uint8)


def robust_maximum(values: NDArray[np.float32], quantile: float = 0.995) -> float:
    """A quantile of the absolute values, as the end of a colour scale that ignores outliers."""
    sizes = np.abs(values[np.isfinite(values)])
    if not sizes.size:
        return 1.0
    high, greatest = float(np.quantile(sizes, quantile)), float(sizes.max())
    return high if high > MIN_QUANTILE * greatest else greatest
