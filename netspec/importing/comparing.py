"""Measures the difference between the outputs of a spec and its source."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def relative_difference(expected: NDArray[Any], actual: NDArray[Any]) -> float:
    """Returns the largest difference between corresponding numbers, relative to the largest finite expected number.

    Infinite if one of them is NaN, if the shapes differ, or if only one is infinite.

    Args:
        expected: an output of the source, of any type.
        actual: the same output of the spec.
    """
    if expected.shape != actual.shape:
        return float("inf")
    a, b = np.asarray(expected, np.float64), np.asarray(actual, np.float64)
    differ = a != b  # true for NaN, false for infinities of the same sign
    if not differ.any():
        return 0.0
    with np.errstate(all="ignore"):
        largest = np.abs(a, where=np.isfinite(a), out=np.zeros_like(a)).max()
        difference = np.abs(a - b)[differ].max()
    return float(difference / (largest or 1.0)) if np.isfinite(difference) else float("inf")
