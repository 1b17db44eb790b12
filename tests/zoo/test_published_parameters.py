"""Numbers of parameters of published networks, as their released configurations give them.

``tests/zoo/test_zoo.py`` compares every ``expect`` with the network; here it is compared with the published number.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
import yaml

from netspec import zoo

TABLE = Path(__file__).resolve().parent.parent / "data" / "published_parameters.csv"
with TABLE.open(encoding="utf-8") as file:
    ROWS = [(row["network"], int(row["params"])) for row in csv.DictReader(file)]


@pytest.mark.parametrize(("network", "params"), ROWS)
def test_the_spec_expects_the_published_number(network: str, params: int) -> None:
    name, _, variant = network.partition("@")
    path = zoo.path(name)
    assert path is not None
    spec: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    chosen = spec["variants"][variant] if variant else spec
    assert chosen["expect"]["params"] == params
