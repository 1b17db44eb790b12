"""Networks of the zoo's folders have a counterpart elsewhere; ``python -m tests.zoo.foreign --all`` compares them."""

from __future__ import annotations

import pytest

from netspec import zoo

from .foreign.cases import Case
from .foreign.compare import compare
from .foreign.table import ALL
from .support import loaded

QUICK = ("starnet@s1", "cyclegan@resnet_6blocks")


def test_every_network_has_a_counterpart() -> None:
    assert {case.network for case in ALL} == set(zoo.names()) - set(zoo.names(""))


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_the_network_compiles(case: Case) -> None:
    assert loaded(case.reference).graph is not None


@pytest.mark.parametrize("name", QUICK)
def test_a_comparison(name: str) -> None:
    (case,) = (case for case in ALL if case.name == name)
    result = compare(case)
    assert result.problems == ()
    assert result.tensors > 0
