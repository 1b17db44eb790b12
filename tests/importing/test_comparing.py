from __future__ import annotations

import math

import numpy as np
import pytest

from netspec.importing.comparing import relative_difference

CASES: dict[str, tuple[list[float], list[float], float]] = {
    "equal": ([1.0, -2.0], [1.0, -2.0], 0.0),
    "relative to the largest": ([1.0, -4.0], [2.0, -4.0], 0.25),
    "not a number in the spec": ([1.0, 2.0], [1.0, math.nan], math.inf),
    "not a number in both": ([1.0, math.nan], [1.0, math.nan], math.inf),
    "infinite in both": ([1.0, -math.inf], [1.0, -math.inf], 0.0),
    "infinite in both, another differs": ([1.0, -math.inf], [1.5, -math.inf], 0.5),
    "infinite in one": ([1.0, math.inf], [1.0, 2.0], math.inf),
    "of other signs": ([math.inf], [-math.inf], math.inf),
    "zeros": ([0.0, 0.0], [0.0, 0.5], 0.5),
    "no numbers": ([], [], 0.0),
    "another shape": ([1.0], [1.0, 1.0], math.inf),
}


@pytest.mark.parametrize("case", CASES)
def test_relative_difference(case: str) -> None:
    expected, actual, difference = CASES[case]
    assert relative_difference(np.array(expected), np.array(actual)) == difference


def test_truth_values() -> None:
    assert relative_difference(np.array([True, False]), np.array([1.0, 1.0])) == 1.0
