"""How far the outputs of a spec are from those of its source."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def relative_difference(expected: NDArray[Any], actual: NDArray[Any]) -> float:
    """The largest difference of two numbers at one place, relative to the largest finite number that is expected.

    Infinite if one of them is not a number, if the shapes differ, or if only one is infinite at a place.

    Args:
        expected: an output of the source, of any type.
        actual: the same output of the spec.
    """
    if expected.shape != actual.shape:
        return float("inf")
    a, b = np.asarray(expected, np.float64), np.asarray(actual, np.float64)
    differ = a != b  # true where one is not a number, false for infinities of one sign
    if not differ.any():
        return 0.0
    with np.errstate(all="ignore"):
        largest = np.abs(a, where=np.isfinite(a), out=np.zeros_like(a)).max()
        difference = np.abs(a - b)[differ].max()
    return float(difference / (largest or 1.0)) if np.isfinite(difference) else float("inf")
