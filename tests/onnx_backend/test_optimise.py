"""Folding and omitting: nodes disappear, and values stay the same."""

# onnx is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from netspec.ir import Graph
from tests.analysis.networks import resnet
from tests.drafts import Draft

from .support import assert_inferred, run, write_onnx

LAYERS: list[tuple[str, dict[str, Any], tuple[int, ...]]] = [
    ("conv2d", {"filters": 4, "kernel": 3}, (3, 6, 6)),
    ("conv2d", {"filters": 4, "kernel": 3, "bias": False}, (3, 6, 6)),
    ("conv1d", {"filters": 6, "kernel": 3, "groups": 3}, (3, 6)),
    ("depthwise_conv2d", {"kernel": 3, "multiplier": 2}, (3, 6, 6)),
    ("conv_transpose2d", {"filters": 4, "kernel": 3, "stride": 2}, (3, 6, 6)),
    ("conv_transpose2d", {"filters": 6, "kernel": 3, "groups": 2, "bias": False}, (4, 6, 6)),
    ("dense", {"units": 5}, (7,)),
    ("dense", {"units": 5, "bias": False}, (6, 7)),
]


def kinds(path: Path) -> list[str]:
    return [n.op_type for n in onnx.load(path).graph.node]


def write_both(graph: Graph, folder: Path) -> tuple[Path, Path]:
    """Writes the plain file and the optimised one, whose outputs are equal."""
    plain, optimised = write_onnx(graph, folder / "plain.onnx"), write_onnx(graph, folder / "short.onnx", optimize=True)
    assert_inferred(onnx.load(optimised))
    feeds = {
        name: np.random.default_rng(0).normal(size=(2, *graph.values[v].shape)).astype(np.float32)
        for name, v in graph.inputs.items()
    }
    for a, b in zip(run(plain, feeds), run(optimised, feeds), strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-4, atol=1e-5)
    return plain, optimised


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize(("op", "args", "shape"), LAYERS, ids=lambda v: str(v)[:40])
def test_normalisation_folds(
    op: str, args: dict[str, Any], shape: tuple[int, ...], affine: bool, tmp_path: Path
) -> None:
    draft = Draft()
    x = draft.add("layer", op, draft.input(*shape, name="x"), **args)
    init: dict[str, Any] = {"init": {"normal": 1.0}} if affine else {}
    x = draft.add("norm", "batch_norm", x, affine=affine, **init)
    draft.add("act", "relu", x)
    plain, optimised = write_both(draft.graph(), tmp_path)
    assert "BatchNormalization" in kinds(plain)
    assert "BatchNormalization" not in kinds(optimised)
    names = [t.name for t in onnx.load(optimised).graph.initializer if "/" not in t.name]
    assert names == ["layer.weight", "layer.bias"]


def test_operations_without_effect_are_omitted(tmp_path: Path) -> None:
    draft = Draft()
    x = draft.add("drop", "dropout", draft.input(3, 6, 6, name="x"), rate=0.5)
    x = draft.add("conv", "conv2d", x, filters=4, kernel=3)
    x = draft.add("same", "identity", x)
    x = draft.add("channels", "spatial_dropout", x)
    x = draft.add("norm", "batch_norm", x)
    draft.add("path", "drop_path", x, rate=0.1)
    _, optimised = write_both(draft.graph(), tmp_path)
    model = onnx.load(optimised)
    assert kinds(optimised) == ["Conv"]
    assert list(model.graph.node[0].output) == ["output"]


def test_a_value_with_other_readers_is_not_folded(tmp_path: Path) -> None:
    draft = Draft()
    conv = draft.add("conv", "conv2d", draft.input(3, 6, 6, name="x"), filters=3, kernel=3)
    norm = draft.add("norm", "batch_norm", conv)
    draft.add("sum", "add", conv, norm)
    _, optimised = write_both(draft.graph(), tmp_path)
    assert kinds(optimised) == ["Conv", "BatchNormalization", "Add"]


def test_an_output_is_not_folded(tmp_path: Path) -> None:
    draft = Draft()
    conv = draft.add("conv", "conv2d", draft.input(3, 6, 6, name="x"), filters=3, kernel=3)
    norm = draft.add("norm", "batch_norm", conv)
    _, optimised = write_both(draft.graph(conv, norm), tmp_path)
    assert kinds(optimised) == ["Conv", "BatchNormalization"]


def test_shared_weights_are_not_folded(tmp_path: Path) -> None:
    draft = Draft()
    x = draft.input(3, 6, 6, name="x")
    a = draft.add("a", "conv2d", x, filters=3, kernel=3, padding=1)
    b = draft.add("b", "conv2d", draft.add("norm", "batch_norm", a), filters=3, kernel=3, padding=1, share="a")
    _, optimised = write_both(draft.graph(b), tmp_path)
    assert kinds(optimised) == ["Conv", "BatchNormalization", "Conv"]


def test_normalisation_along_another_axis_is_not_folded(tmp_path: Path) -> None:
    draft = Draft()
    x = draft.add("fc", "dense", draft.input(6, 7, name="x"), units=5)
    draft.add("norm", "batch_norm", x, axis=0)
    _, optimised = write_both(draft.graph(), tmp_path)
    assert "BatchNormalization" in kinds(optimised)


def test_an_input_can_be_an_output(tmp_path: Path) -> None:
    draft = Draft()
    x = draft.input(4, name="x")
    draft.add("act", "relu", x)
    graph = replace(draft.graph(), outputs={"y": draft.add("drop", "dropout", x)}, nodes=tuple(draft.nodes))
    graph = replace(graph, values=tuple(draft.values))
    _, optimised = write_both(graph, tmp_path)
    assert kinds(optimised) == ["Relu", "Identity"]


def test_a_whole_network(tmp_path: Path) -> None:
    _, optimised = write_both(resnet("resnet18", "BasicBlock", (1, 1, 1, 1)), tmp_path)
    assert "BatchNormalization" not in kinds(optimised)
