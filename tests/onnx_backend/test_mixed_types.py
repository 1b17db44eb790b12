"""Networks with several floating-point types: the file agrees with PyTorch, in the types of the spec and in another."""

# onnx and onnxruntime are typed in part, ml_dtypes not at all:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx.reference import ReferenceEvaluator

import netspec
import netspec_torch
from netspec.backend import BackendError
from netspec.ir import Graph
from netspec_onnx.builder.value_info import ELEMENT
from netspec_onnx.verification.verify import verify

from .support import TrainedWeights, assert_described, assert_inferred, assert_types_allowed, write_onnx

BFLOAT16: Any = pytest.importorskip("ml_dtypes").bfloat16
TEXT = """
netspec: 1
dtype: DTYPE
inputs: {x: [3, 9, 9], n: {shape: [4], dtype: int64}}
layers:
  conv: {conv2d: 4, kernel: 3, activation: relu, from: x}
  bn: {batch_norm, dtype: float32}
  down: {conv2d: 4, kernel: 3, stride: 2, dtype: float32}
  flat: {reshape: [4, 9]}
  norm: {layer_norm, dtype: float64}
  mask: {buffer: [4, 4], dtype: float32, init: {constant: 0.5}}
  back: {cast: DTYPE, from: norm}
  mix: {dot_product_attention: 3, mask: mask, from: [back, back, back]}
  head: {dense: 5, dtype: float16, activation: tanh}
  total: {add: [n, n], dtype: float32}
outputs: [head, total]
"""


def graph(dtype: str) -> Graph:
    """The network with a type of its own."""
    return netspec.loads(TEXT.replace("DTYPE", dtype))


@pytest.mark.parametrize(
    ("dtype", "options"),
    [
        ("float16", {}),
        ("float16", {"opset": 13, "optimize": True}),
        ("float16", {"dtype": "float32"}),
        ("float32", {"dtype": "float16"}),
        ("bfloat16", {"dtype": "float32"}),
        ("float64", {"dtype": "float32", "functions": True}),
    ],
)
def test_a_file_agrees_with_pytorch(dtype: str, options: dict[str, Any], tmp_path: Path) -> None:
    """Also where another type stands in place of the spec's; all others stay."""
    net = graph(dtype)
    path = write_onnx(net, tmp_path / "net.onnx", **options)
    model = onnx.load(path)
    kept = options.get("dtype", dtype)
    expected = {"conv.weight": dtype, "down.weight": "float32", "norm.weight": "float64", "head.weight": "float16"}
    assert {i.name: i.data_type for i in model.graph.initializer if i.name in expected} == {
        name: ELEMENT[kept if t == dtype else t] for name, t in expected.items()
    }
    result = verify(net, path, TrainedWeights())
    assert result.problems == ()
    assert all(d.relative < 2e-2 for d in result.differences)


def test_bfloat16_in_the_reference_implementation(tmp_path: Path) -> None:
    """ONNX Runtime has no kernels for CPUs, and says so."""
    net = graph("bfloat16")
    path = write_onnx(net, tmp_path / "net.onnx")
    model = onnx.load(path)
    assert model.opset_import[0].version == 22
    assert_inferred(model)
    assert_described(net, model)
    assert_types_allowed(model)
    with pytest.raises(BackendError, match="NOT_IMPLEMENTED") as error:
        verify(net, path, TrainedWeights())
    assert "--dtype float32" in str(error.value)
    x, n = torch.rand(2, 3, 9, 9).bfloat16(), torch.arange(8).reshape(2, 4)
    feeds = {"x": x.float().numpy().astype(BFLOAT16), "n": n.numpy()}
    head, total = ReferenceEvaluator(model).run(None, feeds)
    module = netspec_torch.build(net, weights=TrainedWeights()).eval()
    with torch.no_grad():
        expected = module(x, n)
    np.testing.assert_allclose(np.asarray(head, np.float32), expected["head"].float().numpy(), atol=5e-2)
    np.testing.assert_array_equal(np.asarray(total), expected["total"].numpy())


ROUTED = """
netspec: 1
dtype: bfloat16
blocks: {E: {layers: [{dense: 8, activation: relu}, {dense: 6}]}}
input: [5, 6]
layers:
  x: identity
  gate: {dense: 3, dtype: float32}
  top: {top_k: 2}
  shares: {softmax, from: top.values}
  experts: {E, from: x, repeat: 3, route: [top.index, shares]}
  rows: {layers: [{dense: 6}, {dense: 4, dtype: float32}], over: sequence}
"""


@pytest.mark.parametrize(("stacked", "output"), [("false", "float16"), ("true", "float16"), ("true", "float64")])
def test_experts_of_another_type_than_their_input(stacked: str, output: str, tmp_path: Path) -> None:
    text = ROUTED[: ROUTED.index("  rows:")].replace("dtype: bfloat16", "", 1)
    text = text.replace("{dense: 6}]", f"{{dense: 6}}, {{cast: {output}}}]").replace(
        "repeat: 3", f"repeat: 3, stacked: {stacked}"
    )
    net = netspec.loads(text)
    path = write_onnx(net, tmp_path / "net.onnx")
    assert_inferred(onnx.load(path))
    result = verify(net, path, TrainedWeights())
    assert result.problems == ()
    assert all(d.relative < 2e-3 for d in result.differences)


def test_layers_inside_of_layers(tmp_path: Path) -> None:
    """Experts and layers along an axis follow the type of the spec; their bytes are counted by type."""
    net = netspec.loads(ROUTED)
    result = verify(net, write_onnx(net, tmp_path / "net.onnx", dtype="float32"), TrainedWeights())
    assert result.problems == ()
    analysis = netspec.analyze(net)
    assert analysis.activation_bytes == sum(analysis.activation_bytes_by_dtype.values())
    assert {*analysis.activation_bytes_by_dtype} == {"float32", "bfloat16", "int64", "bool"}
