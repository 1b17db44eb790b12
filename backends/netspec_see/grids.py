"""Numbers as pixels: kernels, maps and images as tiles, tiles as grids, boxes around what is meant."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .field import Box

Picture: TypeAlias = NDArray[np.uint8]
"""(height, width, 3), red, green and blue from 0 to 255."""

PAPER = (255, 255, 255)
"""What is between tiles."""
SMALLEST = 0.05
"""Part of a scale's greatest number below which nothing else is stretched to fill it."""


def kernel_tiles(kernels: NDArray[np.float32]) -> list[list[Picture]]:
    """The kernels of filters as tiles, one pixel a weight: a row of tiles for each filter, a tile for each channel.

    Kernels of three channels are one tile in colour. Zero is mid grey; the weight farthest from zero of a filter is
    black or white.

    Args:
        kernels: (filters, channels, height, width).
    """
    out: list[list[Picture]] = []
    for kernel in kernels:
        most = float(np.nanmax(np.abs(kernel), initial=0.0))
        level = np.nan_to_num(kernel / most if most > 0 else np.zeros_like(kernel)) * 0.5 + 0.5
        grey = bytes_of(level)
        if len(kernel) == 3:
            out.append([np.ascontiguousarray(grey.transpose(1, 2, 0))])
        else:
            out.append([np.repeat(channel[:, :, None], 3, 2) for channel in grey])
    return out


def bytes_of(level: NDArray[Any]) -> NDArray[np.uint8]:
    """Numbers from 0 to 1 as 0 to 255, rounded; what lies outside is cut off."""
    return np.asarray(np.rint(np.clip(np.nan_to_num(level), 0, 1) * 255), dtype=np.uint8)


def coloured(values: NDArray[np.float32], low: float, high: float, colours: str = "magma") -> Picture:
    """Numbers in the colours of one of matplotlib's maps, ``low`` its first and ``high`` its last."""
    from matplotlib import colormaps

    span = high - low if high > low else 1.0
    level = np.clip(np.nan_to_num((values - low) / span), 0, 1)
    out: NDArray[np.uint8] = colormaps[colours](level, bytes=True)
    return np.ascontiguousarray(out[..., :3])


def pictured(pixels: NDArray[np.float32]) -> Picture:
    """An image of numbers from 0 to 1, (height, width, channels) of 1, 3 or 4 channels."""
    out = bytes_of(pixels[:, :, :3] if pixels.shape[2] >= 3 else pixels[:, :, :1])
    return out if out.shape[2] == 3 else np.repeat(out, 3, 2)


def sized(picture: Picture, side: int) -> Picture:
    """The picture with its longer side about so long: pixels repeated a whole number of times, or scaled down."""
    height, width = picture.shape[:2]
    longest = max(height, width)
    if longest <= side:
        k = max(1, round(side / longest))
        return picture.repeat(k, 0).repeat(k, 1)
    size = (max(1, round(width * side / longest)), max(1, round(height * side / longest)))
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS))


def grid(tiles: Sequence[Picture], columns: int, gap: int = 2) -> Picture:
    """Tiles of one size, row by row, with a gap between them."""
    height, width = tiles[0].shape[:2]
    rows = math.ceil(len(tiles) / columns)
    across = min(columns, len(tiles))
    out = np.empty((rows * (height + gap) - gap, across * (width + gap) - gap, 3), np.uint8)
    out[:] = PAPER
    for i, tile in enumerate(tiles):
        y, x = i // columns * (height + gap), i % columns * (width + gap)
        out[y : y + height, x : x + width] = tile
    return out


def boxed(picture: Picture, box: Box | None, size: tuple[int, int]) -> Picture:
    """The picture with a white box around some of its pixels, lined in black.

    Args:
        picture: the image, at any scale.
        box: the pixels, in the image's own scale.
        size: the image's own height and width.
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


def laid_over(picture: Picture, heat: Picture, share: float = 0.6) -> Picture:
    """Colours over a picture in grey."""
    grey = picture.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    return np.asarray(np.rint(heat * share + grey[:, :, None] * (1 - share)), dtype=np.uint8)


def ceiling(values: NDArray[np.float32], part: float = 0.995) -> float:
    """The number that this part of the sizes does not exceed, for a scale that one outlier does not fill."""
    sizes = np.abs(values[np.isfinite(values)])
    if not sizes.size:
        return 1.0
    high, most = float(np.quantile(sizes, part)), float(sizes.max())
    return high if high > SMALLEST * most else most
