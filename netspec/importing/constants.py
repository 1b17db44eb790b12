"""Describes constants of a source as initial values in a spec."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

MASKED_SCORE = -1e4
"""A score at or below this value excludes a position, because its weight after a softmax is zero."""
LITERALS = 16
"""Maximum number of elements of a constant in the spec; larger constants are stored with the weights."""


def describe_constant(array: NDArray[Any], exact: NDArray[Any] | None = None) -> Any | None:
    """Returns the ``init`` of a buffer with these numbers; None if they must be stored.

    Args:
        array: the numbers, in the type of the buffer.
        exact: the same in double precision, if known: literals are written with all digits.
    """
    if not array.size:
        return None
    first = array.reshape(-1)[0]
    if bool((array == first).all()) and bool(np.isfinite(first)):
        number = first.item() if exact is None else exact.reshape(-1)[0].item()
        return "zeros" if first == 0 else "ones" if first == 1 else {"constant": float(number)}
    table = _relative_position_index(array) or _shifted_window_mask(array)
    if table is not None:
        return table
    if array.size <= LITERALS and bool(np.isfinite(array).all()):
        return (array if exact is None else exact).tolist()
    return None


def _relative_position_index(array: NDArray[Any]) -> dict[str, Any] | None:
    """Returns the relative position index of a square window (Swin), or None if it is not that."""
    if array.dtype != np.int64 or array.size < 2:
        return None
    tokens = math.isqrt(array.size)
    side = math.isqrt(tokens)
    if tokens * tokens != array.size or side * side != tokens or side < 2:
        return None
    y, x = np.divmod(np.arange(tokens), side)
    rows = (y[:, None] - y[None, :] + side - 1) * (2 * side - 1)
    expected = rows + x[:, None] - x[None, :] + side - 1
    return (
        {"relative_position_index": [side, side]} if np.array_equal(array.reshape(tokens, tokens), expected) else None
    )


def _shifted_window_mask(array: NDArray[Any]) -> dict[str, Any] | None:
    """Returns the mask of square windows shifted by half their side (Swin), or None if it is not that."""
    if array.dtype != np.float32 or array.ndim < 3 or array.shape[-1] != array.shape[-2]:
        return None
    if not bool(((array == 0) | (array == -100)).all()):
        return None
    tokens = array.shape[-1]
    side = math.isqrt(tokens)
    count = array.size // tokens // tokens
    if side * side != tokens or side < 2:
        return None
    shift = side // 2
    for rows in range(1, count + 1):
        if count % rows == 0 and np.array_equal(array.reshape(-1), _mask(rows, count // rows, side, shift).reshape(-1)):
            size = [rows * side, count // rows * side]
            return {"shifted_window_mask": {"size": size, "window": side, "shift": shift}}
    return None


def _mask(rows: int, columns: int, side: int, shift: int) -> NDArray[Any]:
    """Returns the mask of (rows x columns) windows, each (side * side) by (side * side)."""

    def regions(n: int) -> NDArray[Any]:
        size = n * side
        at = np.arange(size)
        return (at >= size - side).astype(np.int64) + (at >= size - shift)

    region = regions(rows)[:, None] * 3 + regions(columns)[None, :]
    windows = region.reshape(rows, side, columns, side).transpose(0, 2, 1, 3).reshape(rows * columns, side * side)
    return np.where(windows[:, :, None] == windows[:, None, :], 0.0, -100.0).astype(np.float32)
