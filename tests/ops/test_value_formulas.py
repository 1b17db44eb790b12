"""The formula of a value in `netspec explain`, evaluated and compared with PyTorch."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.nn import functional as F

from netspec import loads

MASK = [[0, 1, 0], [1, -4, 0.5], [2, 1, -1]]


def formulas(layer: str, shape: str, layout: str = "channels_first") -> list[str]:
    graph = loads(f"netspec: 1\nlayout: {layout}\ninput: {shape}\nlayers: {{conv: {layer}}}")
    node = graph.node("conv")
    return node.op.value_formulas(graph.inputs_of(node), node.outputs)


@pytest.mark.parametrize(
    ("layout", "shape", "arguments", "options"),
    [
        ("channels_first", "[1, 7, 8]", "", {}),
        ("channels_last", "[7, 8, 1]", "stride: 2", {"stride": 2}),
        ("channels_first", "[1, 7, 8]", "padding: 2, dilation: [1, 2]", {"padding": 2, "dilation": (1, 2)}),
    ],
)
def test_with_numbers_it_is_what_pytorch_computes(
    layout: str, shape: str, arguments: str, options: dict[str, Any]
) -> None:
    layer = f"{{conv2d: 1, kernel: 3, bias: false, init: {MASK}, {arguments}}}"
    left, _, right = formulas(layer, shape, layout)[1].partition(" = ")
    image = torch.rand(7, 8, dtype=torch.float64)

    def x(*index: int) -> float:
        row, column = index[1:] if layout == "channels_first" else index[:2]
        inside = 0 <= row < 7 and 0 <= column < 8
        return float(image[row, column]) if inside else 0.0

    expected = F.conv2d(image[None, None], torch.tensor(MASK, dtype=torch.float64)[None, None], **options)[0, 0]
    for i, j in ((0, 0), (1, 2), (expected.shape[0] - 1, expected.shape[1] - 1)):
        actual = eval(right.replace("·", "*"), {"x": x, "i": i, "j": j})
        assert actual == pytest.approx(float(expected[i, j]))
    assert left == ("y(0, i, j)" if layout == "channels_first" else "y(i, j, 0)")


def test_in_general() -> None:
    assert formulas("{conv2d: 6, kernel: 5}", "[3, 32, 32]")[0] == (
        "y(k, i, j) = bias(k) + sum over c, a, b of weight(k, c, a, b) × x(c, i + a, j + b)"
    )
    assert formulas("{conv1d: 6, kernel: 5, padding: causal, dilation: 2, bias: false}", "[9, 32]", "channels_last")[
        0
    ] == ("y(i, k) = sum over c, a of weight(k, c, a) × x(i + 2·a - 8, c)")


def test_only_where_the_formula_is_short() -> None:
    assert formulas("{conv2d: 6, kernel: 5, groups: 3}", "[3, 32, 32]") == []
    many = [[1] * 6] * 6
    assert len(formulas(f"{{conv2d: 1, kernel: 6, init: {many}}}", "[1, 32, 32]")) == 1, "36 products are too many"
