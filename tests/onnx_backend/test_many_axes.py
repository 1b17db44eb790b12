"""Tensors with as many axes as there may be, in both backends."""

# onnx, onnxruntime and torch are typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch

import netspec
import netspec_torch
from netspec import limits
from netspec_onnx.verification.random_inputs import random_inputs

from .support import assert_inferred, run

LAYERS = (
    "relu", "gelu", "{gelu: tanh}", "flatten", "{permute: REVERSED}", "{mean: 0}", "{softmax: 0}", "sum",
    "{max: [0, 1, 2]}", "{layer_norm, axis: -1}", "{rms_norm, axis: -1}", "{dense: 3, axis: 0}", "{dense: 3, axis: -1}",
    "{slice: 0, stop: 1}", "{roll: 1, axis: -1}", "{select: 0, axis: 3}", "{split: 2, axis: -1}", "squeeze",
    "{batch_norm, axis: 0}", "{group_norm: 1, axis: 0}", "{instance_norm, axis: 0}", "{glu: -1}", "{crop: 0, axis: 0}",
    "{pad: 1, axis: 0}", "{pad: 1, axis: -1, mode: replicate}", "{l2_normalize: -1}", "{local_response_norm: 3, axis: 0}",
    "{add: [input, input]}", "{concat: [input, input], axis: 5}", "{expand: KEPT}", "{channel_shuffle: 2, axis: -1}",
    "{dot_product_attention: 1, from: [input, input, input]}", "{rbf: 3, axis: 0}", "{channel_scale, axis: 0}",
    "{spatial_dropout: 0.5, axis: 0}", "prelu", "{clamp, low: 0}", "{average: [input, input]}",
)  # fmt: skip


def spec(layer: str, axes: int) -> str:
    """A layer on an input of that many axes, of which the last has two positions."""
    layer = layer.replace("REVERSED", str([*range(axes)][::-1])).replace("KEPT", str([-1] * axes))
    return f"netspec: 1\ninput: {[1] * (axes - 1) + [2]}\nlayers:\n  layer: {layer}\n"


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("axes", [12, limits.AXES])
def test_both_backends_agree(layer: str, axes: int, tmp_path: Path) -> None:
    graph = netspec.loads(spec(layer, axes))
    feeds = random_inputs(graph, 2)
    model = netspec_torch.build(graph).eval()
    with torch.no_grad():
        result: Any = model(torch.from_numpy(feeds["input"]))
    expected = [result] if isinstance(result, torch.Tensor) else list(result.values())
    path = tmp_path / "one.onnx"
    netspec.export(graph, path)
    assert_inferred(onnx.load(path))
    for actual, y in zip(run(path, feeds), expected, strict=True):
        np.testing.assert_allclose(actual, y.numpy(), rtol=1e-3, atol=1e-4)
