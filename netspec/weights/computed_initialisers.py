"""Initial values that are computed rather than sampled: identities, and the tables of windowed attention.

Every function returns a filler, which fills ``out`` with elements of the flat tensor from index ``start`` on: a large
tensor is never held whole.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .numpy_types import Array

RangeFiller: TypeAlias = Callable[[int, Array], None]
"""Fills a flat array with consecutive elements, from an index on."""


def identity(shape: tuple[int, ...]) -> RangeFiller:
    """The identity matrix for two axes; for a bank of filters the one that copies channels (Dirac's delta).

    As ``torch.nn.init.eye_`` and ``dirac_``: filter d is 1 at the centre of its kernel for channel d, and 0 elsewhere.
    """
    positions = math.prod(shape[2:])
    middle = 0
    for n in shape[2:]:
        middle = middle * n + n // 2
    step = (shape[1] + 1) * positions
    ones = min(shape[0], shape[1])

    def fill(start: int, out: Array) -> None:
        out[...] = 0
        first = max(-(-(start - middle) // step), 0)
        last = min(-(-(start + out.size - middle) // step), ones)
        if first < last:
            at = first * step + middle - start
            out[at : at + (last - first - 1) * step + 1 : step] = 1

    return fill


def relative_position_index(sizes: Sequence[tuple[int, int]]) -> RangeFiller:
    """For every query i and key j, the row of the table for the offset of i from j.

    ``sizes`` holds the numbers of queries and of keys along each axis. Row-major in (i, j), as torchvision's
    ``define_relative_position_index`` (Liu et al. 2021, Swin Transformer, Section 3.2): offsets along each axis count
    from the smallest, and the last axis varies fastest. If queries and keys differ in number, the fewer are spaced
    further apart, so that both span the same range (Li et al. 2022, MViTv2, Section 4.1; torchvision's
    ``_add_rel_pos``).
    """
    queries, keys, smallest = np.zeros(1, np.int64), np.zeros(1, np.int64), 0
    for q, k in sizes:
        span, key_spacing = 2 * max(q, k) - 1, max(q // k, 1)
        queries = np.add.outer(queries * span, np.arange(q, dtype=np.int64) * max(k // q, 1)).reshape(-1)
        keys = np.add.outer(keys * span, np.arange(k, dtype=np.int64) * key_spacing).reshape(-1)
        smallest = smallest * span + (k - 1) * key_spacing
    return _by_rows(keys.size, lambda rows: queries[rows][:, None] - keys[None, :] + smallest)


def log_relative_coordinates(sizes: Sequence[int]) -> RangeFiller:
    """Offsets within a window on a logarithmic scale: shape (2 * size - 1, …, number of axes), flat.

    ``sign(x) * log2(1 + |x|) / 3`` with x = 8 * offset / (size - 1): torchvision's table for Swin Transformer V2
    (Liu et al. 2022, Section 3.3), computed in float32 as in torchvision. The offset along an axis of size one is 0.
    """
    scales: list[Array] = []
    for n in sizes:
        x = np.arange(1 - n, n, dtype=np.float32)
        if n > 1:
            x /= np.float32(n - 1)
        x *= np.float32(8)
        scales.append(np.sign(x) * np.log2(np.abs(x) + np.float32(1)) / np.float32(3))
    axes = len(sizes)
    inner = [math.prod(2 * n - 1 for n in sizes[k + 1 :]) for k in range(axes)]

    def fill(start: int, out: Array) -> None:
        for k, scale in enumerate(scales):
            of_axis = out[(k - start) % axes :: axes]
            positions = (np.arange(of_axis.size, dtype=np.int64) * axes + start + (k - start) % axes) // axes
            of_axis[...] = scale[positions // inner[k] % scale.size]

    return fill


def shifted_window_mask(size: Sequence[int], window: Sequence[int], shift: Sequence[int]) -> RangeFiller:
    """Mask between tokens that only a cyclic shift has brought into one window: shape (windows, 1, n, n), flat.

    0 between tokens of one region before the shift, -100 between others, as torchvision's
    ``shifted_window_attention`` and ``shifted_window_attention_3d``; an axis that one window covers is not shifted.
    ``size`` is the height and width (or the sizes of any axes) after padding, multiples of ``window``.
    """
    axes = len(size)
    regions = np.zeros((1,) * axes, np.int64)
    for axis, along in enumerate(zip(size, window, shift, strict=True)):
        regions = regions * 3 + _regions(*along).reshape([-1 if a == axis else 1 for a in range(axes)])
    n = math.prod(window)
    tiles = regions.reshape([m for s, w in zip(size, window, strict=True) for m in (s // w, w)])
    labels = tiles.transpose([*range(0, 2 * axes, 2), *range(1, 2 * axes, 2)]).reshape(-1, n)
    flat = labels.reshape(-1)

    def block(rows: NDArray[np.int64]) -> Array:
        return np.where(flat[rows][:, None] == labels[rows // n], np.float32(0), np.float32(-100))

    return _by_rows(n, block)


def _regions(size: int, window: int, shift: int) -> NDArray[np.int8]:
    """The region, one of three, of each position along one axis."""
    out = np.zeros(size, np.int8)
    if window < size and shift:
        out[size - window :] = 1
        out[max(size - shift, 0) :] = 2
    return out


def _by_rows(width: int, rows: Callable[[NDArray[np.int64]], Any]) -> RangeFiller:
    """A filler from a function that returns whole rows of ``width`` elements by their indices."""

    def fill(start: int, out: Array) -> None:
        # A few rows at a time: they are computed in a wider type than that of ``out``.
        step = max((1 << 17) // width, 1)
        end = start + out.size
        for first in range(start // width, -(-end // width), step):
            stop = min(first + step, -(-end // width))
            block = rows(np.arange(first, stop, dtype=np.int64)).reshape(-1)
            low, high = max(first * width, start), min(stop * width, end)
            out[low - start : high - start] = block[low - first * width : high - first * width]

    return fill
