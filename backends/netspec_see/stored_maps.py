"""Activations as ``.npz`` files store them: with fewer bits, and of large maps averages over rectangles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from netspec.weights.numpy_types import Array

from .activation_maps import Activation

DTYPES: Final = ("float32", "float16")
"""The types of stored values."""


def stored_maps(result: Sequence[Activation], dtype: str, pixels: int | None) -> dict[str, Array]:
    """Returns the values of layers as a file stores them.

    Args:
        result: the activations.
        dtype: one of :data:`DTYPES`; values beyond the range of float16 are clipped.
        pixels: the most rows and columns of a map; larger ones are averaged over rectangles of equal size.
    """
    out: dict[str, Array] = {}
    for each in result:
        values = averaged(each.values, pixels) if each.spatial and pixels is not None else each.values
        if dtype == "float16":
            greatest = float(np.finfo(np.float16).max)
            values = values.clip(-greatest, greatest).astype(np.float16)
        out[each.layer] = values
    return out


def averaged(values: NDArray[np.float32], pixels: int) -> NDArray[np.float32]:
    """Averages maps (channels, height, width) over rectangles, so that each has at most ``pixels`` rows and columns.

    Rows and columns that do not fill a rectangle are left out.
    """
    count, high, wide = values.shape
    down, across = -(-high // pixels), -(-wide // pixels)
    high, wide = high // down, wide // across
    squares = values[:, : high * down, : wide * across].reshape(count, high, down, wide, across)
    return np.asarray(squares.mean((2, 4), dtype=np.float64), np.float32)
