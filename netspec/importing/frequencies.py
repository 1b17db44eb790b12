"""Recovers frequencies of positions, ``theta ** (-i / n)`` for pairs i of n, from single-precision numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..weights.numpy_types import Array

ROUNDING = 4 * 2.0**-24
"""Maximum relative error of a power and a division in single precision."""
DIGITS = range(1, 9)
"""Numbers of significant digits of a base that are tried."""


def powers(theta: float, count: int) -> Array:
    """Returns ``theta ** (-i / count)`` for i below count."""
    out: Array = np.power(float(theta), -np.arange(count) / count)
    return out


def base_of_powers(values: Array) -> float | None:
    """Returns the base of a vector of powers ``theta ** (-i / n)`` in single precision, or None."""
    if values.ndim != 1 or values.size < 2 or values[0] != 1 or not bool((values > 0).all()) or values[-1] >= 1:
        return None
    for theta in bases(float(values[-1]), values.size):
        exact = powers(theta, values.size)
        if bool((np.abs(values - exact) <= ROUNDING * exact).all()):
            return theta
    return None


def waves(theta: float, positions: int, count: int) -> Array:
    """Returns the sines of ``position * theta ** (-i / count)`` for i below count, followed by the cosines."""
    angles = np.arange(positions)[:, None] * powers(theta, count)
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)


def base_of_waves(values: Array) -> float | None:
    """Returns the base of a table of waves computed in single precision, or None.

    The error of an angle grows with the angle.
    """
    if values.ndim != 2 or len(values) < 2 or values.shape[1] % 2 or values.shape[1] < 4:
        return None
    count = values.shape[1] // 2
    if bool(values[0, :count].any()) or not bool((values[0, count:] == 1).all()) or not 0 < values[1, count - 1] < 1:
        return None
    for theta in bases(float(np.arcsin(values[1, count - 1])), count):
        angles = np.arange(len(values))[:, None] * powers(theta, count)
        errors = np.abs(values - waves(theta, len(values), count))
        if bool((errors <= ROUNDING * (0.5 + np.concatenate([angles, angles], axis=1))).all()):
            return theta
    return None


def bases(last: float, count: int) -> Iterator[float]:
    """Yields bases with few digits whose last power of ``count`` is close to a number."""
    theta = last ** (-count / (count - 1))
    if np.isfinite(theta):
        yield from dict.fromkeys(float(f"{theta:.{digits}g}") for digits in DIGITS)
