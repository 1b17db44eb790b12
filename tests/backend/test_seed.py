"""One seed gives one set of weights, whatever is made of the network."""

# onnx and torch are typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from safetensors.numpy import load_file

import netspec
from netspec.backend.export import export

TEXT = """\
netspec: 1
input: [3, 16, 16]
blocks:
  Block:
    layers:
      conv: {conv2d: 8, kernel: 3, padding: same, init: he_normal}
      norm: {batch_norm, activation: relu}
layers:
  blocks: {Block, repeat: 2}
  rows: {flatten: height}
  turned: {permute: [1, 0]}
  shift: {parameter: [256, 8], init: {truncated_normal: 0.02}}
  sum: {add: [turned, shift]}
  attend: {attention: 4}
  lstm: {lstm: 6, bidirectional: true, output: last}
  logits: {dense: 5}
"""


@pytest.mark.parametrize("seed", [0, 3])
def test_weights_are_the_same_everywhere(seed: int, tmp_path: Path) -> None:
    graph = netspec.loads(TEXT)
    state = {name: t.numpy() for name, t in netspec.build(graph, seed=seed).state_dict().items()}
    for ending in ("safetensors", "onnx"):
        export(graph, tmp_path / f"net.{ending}", seed=seed)
    kept = load_file(tmp_path / "net.safetensors")
    model = onnx.load(tmp_path / "net.onnx")
    held = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer if t.name in state}
    assert kept.keys() == state.keys()
    assert state.keys() - held.keys() <= {f"blocks.{i}.norm.num_batches_tracked" for i in (0, 1)}, (
        "ONNX has no use for it"
    )
    for name, tensor in state.items():
        np.testing.assert_array_equal(kept[name], tensor, err_msg=name)
        if name in held:
            np.testing.assert_array_equal(held[name], tensor, err_msg=name)
    other = netspec.build(graph, seed=seed + 1).state_dict()
    assert not np.array_equal(other["logits.weight"].numpy(), state["logits.weight"])
