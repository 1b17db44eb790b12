"""Random whole networks over all operations and arguments: every backend agrees with the graph.

``python -m tests.random_networks --count 10000`` runs many more.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from netspec import loads
from netspec.ops import TABLE, find

from .random_networks import SPECS, seeded
from .random_networks.checks import check

COUNT = 240
"""Networks of the series of seed 0 that every run of the tests checks."""
GROUP = 20


@pytest.mark.parametrize("first", range(0, COUNT, GROUP))
def test_series(first: int, tmp_path: Path) -> None:
    delicate = 0
    for number in range(first, first + GROUP):
        text = seeded(0, number)
        try:
            delicate += bool(check(text, tmp_path).delicate)
        except Exception as error:
            error.add_note(f"network {number} of seed 0:\n{text}")
            raise
    assert delicate <= 2


@settings(max_examples=60, deadline=None, derandomize=True, database=None,
          suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(SPECS)
def test_grown_by_hypothesis(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check(text, Path(folder))


def test_the_series_has_every_operation_and_argument() -> None:
    operations: Counter[str] = Counter()
    arguments: set[tuple[str, str]] = set()
    for number in range(1200):
        for node in loads(seeded(1, number)).nodes:
            operations[node.op.name] += 1
            arguments |= {(node.op.name, a) for a in node.op.model_fields_set}
    assert not TABLE.keys() - operations.keys()
    missing = {(op, a) for op in TABLE for a in find(op).arguments() if (op, a) not in arguments}
    assert not missing
