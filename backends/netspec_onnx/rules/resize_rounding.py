"""Scales and positions in single precision, as PyTorch and ``Resize`` round them."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence


def to_single(x: float) -> float:
    """A number rounded to single precision."""
    (y,) = struct.unpack("f", struct.pack("f", x))
    assert isinstance(y, float)
    return y


def fit_scale(scale: float, n: int, m: int) -> float:
    """The single-precision number nearest to a scale for which ``Resize`` makes m elements of n.

    The size is ``floor(n * scale)`` in ONNX as in PyTorch, but 20 * 2.3 is 46 in double precision only.
    """
    (bits,) = struct.unpack("i", struct.pack("f", scale))
    for offset in (0, 1, -1, 2, -2):
        (near,) = struct.unpack("f", struct.pack("i", bits + offset))
        assert isinstance(near, float)
        if math.floor(to_single(n * near)) == math.floor(n * near) == m:
            return near
    return to_single(scale)


def pytorch_nearest(sizes: Sequence[tuple[int, int]], scales: Sequence[float | None]) -> list[list[int]]:
    """PyTorch's nearest neighbours along each axis, from n to m positions: ``floor(i * (n / m))``, or ``i / scale``.

    For two axes, PyTorch uses the exact ratio for an unchanged or doubled size.
    """
    out: list[list[int]] = []
    for (n, m), scale in zip(sizes, scales, strict=True):
        if len(sizes) == 2 and m in (n, 2 * n):
            out.append([i * n // m for i in range(m)])
        else:
            step = to_single(1 / scale if scale else n / m)
            out.append([min(math.floor(to_single(i * step)), n - 1) for i in range(m)])
    return out


def resize_nearest(sizes: Sequence[tuple[int, int]], scales: Sequence[float]) -> list[list[int]]:
    """The nearest neighbours of ``Resize``, by these scales or, without scales, by the ratio of sizes."""
    used = scales or [m / n for n, m in sizes]
    return [
        [min(math.floor(to_single(i / to_single(scale))), n - 1) for i in range(m)]
        for (n, m), scale in zip(sizes, used, strict=True)
    ]
