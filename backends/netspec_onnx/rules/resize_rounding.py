"""Scales and positions in single precision, as PyTorch and ``Resize`` round them."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence

COMPARED = 1 << 16
"""Positions along an axis that are compared one by one."""
EXACT = 1 << 24
"""Positions that single precision can express."""


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


def nearest_steps(sizes: Sequence[tuple[int, int]], scales: Sequence[float | None]) -> list[float | None]:
    """How PyTorch finds the nearest neighbour of position i, along each axis from n to m positions.

    It is ``floor(i * step)`` in single precision, with ``n / m`` or ``1 / scale`` as the step, but at most n - 1. For
    two axes, PyTorch uses the exact ratio for an unchanged or doubled size: ``i * n // m``, without a step.
    """
    return [
        None if len(sizes) == 2 and m in (n, 2 * n) else to_single(1 / scale if scale else n / m)
        for (n, m), scale in zip(sizes, scales, strict=True)
    ]


def agrees_with_resize(n: int, m: int, step: float | None, scale: float | None) -> bool:
    """Whether ``Resize`` finds the same nearest neighbours, by this scale or by the ratio of sizes.

    False for more than :data:`COMPARED` positions, unless every neighbour is the same by construction.
    """
    factor = to_single(scale or m / n)
    if m <= EXACT and math.frexp(factor)[0] == 0.5 and factor * (n / m if step is None else step) == 1:
        return True  # products and quotients of powers of two are exact
    if m > COMPARED:
        return False
    for i in range(m):
        nearest = i * n // m if step is None else min(math.floor(to_single(i * step)), n - 1)
        if nearest != min(math.floor(to_single(i / factor)), n - 1):
            return False
    return True
