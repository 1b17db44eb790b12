"""The zoo: every network and variant by type and name, one of every spec by value."""

# onnx is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnx
import pytest

import netspec_onnx
from netspec import zoo
from netspec.checking.load import Spec
from netspec.ir import Graph
from netspec.ir.axis_order import channels_first
from netspec_onnx.file_options import DEFAULT_OPSET, FIRST_OPSET, LAST_OPSET
from netspec_onnx.verification.differences import TOLERANCE, output_differences
from netspec_onnx.verification.random_inputs import random_inputs
from netspec_onnx.verification.runtime import Session
from netspec_onnx.verification.verify import verify

from .families import TOO_LARGE, small
from .support import assert_described, assert_inferred, assert_types_allowed

LIMIT = TOLERANCE["float32"]
LIGHT = 12_000_000
"""Networks of fewer parameters are written again, optimised and with their blocks as functions."""


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
        assert_told(graph, model)


def assert_told(graph: Graph, model: onnx.ModelProto) -> None:
    """What belongs to a layer begins with its name and says its line, and weights carry their names."""
    lines: dict[str, set[str]] = {}
    for node in channels_first(graph).nodes:
        location = node.trace.location
        lines.setdefault(node.layer, set()).add(f"{Path(graph.files[location.file]).name}:{location.line}")
    for made in model.graph.node:
        owners = [name for name in (made.name.partition("/")[0], made.name.rpartition(".")[0]) if name in lines]
        assert owners, made.name
        assert made.doc_string in lines[owners[0]], made.name
    names = [made.name for made in model.graph.node]
    assert len(names) == len(set(names))
    assert {i.name for i in model.graph.input} <= {*graph.inputs, *(p.name for p in graph.parameters)}
    assert [o.name for o in model.graph.output] == list(graph.outputs)
    facts = {p.key: p.value for p in model.metadata_props}
    assert facts["netspec.name"] == graph.name
    assert facts.get("netspec.variant") == graph.variant
    assert len(facts["netspec.spec_sha256"]) == 64


@pytest.mark.parametrize("name", zoo.names())
def test_blocks_as_functions(name: str) -> None:
    path = zoo.path(name)
    assert path is not None
    for loaded in Spec(str(path)).graphs("all"):
        assert loaded.graph is not None
        onnx.checker.check_model(netspec_onnx.model(loaded.graph, functions=True), full_check=True)


@pytest.mark.parametrize("name", [name for name in zoo.names() if name not in TOO_LARGE])
def test_values_are_pytorchs(name: str, tmp_path: Path) -> None:
    """One network of every spec, as it stands, optimised and in functions. ``all_variants.py`` runs every variant."""
    graph, source = small(name)
    path = tmp_path / "net.onnx"
    netspec_onnx.export(graph, path, source=source)
    onnx.checker.check_model(str(path), full_check=True)
    found = verify(graph, path, source)
    assert not found.problems
    assert found.against == "PyTorch"
    assert min(found.changes.values()) > 1e-3, "outputs that do not hang on what goes in"
    if sum(p.elements for p in graph.parameters) > LIGHT:
        return
    plain = netspec_onnx.model(graph).graph
    choices: list[dict[str, Any]] = [{"optimize": True, "opset": LAST_OPSET}, {"functions": True}]
    feeds, other = random_inputs(graph, 2), tmp_path / "other.onnx"
    expected = {2: Session(path)(feeds)}
    for options in choices:
        if netspec_onnx.model(graph, **options | {"opset": DEFAULT_OPSET}).graph == plain:
            continue
        netspec_onnx.export(graph, other, source=source, **options)
        assert max(d.relative for d in output_differences(graph, {2: Session(other)(feeds)}, expected, LIMIT)) < LIMIT
