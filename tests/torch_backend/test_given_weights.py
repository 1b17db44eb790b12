"""Weights that layers compute, by value and gradient, in both backends: against the layer with those weights stored."""

# torch and onnxruntime are typed in part:
# mypy: disable-error-code="no-untyped-call"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort  # type: ignore[import-untyped]  # it has no types
import pytest
import torch
from torch import Tensor, nn

import netspec
import netspec_onnx
from netspec.ir import Graph
from netspec.ops import TABLE

LAYERS = [
    ("[3, 9]", "{conv1d: 4, kernel: 3, padding: causal}"),
    ("[3, 8, 9]", "{conv2d: 4, kernel: 3, padding: [[0, 1], [2, 0]]}"),
    ("[4, 8, 9]", "{conv2d: 6, kernel: [2, 3], stride: 2, padding: 1, groups: 2, bias: false}"),
    ("[4, 8, 9]", "{conv2d: 6, kernel: 3, padding: same, padding_mode: reflect, dilation: 2}"),
    ("[2, 4, 5, 6]", "{conv3d: 3, kernel: 2}"),
    ("[4, 8, 9]", "{depthwise_conv2d: 3, padding: same, stride: 2, multiplier: 2}"),
    ("[6, 9]", "{depthwise_conv1d: 3, heads: 2}"),
    ("[4, 5, 6]", "{conv_transpose2d: 3, kernel: 3, stride: 2, output_padding: 1}"),
    ("[4, 7]", "{conv_transpose1d: 3, kernel: 4, stride: 2, padding: [[1, 2]]}"),
    ("[2, 3, 4, 5]", "{conv_transpose3d: 3, kernel: 2}"),
    ("[5]", "{dense: 4}"),
    ("[6, 5]", "{dense: 4, axis: 0, bias: false}"),
    ("[5]", "{rbf: 4}"),
    ("[5, 6]", "{bilinear: 3, from: [input, input]}"),
    ("[4, 5, 6]", "batch_norm"),
    ("[4, 5]", "{layer_norm, eps: 1e-3}"),
    ("[4, 5, 6]", "{layer_norm, axis: channels}"),
    ("[4, 5]", "{rms_norm, eps: 1e-3}"),
    ("[4, 5, 6]", "{group_norm: 2}"),
    ("[4, 5, 6]", "{instance_norm, affine: true}"),
    ("[4, 5, 6]", "channel_scale"),
    ("[4, 5, 6]", "prelu"),
]
FOR_EACH = [row for row in LAYERS if "conv" in row[1] or "dense" in row[1] if "heads" not in row[1]]


def operations_with_rows() -> set[str]:
    """The operations that :data:`LAYERS` have with some number of window axes, and those that other tests have."""
    classes = {TABLE[layer.strip("{}").replace(":", ",").split(",")[0]].cls for _, layer in LAYERS}
    return {name for name, entry in TABLE.items() if entry.cls in classes} | {
        "embedding",
        "weight_norm",
        "spectral_norm",
    }


def load(path: Path, inputs: str, layer: str, keys: str = "") -> Graph:
    words = layer.strip("{}") + (f", {keys}" if keys else "")
    path.write_text(f"netspec: 1\nname: net\n{inputs}\nlayers:\n  op: {{{words}}}\n", encoding="utf-8")
    return netspec.load(path)


def run(graph: Graph, path: Path, given: list[Tensor], **options: Any) -> Tensor:
    """The output of a graph in ONNX Runtime, with the weights of seed 0."""
    netspec_onnx.export(graph, path, **options)
    session = ort.InferenceSession(path)
    feed = {i.name: x.numpy() for i, x in zip(session.get_inputs(), given, strict=True)}
    return torch.from_numpy(session.run(None, feed)[0])


def learned(graph: Graph) -> list[str]:
    """The local names of the trained weights of the layer."""
    return [p.name.removeprefix("op.") for p in graph.parameters if not p.buffer]


@pytest.mark.parametrize(("shape", "layer"), LAYERS)
def test_computed(shape: str, layer: str, tmp_path: Path) -> None:
    stored = load(tmp_path / "a.yaml", f"input: {shape}", layer)
    passed = ", ".join(f"{name}: {{sin}}" for name in learned(stored))
    graph = load(tmp_path / "b.yaml", f"input: {shape}", layer, f"weights: {{{passed}}}")
    assert {p.name: p.shape for p in graph.parameters} == {p.name: p.shape for p in stored.parameters}
    theirs, ours = netspec.build(stored), netspec.build(graph)
    assert set(ours.state_dict()) == set(theirs.state_dict())
    x = torch.rand(3, *stored.input_types["input"].shape)
    weights = dict(theirs.named_parameters())
    values = {name: torch.sin(w) for name, w in weights.items()}
    expected: Tensor = torch.func.functional_call(theirs, values, (x,))
    actual: Tensor = ours(x)
    torch.testing.assert_close(actual, expected)
    expected.square().sum().backward()
    actual.square().sum().backward()
    for name, parameter in ours.named_parameters():
        torch.testing.assert_close(parameter.grad, weights[name].grad, rtol=1e-4, atol=1e-5)
    with torch.no_grad():
        torch.testing.assert_close(run(graph, tmp_path / "b.onnx", [x]), netspec.build(graph).eval()(x))


@pytest.mark.parametrize(("shape", "layer"), FOR_EACH)
def test_for_each_example(shape: str, layer: str, tmp_path: Path) -> None:
    stored = load(tmp_path / "a.yaml", f"input: {shape}", layer)
    shapes = {p.name.removeprefix("op."): list(p.shape) for p in stored.parameters}
    inputs = ", ".join(f"{name}_: {size}" for name, size in shapes.items())
    given = ", ".join(f"{name}: {name}_" for name in shapes)
    graph = load(tmp_path / "b.yaml", f"inputs: {{x: {shape}, {inputs}}}", layer, f"from: x, weights: {{{given}}}")
    assert not graph.parameters
    theirs, ours = netspec.build(stored), netspec.build(graph)
    values = [torch.randn(3, *t.shape) for t in graph.input_types.values()]
    expected = torch.cat([single(theirs, list(shapes), [v[i : i + 1] for v in values]) for i in range(3)])
    torch.testing.assert_close(ours(*values), expected, rtol=1e-4, atol=1e-5)
    for options in ({}, {"batch": 3}):
        actual = run(graph, tmp_path / "b.onnx", values, **options)
        torch.testing.assert_close(actual, expected.detach(), rtol=1e-4, atol=1e-5)


def single(model: nn.Module, names: list[str], values: list[Tensor]) -> Tensor:
    """The output of the stored layer for one example, with its weights."""
    weights = {f"op.{name}": v[0] for name, v in zip(names, values[1:], strict=True)}
    result: Tensor = torch.func.functional_call(model, weights, (values[0],))
    return result


def test_named_weight_of_an_embedding(tmp_path: Path) -> None:
    """Press & Wolf 2016: the output layer uses the transposed table, here through its name."""
    path = tmp_path / "tied.yaml"
    path.write_text(
        "netspec: 1\ninputs: {tokens: {shape: [5], dtype: int64}}\nlayers:\n  embed: {embedding: 7, width: 4}\n"
        "  hidden: {dense: 4, activation: tanh}\n  logits: {dense: 7, bias: false, weights: {weight: embed.weight}}\n"
        "  again: {embedding: 7, width: 4, from: tokens, weights: {weight: [{sin}]}}\n"
        "  columns: {permute: [1, 0], from: embed.weight}\n  scores: {matmul: [hidden, columns]}\n"
        "outputs: [logits, scores, again]\n",
        encoding="utf-8",
    )
    graph = netspec.load(path)
    model = netspec.build(graph)
    assert set(model.state_dict()) == {"embed.weight", "hidden.weight", "hidden.bias", "again.weight"}
    tokens = torch.randint(7, (2, 5))
    logits, scores, again = model(tokens).values()
    torch.testing.assert_close(logits, scores)
    torch.testing.assert_close(again, torch.sin(model.state_dict()["again.weight"])[tokens])
    state = model.state_dict()
    hidden = nn.functional.linear(state["embed.weight"][tokens], state["hidden.weight"], state["hidden.bias"])
    torch.testing.assert_close(logits, torch.tanh(hidden) @ state["embed.weight"].T)
    netspec_onnx.export(graph, tmp_path / "tied.onnx")
    session = ort.InferenceSession(tmp_path / "tied.onnx")
    for ours, theirs in zip(session.run(None, {"tokens": tokens.numpy()}), (logits, scores, again), strict=True):
        np.testing.assert_allclose(np.asarray(ours), theirs.detach().numpy(), rtol=1e-4, atol=1e-5)


def test_weights_in_blocks(tmp_path: Path) -> None:
    """Blocks with computed weights that are repeated, shared and frozen, channels last, and lists in their place."""
    path = tmp_path / "net.yaml"
    path.write_text(
        "netspec: 1\nlayout: channels_last\ninput: [8, 9, 4]\ndefaults: {conv2d: {weights: {weight: {Std}}}}\n"
        "blocks:\n  Std:\n    layers:\n      gain: {parameter: ['$(input.shape[0])', 1, 1, 1], init: ones}\n"
        "      n: {layer_norm: {axis: [1, 2, 3], affine: false}}\n      out: {multiply: gain}\n"
        "  Unit:\n    params: {f: int, s: 1}\n    layers:\n"
        "      conv: {conv2d: $f, kernel: 3, padding: 1, stride: $s, activation: relu}\n"
        "      list: [{conv2d: $f, kernel: 1}, relu, {conv2d: $f, kernel: 1, weights: {weight: false}}]\n"
        "      again: {conv2d: $f, kernel: 1, weights: {weight: list.2.weight}, bias: false}\n"
        "layers:\n  a: {Unit: 4}\n  b: {Unit: 6, s: 2, repeat: 2}\n  shared: {Unit: 6, share: b.1, s: 2}\n"
        "  frozen: {Unit: 6, freeze: [conv, list.0.gain]}\n"
        "  many: {conv2d: 6, kernel: 1, repeat: 3, weights: {weight: [{tanh, repeat: 2}], bias: {sin}}}\n",
        encoding="utf-8",
    )
    graph = netspec.load(path)
    model = netspec.build(graph).eval()
    frozen = [name for name, p in model.named_parameters() if not p.requires_grad]
    assert frozen == [*(f"frozen.conv.{name}" for name in ("weight", "gain", "bias")), "frozen.list.0.gain"]
    x = torch.randn(3, 8, 9, 4)
    with torch.no_grad():
        torch.testing.assert_close(run(graph, tmp_path / "net.onnx", [x]), model(x), rtol=1e-4, atol=1e-5)
