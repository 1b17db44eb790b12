"""Scales and positions in single precision, rounded like in PyTorch and ``Resize``."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from fractions import Fraction
from typing import Literal, TypeAlias

from netspec.shapes.sizes import is_named, is_same

LARGEST_POWER = 8
"""Largest ratio of two sizes that is considered, as a power of two."""
COMPARED = 1 << 16
"""Maximum number of positions along an axis that are compared individually."""
LARGEST_EXACT_NUMERATOR = 1 << 8
"""A scale whose fraction has a numerator up to this is exact for up to 65,536 positions in single precision."""
EXACT = 1 << 24
"""Number of integers that single precision represents exactly."""

SourceStep: TypeAlias = float | Literal["ratio"] | None
"""How a nearest neighbour is determined: ``floor(i * step)`` for a number; the same with the run-time ratio of sizes;
or exactly ``i * n // m`` (None).
"""


def to_single(x: float) -> float:
    """A number rounded to single precision."""
    (y,) = struct.unpack("f", struct.pack("f", x))
    assert isinstance(y, float)
    return y


def fit_scale(scale: float, n: int, m: int) -> float:
    """Returns the single-precision number closest to a scale for which ``Resize`` makes m elements of n.

    The size is ``floor(n * scale)`` in ONNX and PyTorch, but 20 * 2.3 is 46 in double precision only.
    """
    (bits,) = struct.unpack("i", struct.pack("f", scale))
    for offset in (0, 1, -1, 2, -2):
        (near,) = struct.unpack("f", struct.pack("i", bits + offset))
        assert isinstance(near, float)
        if math.floor(to_single(n * near)) == math.floor(n * near) == m:
            return near
    return to_single(scale)


def is_exact_scale(scale: float) -> bool:
    """Whether ``Resize`` multiplies every size by this scale without rounding."""
    return Fraction(scale).numerator <= LARGEST_EXACT_NUMERATOR


def scale_for(scale: float, n: int, m: int) -> float:
    """Returns the scale with which ``Resize`` makes m positions of n; see :func:`fit_scale`.

    For a run-time size and an inexact scale, it is slightly increased: no product with a size is rounded below the true
    one, so that ``Resize`` makes m positions or one more.
    """
    if not is_named(n):
        return fit_scale(scale, n, m)
    return scale if is_exact_scale(scale) else to_single(scale * (1 + 2.0**-21))


def exact_ratio(n: int, m: int) -> float | None:
    """Returns the ratio of an unchanged or doubled size; None for others, and for run-time sizes."""
    return m / n if not is_named(m) and m in (n, 2 * n) else None


def nearest_steps(sizes: Sequence[tuple[int, int]], scales: Sequence[float | None]) -> list[SourceStep]:
    """Returns how PyTorch determines the nearest neighbour of position i, along each axis from n to m positions.

    It is ``floor(i * step)`` in single precision, with ``n / m`` or ``1 / scale`` as the step, but at most n - 1. For
    two axes, PyTorch uses the exact ratio for an unchanged or doubled size: ``i * n // m``, without a step.
    """
    steps: list[SourceStep] = []
    for (n, m), scale in zip(sizes, scales, strict=True):
        if len(sizes) == 2 and m in (n, 2 * n):
            steps.append(None)
        elif scale:
            steps.append(to_single(1 / scale))
        else:
            steps.append("ratio" if is_named(n) or is_named(m) else to_single(n / m))
    return steps


def agrees_with_resize(n: int, m: int, step: SourceStep, scale: float | None) -> bool:
    """Whether ``Resize`` determines the same nearest neighbours, by this scale or by the ratio of sizes.

    False for more than :data:`COMPARED` positions and for run-time sizes, unless all neighbours are equal by
    construction.
    """
    if is_named(n) or is_named(m):
        return math.frexp(scale)[0] == 0.5 if scale else is_ratio_of_two(n, m)
    assert step != "ratio"
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


def is_ratio_of_two(n: int, m: int) -> bool:
    """Whether one size is always a power of two times the other."""
    powers = [1 << k for k in range(LARGEST_POWER + 1)]
    return any(is_same(m, n * power) or is_same(n, m * power) for power in powers)
