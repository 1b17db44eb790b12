"""An output with the name of an input: PyTorch, ONNX and the reports call it alike."""

# onnx and torch are typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import onnx
import pytest
import torch

import netspec
import netspec_torch
from netspec.language.flatten import flat_spec
from netspec_onnx.verification.verify import verify
from tests.cli_support import ran

from .support import TrainedWeights, write_onnx

SINGLE = """netspec: 1
inputs: {x: [4]}
layers: {x: {dense: 3}}
"""
SEVERAL = """netspec: 1
inputs: {image: [4], image_output: [4]}
layers:
  a: {dense: 4, from: image}
  sum: {add: [a, image_output]}
outputs: {sum: a, a: sum, image: sum, same: image, image_output2: a}
"""
PASSED_ON = """netspec: 1
input: [4]
layers: {a: {dense: 4}}
outputs: [a, input]
"""
NAMES = {
    "one": (SINGLE, ["x_output"]),
    "several": (SEVERAL, ["sum", "a", "image_output3", "same", "image_output2"]),
    "the input itself": (PASSED_ON, ["a", "input"]),
}


@pytest.mark.parametrize(("text", "names"), NAMES.values(), ids=NAMES)
def test_one_name_everywhere(text: str, names: list[str], tmp_path: Path) -> None:
    graph = netspec.loads(text)
    assert list(graph.outputs) == names
    given = [torch.rand(2, 4) for _ in graph.inputs]
    model = netspec_torch.build(graph, weights=TrainedWeights()).eval()
    actual: Any = model(*given)
    assert [*actual] == names if len(names) > 1 else isinstance(actual, torch.Tensor)
    if len(names) > 1:
        assert all(f'"{name}": ' in netspec_torch.source(graph) for name in names)
    for options in ({}, {"functions": True}, {"optimize": True}, {"dtype": "float16"}):
        path = write_onnx(graph, tmp_path / "net.onnx", **options)
        model_proto = onnx.load(path)
        onnx.checker.check_model(model_proto, full_check=True)
        assert [output.name for output in model_proto.graph.output] == names
        assert [value.name for value in model_proto.graph.input] == list(graph.inputs)
        assert not verify(graph, path, TrainedWeights()).problems
    assert list(netspec.loads(flat_spec(graph)).outputs) == names


def test_reports_and_verify(tmp_path: Path) -> None:
    spec = tmp_path / "net.yaml"
    spec.write_text(SINGLE, encoding="utf-8")
    (report,) = json.loads(ran("check", str(spec), "--format", "json").out)
    assert [o["name"] for o in report["outputs"]] == ["x_output"]
    assert ran("check", str(spec)).out.endswith("output       (3)       x_output\n")
    status, out, _ = ran("export", str(spec), "-o", str(tmp_path / "net.onnx"), "--verify")
    assert status == 0
    assert "in 'x_output'" in out
