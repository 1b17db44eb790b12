"""Blocks as ONNX functions."""

# onnx is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx

import netspec
from netspec.ir import Graph

from .support import run, write_onnx

SPEC = """
netspec: 1
name: net
input: [6, 8]
blocks:
  Inner:
    params: {width: int}
    layers:
      fc: {dense: $width, activation: gelu}
      norm: layer_norm
  Block:
    params: {heads: 2}
    layers:
      inner: {Inner: 8}
      mix: {attention: $heads, causal: true}
      sum: {add: [mix, input]}
layers:
  table: {parameter: [6, 8]}
  first: {add: [input, table]}
  blocks: {Block: 2, repeat: 3}
  other: {Block: 4}
  last: {dense: 3}
"""


def graph() -> Graph:
    return netspec.loads(SPEC)


def test_equal_blocks_call_one_function(tmp_path: Path) -> None:
    path = write_onnx(graph(), tmp_path / "net.onnx", functions=True)
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert [f.name for f in model.functions] == ["Inner", "Block", "Block_2"]
    calls = [(n.op_type, n.name) for n in model.graph.node if n.domain]
    assert calls == [("Block", f"blocks.{i}") for i in range(3)] + [("Block_2", "other")]
    inner, block, _ = model.functions
    assert list(inner.input) == ["input", "fc.weight", "fc.bias", "norm.weight", "norm.bias"]
    assert "Gelu" in [n.op_type for n in inner.node]
    assert [n.name for n in block.node if n.domain] == ["inner"]
    assert model.graph.node[1].doc_string == "<text>:20"
    assert [i.name for i in model.graph.value_info] == [
        "first",
        "blocks.0.sum",
        "blocks.1.sum",
        "blocks.2.sum",
        "other.sum",
        "last/weight",
        "last/product",
    ]


def test_values_equal_those_of_the_flat_graph(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(2, 6, 8)).astype(np.float32)
    for opset in (13, 20, 23):
        flat = run(write_onnx(graph(), tmp_path / "flat.onnx", opset=opset), {"input": x})
        nested = run(write_onnx(graph(), tmp_path / "nested.onnx", opset=opset, functions=True), {"input": x})
        np.testing.assert_allclose(nested[0], flat[0], rtol=1e-5, atol=1e-6)


def test_the_constants_of_a_block_are_in_its_function(tmp_path: Path) -> None:
    model = onnx.load(write_onnx(graph(), tmp_path / "net.onnx", functions=True))
    weights = {p.name for p in graph().parameters}
    assert {t.name for t in model.graph.initializer} == weights
    assert all(n.op_type == "Constant" for n in model.functions[1].node if not n.input)
