"""The file of an architecture does not grow with the sizes of its layers, and is written in time linear in them."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest

import netspec
from netspec import limits
from netspec.backend import BackendError
from tests.timing import Stopwatch

HUGE = 100_000_000
SIZES = {
    "causal attention": "input: [{n}, 8]\nlayers: [{{attention: 2, causal: true}}]\n",
    "causal products": "input: [{n}, 8]\nlayers:\n  q: relu\n  m: {{dot_product_attention: 2, from: [q, q, q], causal: true}}\n",
    "nearest, whole scale": "input: [2, {n}]\nlayers: [{{upsample: 3}}]\n",
    "nearest, doubled": "input: [2, {n}, 5]\nlayers: [{{upsample: 2}}]\n",
    "nearest, large scale": "input: [2, 5]\nlayers: [{{upsample: {n}}}]\n",
    "nearest, any scale": "input: [2, {n}]\nlayers: [{{upsample: 1.3}}]\n",
    "nearest, size": "input: [2, 7, 7]\nlayers: [{{upsample, size: [{n}, 10]}}]\n",
    "linear": "input: [2, 7]\nlayers: [{{upsample, size: {n}, mode: linear}}]\n",
    "adaptive average": "input: [2, {n}]\nlayers: [{{adaptive_avg_pool1d: 7}}]\n",
    "adaptive maximum": "input: [2, 7, 7]\nlayers: [{{adaptive_max_pool2d: {n}}}]\n",
    "lstm": "input: [5, 8]\nlayers: [{{lstm: {n}, bidirectional: true}}]\n",
    "gru": "input: [5, {n}]\nlayers: [{{gru: 8}}]\n",
    "connections": "input: [{n}, 8, 8]\nlayers: [{{conv2d: 2, kernel: 1, connections: [[0, 3], [1]]}}]\n",
    "heads": "input: [{n}, 8, 8]\nlayers: [{{depthwise_conv2d, kernel: 1, heads: {n}}}]\n",
    "pads": "input: [{n}, 2]\nlayers: [{{pad: [{n}, 0], mode: circular}}]\n",
    "roll": "input: [2, {n}]\nlayers: [{{roll: 7, axis: 1}}]\n",
    "slice": "input: [2, {n}]\nlayers: [{{slice: 1, start: 1, step: 2}}]\n",
    "channel shuffle": "input: [{n}, 4, 4]\nlayers: [{{channel_shuffle: 4}}]\n",
    "pixel shuffle": "input: [{n}, 4, 4]\nlayers: [{{pixel_shuffle: 2}}]\n",
    "subsample": "input: [{n}, 8, 8]\nlayers: [{{subsample2d: 2}}]\n",
    "expand": "input: [1, 4]\nlayers: [{{expand: [{n}, 4]}}]\n",
}
"""Networks with a size n."""


def architecture(text: str, path: Path) -> onnx.ModelProto:
    """The file without weights of a network."""
    netspec.export(netspec.loads(f"netspec: 1\n{text}"), path, options={"weights": False})
    return onnx.load(str(path))  # pyright: ignore[reportUnknownMemberType] - of onnx


@pytest.mark.parametrize("name", list(SIZES))
def test_the_file_does_not_grow_with_sizes(name: str, tmp_path: Path) -> None:
    small = architecture(SIZES[name].format(n=400), tmp_path / "small.onnx")
    stopwatch = Stopwatch()
    large = architecture(SIZES[name].format(n=HUGE), tmp_path / "large.onnx")
    assert stopwatch.within(2)
    assert len(large.graph.node) <= len(small.graph.node) + 8  # positions that are not compared are computed
    assert (tmp_path / "large.onnx").stat().st_size < (tmp_path / "small.onnx").stat().st_size + 1500


@pytest.mark.parametrize("operation", ["add", "multiply", "average", "maximum", "concat"])
def test_merges_of_many_inputs_take_linear_time(operation: str, tmp_path: Path) -> None:
    text = f"input: [4]\nlayers:\n  s: {{relu, repeat: 8000}}\n  m: {{{operation}: [s.*]}}\n"
    stopwatch = Stopwatch()
    model = architecture(text, tmp_path / "m.onnx")
    assert stopwatch.within(8)
    assert len(model.graph.node) in (8001, 8000 + 7999)


def test_a_model_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = netspec.loads("netspec: 1\ninput: [5, 8]\nlayers: [{lstm: 8, num_layers: 100, repeat: 5}]\n")
    monkeypatch.setattr(limits, "ONNX_PARTS", 5000)
    with pytest.raises(BackendError) as caught:
        netspec.export(graph, tmp_path / "m.onnx")
    assert str(caught.value) == (
        "error[NS715]: the model has more than 5,000 nodes, constants and weights\n"
        " --> <text>\n"
        "  = help: a smaller network"
    )
    assert list(tmp_path.iterdir()) == []
