"""What single precision makes of scales and positions: in PyTorch, and in ``Resize``."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence


def single(x: float) -> float:
    """A number rounded to single precision."""
    (y,) = struct.unpack("f", struct.pack("f", x))
    assert isinstance(y, float)
    return y


def fitted(scale: float, n: int, m: int) -> float:
    """A scale of n elements in single precision, a rounding away from it where ``Resize`` would not make m of them.

    Sizes are ``floor(n * scale)`` in ONNX as in PyTorch, but 20 times 2.3 is 46 in double precision alone.
    """
    (bits,) = struct.unpack("i", struct.pack("f", scale))
    for away in (0, 1, -1, 2, -2):
        (near,) = struct.unpack("f", struct.pack("i", bits + away))
        assert isinstance(near, float)
        if math.floor(single(n * near)) == math.floor(n * near) == m:
            return near
    return single(scale)


def nearest_rows(sizes: Sequence[tuple[int, int]], scales: Sequence[float | None]) -> list[list[int]]:
    """The positions that PyTorch takes as nearest neighbours along each axis: ``floor(i * (n / m))``, or ``i / scale``.

    Over two axes it takes sizes that come out the same or doubled as just that.
    """
    out: list[list[int]] = []
    for (n, m), scale in zip(sizes, scales, strict=True):
        if len(sizes) == 2 and m in (n, 2 * n):
            out.append([i * n // m for i in range(m)])
        else:
            step = single(1 / scale if scale else n / m)
            out.append([min(math.floor(single(i * step)), n - 1) for i in range(m)])
    return out


def resized_rows(sizes: Sequence[tuple[int, int]], scales: Sequence[float]) -> list[list[int]]:
    """The positions that ``Resize`` takes by these scales, or those that follow from the sizes where there are none."""
    given = scales or [m / n for n, m in sizes]
    return [
        [min(math.floor(single(i / single(scale))), n - 1) for i in range(m)]
        for (n, m), scale in zip(sizes, given, strict=True)
    ]
