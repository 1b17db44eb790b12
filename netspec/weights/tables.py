"""Initial values that are computed, not drawn: identities, and the tables of windowed attention.

Every function gives a rule: what fills ``out`` with the elements from number ``start`` on, counted through the
flat tensor, so that a large one is never held whole.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .dtypes import Array

FlatRule: TypeAlias = Callable[[int, Array], None]


def identity(shape: tuple[int, ...]) -> FlatRule:
    """The identity matrix for two axes; for a bank of filters the one that hands channels on (Dirac's delta).

    As ``torch.nn.init.eye_`` and ``dirac_``: filter d is one at the middle of its kernel for channel d.
    """
    taps = math.prod(shape[2:])
    middle = 0
    for n in shape[2:]:
        middle = middle * n + n // 2
    step = (shape[1] + 1) * taps
    ones = min(shape[0], shape[1])

    def rule(start: int, out: Array) -> None:
        out[...] = 0
        first = max(-(-(start - middle) // step), 0)
        last = min(-(-(start + out.size - middle) // step), ones)
        if first < last:
            at = first * step + middle - start
            out[at : at + (last - first - 1) * step + 1 : step] = 1

    return rule


def relative_position_index(sizes: Sequence[tuple[int, int]]) -> FlatRule:
    """For query i and key j, so many of each along every axis, the row of the table for where i lies seen from j.

    Flat, row i after row i - 1, as torchvision's ``define_relative_position_index`` (Liu et al. 2021, Swin
    Transformer, Section 3.2): offsets of every axis are counted from the least and joined with the last axis fastest.
    Where there are fewer of the one than of the other, they lie further apart: both cover the same stretch (Li et al.
    2022, MViTv2, Section 4.1; torchvision's ``_add_rel_pos``).
    """
    queries, keys, least = np.zeros(1, np.int64), np.zeros(1, np.int64), 0
    for q, k in sizes:
        span, apart = 2 * max(q, k) - 1, max(q // k, 1)
        queries = np.add.outer(queries * span, np.arange(q, dtype=np.int64) * max(k // q, 1)).reshape(-1)
        keys = np.add.outer(keys * span, np.arange(k, dtype=np.int64) * apart).reshape(-1)
        least = least * span + (k - 1) * apart
    return _by_rows(keys.size, lambda rows: queries[rows][:, None] - keys[None, :] + least)


def log_relative_coordinates(sizes: Sequence[int]) -> FlatRule:
    """Offsets within a window on a logarithmic scale: shape (2 * size - 1, …, number of axes), flat.

    ``sign(x) * log2(1 + |x|) / 3`` with x the offset over ``size - 1``, times 8: torchvision's table for Swin
    Transformer V2 (Liu et al. 2022, Section 3.3), computed in float32 as there. An axis of size one has only 0.
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

    def rule(start: int, out: Array) -> None:
        for k, scale in enumerate(scales):
            mine = out[(k - start) % axes :: axes]
            positions = (np.arange(mine.size, dtype=np.int64) * axes + start + (k - start) % axes) // axes
            mine[...] = scale[positions // inner[k] % scale.size]

    return rule


def shifted_window_mask(size: Sequence[int], window: Sequence[int], shift: Sequence[int]) -> FlatRule:
    """What keeps apart the tokens that a cyclic shift has brought into one window: shape (windows, 1, n, n), flat.

    Zero between tokens that were neighbours before the shift, -100 between others, as torchvision's
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
    """Along one axis, which of the three stretches each position comes from."""
    out = np.zeros(size, np.int8)
    if window < size and shift:
        out[size - window :] = 1
        out[max(size - shift, 0) :] = 2
    return out


def _by_rows(width: int, rows: Callable[[NDArray[np.int64]], Any]) -> FlatRule:
    """A rule from a function that gives whole rows of ``width`` elements by their numbers."""

    def rule(start: int, out: Array) -> None:
        # Some rows at a time: their numbers are wider than what is asked for.
        many = max((1 << 17) // width, 1)
        end = start + out.size
        for first in range(start // width, -(-end // width), many):
            stop = min(first + many, -(-end // width))
            block = rows(np.arange(first, stop, dtype=np.int64)).reshape(-1)
            low, high = max(first * width, start), min(stop * width, end)
            out[low - start : high - start] = block[low - first * width : high - first * width]

    return rule
