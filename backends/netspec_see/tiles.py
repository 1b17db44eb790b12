"""Arrays as pictures: kernels, feature maps and images as tiles, grids of tiles, boxes around pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .exact_field import Box

Picture: TypeAlias = NDArray[np.uint8]
"""(height, width, 3), red, green and blue from 0 to 255."""

PAPER = (255, 255, 255)
"""Colour between tiles."""
MIN_QUANTILE = 0.05
"""Fraction of the greatest value below which a quantile is too small to serve as the end of a scale."""


def kernel_tiles(kernels: NDArray[np.float32]) -> list[list[Picture]]:
    """The kernels of filters as tiles, one pixel per weight: a row of tiles for each filter, a tile for each channel.

    Kernels with three channels are one tile in colour. Zero is mid-grey; the weight of a filter with the greatest
    absolute value is black or white.

    Args:
        kernels: (filters, channels, height, width).
    """
    out: list[list[Picture]] = []
    for kernel in kernels:
        scale = float(np.nanmax(np.abs(kernel), initial=0.0))
        level = np.nan_to_num(kernel / scale if scale > 0 else np.zeros_like(kernel)) * 0.5 + 0.5
        grey = to_bytes(level)
        if len(kernel) == 3:
            out.append([np.ascontiguousarray(grey.transpose(1, 2, 0))])
        else:
            out.append([np.repeat(channel[:, :, None], 3, 2) for channel in grey])
    return out


def map_tiles(maps: NDArray[np.float32]) -> list[Picture]:
    """Feature maps (filters, height, width) as tiles in one scale, one pixel per value.

    Without negative values, from black for zero to yellow; otherwise in grey, with zero in the middle.
    """
    low, high = float(np.nanmin(maps)), float(np.nanmax(maps))
    if low >= 0:
        return [apply_colour_map(m, 0.0, high) for m in maps]
    limit = max(-low, high)
    return [apply_colour_map(m, -limit, limit, "gray") for m in maps]


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


def resize_to_side(picture: Picture, side: int) -> Picture:
    """The picture with its longer side close to ``side``: pixels repeated an integer number of times, or shrunk."""
    height, width = picture.shape[:2]
    longest = max(height, width)
    if longest <= side:
        k = max(1, round(side / longest))
        return picture.repeat(k, 0).repeat(k, 1)
    size = (max(1, round(width * side / longest)), max(1, round(height * side / longest)))
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS))


def enlarge(picture: Picture, times: int) -> Picture:
    """The picture with each pixel repeated."""
    return picture.repeat(times, 0).repeat(times, 1)


def grid(tiles: Sequence[Picture], columns: int, gap: int = 2) -> Picture:
    """Tiles of equal size in rows, separated by a gap."""
    height, width = tiles[0].shape[:2]
    rows = math.ceil(len(tiles) / columns)
    across = min(columns, len(tiles))
    out = np.empty((rows * (height + gap) - gap, across * (width + gap) - gap, 3), np.uint8)
    out[:] = PAPER
    for i, tile in enumerate(tiles):
        y, x = i // columns * (height + gap), i % columns * (width + gap)
        out[y : y + height, x : x + width] = tile
    return out


def draw_box(picture: Picture, box: Box | None, size: tuple[int, int]) -> Picture:
    """The picture with a white box with a black outline around some of its pixels.

    Args:
        picture: the image at any scale.
        box: the pixels, in coordinates of the image.
        size: height and width of the image.
    """
    if box is None:
        return picture
    out = picture.copy()
    height, width = picture.shape[:2]
    down, right = height / size[0], width / size[1]
    top, bottom = round(box.top * down), max(round(box.bottom * down), round(box.top * down) + 1)
    left, far = round(box.left * right), max(round(box.right * right), round(box.left * right) + 1)
    for inset, colour in ((2, 0), (0, 255), (1, 255)):
        y0, y1 = min(top + inset, bottom - 1), max(bottom - 1 - inset, top)
        x0, x1 = min(left + inset, far - 1), max(far - 1 - inset, left)
        if y0 > y1 or x0 > x1:
            continue
        out[y0, x0 : x1 + 1] = colour
        out[y1, x0 : x1 + 1] = colour
        out[y0 : y1 + 1, x0] = colour
        out[y0 : y1 + 1, x1] = colour
    return out


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
