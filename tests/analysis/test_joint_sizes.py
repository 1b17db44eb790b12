"""What several named dimensions must fulfil together."""

from __future__ import annotations

from typing import Literal

import pytest

from netspec.analysis.joint_sizes import counterexample, equation, promised_sizes
from netspec.analysis.legal_sizes import Requirement
from netspec.shapes.dims import Dim
from netspec.shapes.named_sizes import NamedDim, NamedSizes

NAMES = NamedSizes([NamedDim("n", 10), NamedDim("m", 10), NamedDim("k", 8, 4)])
N, M, K = NAMES.size("n"), NAMES.size("m"), NAMES.size("k")


def requirement(kind: Literal["=", ">=", "!="], difference: int) -> Requirement:
    assert isinstance(difference, Dim)
    return Requirement(kind, difference)


EQUATIONS = {
    "m + n <= 50": requirement(">=", 50 - N - M),
    "2*n >= m + 3": requirement(">=", 2 * N - M - 3),
    "m*n is a multiple of 4": requirement("=", 12 * N * M - 48 * (N * M // 4)),
    "n is a multiple of 4": requirement("=", 7 * N - 4 * (7 * N // 4)),
    "n//16 = 2*(n//32)": requirement("=", N // 16 - 2 * (N // 32)),
    "m is not 7": requirement("!=", M - 7),
}


@pytest.mark.parametrize("text", EQUATIONS)
def test_equation(text: str) -> None:
    assert equation(EQUATIONS[text]) == text


def test_the_greatest_sizes_are_tried_together() -> None:
    sets = {name: promised_sizes(NamedDim(name, 10, 1, 1, 40)) for name in "nm"}
    assert counterexample(requirement(">=", 80 - N - M), sets) is None
    assert counterexample(requirement(">=", 79 - N - M), sets) == {"n": 40, "m": 40}


def test_large_sizes_stand_for_sizes_without_end() -> None:
    sets = {name: promised_sizes(NamedDim(name, 10)) for name in "nm"}
    actual = counterexample(requirement(">=", 9_000 - N - M), sets)
    assert actual is not None
    assert actual["n"] + actual["m"] > 9_000


def test_many_names_take_bounded_time() -> None:
    dims = [NamedDim(f"n{i}", 10, max=20) for i in range(60)]
    names = NamedSizes(dims)
    total = sum([names.size(dim.name) for dim in dims])
    sets = {dim.name: promised_sizes(dim) for dim in dims}
    assert counterexample(requirement(">=", 1200 - total), sets) is None
    assert counterexample(requirement(">=", 1199 - total), sets) == dict.fromkeys(names.dims, 20)
