"""The zoo: every network and variant by type, some by value."""

# onnx is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from pathlib import Path

import onnx
import pytest

import netspec
import netspec_onnx
from netspec import zoo
from netspec.loading import Spec
from netspec_onnx.settings import DEFAULT_OPSET, FIRST_OPSET, LAST_OPSET
from netspec_onnx.verify import verify

from .support import Drawn, assert_described, assert_inferred, assert_types_allowed, written

SMALL = ("espcn", "lenet5", "mobilenet_v3@mobilenet_v3_small", "pooling", "shufflenet_v2", "squeezenet", "transposed")
"""Networks that run in a moment; between them they have most operations."""


@pytest.mark.parametrize("name", zoo.names())
def test_shape_inference_agrees_on_every_tensor(name: str) -> None:
    path = zoo.path(name)
    assert path is not None
    opsets = [FIRST_OPSET, DEFAULT_OPSET, LAST_OPSET]
    for number, loaded in enumerate(Spec(str(path)).graphs("all")):
        graph = loaded.graph
        assert graph is not None
        model = netspec_onnx.model(graph, opset=opsets[number % 3])
        assert_inferred(model)
        assert_described(graph, model)
        assert_types_allowed(model)


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("options", [{}, {"optimize": True, "opset": LAST_OPSET}], ids=["plain", "optimized"])
def test_values_are_pytorchs(name: str, options: dict[str, int | bool], tmp_path: Path) -> None:
    graph = netspec.load(name)
    path = written(graph, tmp_path / "net.onnx", **options)
    onnx.checker.check_model(str(path), full_check=True)
    found = verify(graph, path, Drawn())
    assert not found.problems
    assert found.against == "PyTorch"
