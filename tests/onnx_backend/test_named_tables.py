"""Buffers whose size depends on named dimensions."""

# onnx is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import pytest

import netspec_onnx
from netspec.backend import BackendError
from netspec.checking.spec import Spec
from netspec.ir import Graph


def network(table: str, sizes: dict[str, int] | None = None) -> Graph:
    """An image that is added to two equal tables, one after the other."""
    text = f"""netspec: 1
name: tables
dims: {{h: 3, w: 2}}
input: [6, h, w]
layers:
  mask: {table}
  again: {table}
  sum: {{add: [input, mask, again]}}
"""
    result = Spec("tables.yaml", text).elaborate(sizes=sizes)
    assert result.graph is not None, [str(d) for d in result.diagnostics]
    return result.graph


def test_equal_tables_are_computed_once() -> None:
    graph = network("{buffer: [6, $(input.shape.1), $(input.shape.2)], init: {constant: 2.5}}")
    kinds = [node.op_type for node in netspec_onnx.model(graph).graph.node]
    assert kinds == ["Shape", "Shape", "Concat", "Expand", "Sum"]


def test_numbers_that_are_known_for_one_size() -> None:
    table = "{buffer: [6, $(input.shape.1), $(input.shape.2)], init: {normal: 1.0}}"
    graph = network(table)
    with pytest.raises(BackendError) as caught:
        netspec_onnx.model(graph)
    assert str(caught.value) == (
        "error[NS716]: the numbers of 'mask' are known for one size, but its size is (6, h, w)\n"
        "  = help: give the names numbers, by --at: h, w"
    )
    assert netspec_onnx.model(network(table, {"h": 4, "w": 5})).graph.node
