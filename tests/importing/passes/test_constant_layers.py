"""Stored tensors and tables, with tiny networks as data."""

from __future__ import annotations

import pytest

from netspec.importing.assemble import assemble
from netspec.importing.passes.constant_layers import simplify_stored
from netspec.importing.passes.formula_tables import simplify_tables

from ..networks import Network, listing


def test_stored_tensors_stand_where_they_are_read() -> None:
    net = Network(x=(3, 8))
    net.add("t", "parameter", "", (8,), {"shape": [8]}, weights={"=block.0.t": (8,)})
    net.add("z", "buffer", "", (1, 8), {"shape": [1, 8], "init": "zeros", "persistent": False})
    net.add("a", "relu", "x", (3, 8), {}, "block block.0")
    net.add("b", "add", "a t", (3, 8), {}, "block block.0")
    net.add("c", "multiply", "b t", (3, 8), {}, "block block.1")
    net.add("p", "add", "z t", (1, 8), {}, "block")
    net.add("y", "concat", "p c", (4, 8), {"axis": 0})
    network = net.output("y")
    simplify_stored(network)
    assert listing(network) == [
        "relu x", "parameter {'shape': [8]}", "add 0 1", "multiply 2 1", "reshape 1 {'shape': [1, 8]}",
        "concat 4 3 {'axis': 0}",
    ]  # fmt: skip
    assert [call.path for call in network.drafts[1].calls] == ["block"]


@pytest.mark.parametrize(("numbers", "expression"), [
    ([0, 1, 2, 3, 4], "i"),
    ([2, 3, 4, 5], "i + 2"),
    ([3, 2, 1, 0], "3 - i"),
    ([-1, 2, 5, 8], "3 * i - 1"),
    ([0, 1, 2], None),
    ([0, 1, 2, 4], None),
    ([5, 5, 5, 5], None),
])  # fmt: skip
def test_tables_that_count(numbers: list[int], expression: str | None) -> None:
    net = Network(x=(9, 2))
    arguments = {"shape": [len(numbers)], "init": numbers, "dtype": "int64", "persistent": False}
    net.add("t", "buffer", "", (len(numbers),), arguments)
    net.add("y", "gather", "x", (len(numbers), 2), {"axis": 0, "index": "t"})
    network = net.output("y")
    simplify_tables(network)
    table = network.drafts[0]
    assert (table.operation == "formula") == (expression is not None)
    if expression is not None:
        assert table.arguments == {"expression": f"$({expression})", "for": {"i": len(numbers)}}
        assert assemble(network, {}).values[1].dtype == "int64"
