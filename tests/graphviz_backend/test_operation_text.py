from __future__ import annotations

import pytest

import netspec
from netspec_graphviz.operation_text import node_text, operation_text, result_text, shape_text

CASES = {
    "{conv2d: 64, kernel: 3}": "conv2d 64, 3×3",
    "{conv2d: 64, kernel: [3, 5], stride: 2, padding: 1, bias: false}": "conv2d 64, 3×5, stride 2, padding 1",
    "{conv2d: 64, kernel: 3, stride: [1, 2]}": "conv2d 64, 3×3, stride 1×2",
    "{conv2d: 64, kernel: 3, padding: same, groups: 4}": "conv2d 64, 3×3, padding same, groups 4",
    "{conv2d: 64, kernel: 3, padding: [[0, 1], [0, 1]]}": "conv2d 64, 3×3, padding 0+1",
    "{depthwise_conv2d: 3, multiplier: 2}": "depthwise_conv2d 3×3, multiplier 2",
    "{max_pool2d: 2}": "max_pool2d 2×2",
    "{max_pool2d: 3, stride: 2, ceil_mode: true}": "max_pool2d 3×3, stride 2, ceil mode",
    "{dropout: 0.25}": "dropout 0.25",
    "{leaky_relu: 0.2}": "leaky_relu 0.2",
    "batch_norm": "batch_norm",
    "flatten": "flatten",
    "{flatten: 1}": "flatten from axis 1",
    "{softmax: 0}": "softmax axis 0",
    "{mean: [1, 2]}": "mean axis 1, 2",
    "{formula: $(silu(input) * 2 ** incoming)}": "formula silu(x0) * 2 ** x0",
    "{permute: [height, width, channels]}": "permute 1, 2, 0",
    "{upsample: 2, mode: bilinear}": "upsample 2, mode bilinear",
}


@pytest.mark.parametrize("layer", CASES)
def test_operations(layer: str) -> None:
    graph = netspec.loads(f"{{netspec: 1, input: [8, 32, 32], layers: {{x: {layer}}}}}")
    assert operation_text(graph.nodes[0].op) == CASES[layer]


def test_formulas_have_the_names_of_their_tensors() -> None:
    graph = netspec.loads("""netspec: 1
input: [8]
layers:
  gate: {dense: 16, activation: sigmoid}
  part: {split: 2}
  far: {formula: $(abs(q - k)), for: {q: 8, k: 8}}
  out: {formula: $(part.0 * part.1 + gate.features * (1 - input))}
outputs: [far, out]
""")
    actual = [node_text(node, graph) for node in graph.nodes if node.op.name == "formula"]
    assert actual == ["formula abs(q - k)", "formula part.0 * part.1 + 16 * (1 - input)"]


def test_shapes() -> None:
    graph = netspec.loads("{netspec: 1, input: [8, 32, 32], layers: {x: {split: 2}, y: {concat: [x.0, x.1]}}}")
    assert shape_text(graph.values[0].shape) == "8×32×32"
    assert result_text(graph.nodes[0].outputs) == "2 of 4×32×32"
