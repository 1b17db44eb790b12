"""The zoo: types and names of a network and its last variant, values of one network per spec."""

# onnx is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onnx
import pytest

import netspec_onnx
from netspec import zoo
from netspec.checking.spec import Spec
from netspec.ir import Graph
from netspec.ir.axis_order import channels_first
from netspec_onnx.file_options import DEFAULT_OPSET, FIRST_OPSET, LAST_OPSET
from netspec_onnx.verification.differences import TOLERANCE, output_differences
from netspec_onnx.verification.random_inputs import random_inputs
from netspec_onnx.verification.runtime import Session
from netspec_onnx.verification.verify import verify

from .small_networks import TOO_LARGE, small
from .support import assert_described, assert_inferred, assert_types_allowed

LIMIT = TOLERANCE["float32"]
LIGHT = 12_000_000
"""Networks with fewer parameters are also written optimised, and with blocks as functions."""


def some_variants(name: str) -> Iterator[Graph]:
    """A network of the zoo, and its last variant. ``all_variants.py`` runs every variant."""
    path = zoo.path(name)
    assert path is not None
    spec = Spec(str(path))
    for variant in (None, *spec.variants[-1:]):
        graph = spec.elaborate(variant).graph
        assert graph is not None
        yield graph


@pytest.mark.parametrize("name", zoo.names(""))
def test_shape_inference_agrees_on_every_tensor(name: str) -> None:
    for graph, opset in zip(some_variants(name), (DEFAULT_OPSET, FIRST_OPSET), strict=False):
        model = netspec_onnx.model(graph, opset=opset)
        assert_inferred(model)
        assert_described(graph, model)
        assert_types_allowed(model)
        assert_named(graph, model)


def assert_named(graph: Graph, model: onnx.ModelProto) -> None:
    """Nodes of a layer have its name and line, and weights have their names."""
    lines: dict[str, set[str]] = {}
    for node in channels_first(graph).nodes:
        location = node.trace.location
        lines.setdefault(node.layer, set()).add(f"{Path(graph.files[location.file]).name}:{location.line}")
    for converted in model.graph.node:
        if converted.name.startswith("sizes/"):
            continue  # shared by layers
        owners = [
            name for name in (converted.name.partition("/")[0], converted.name.rpartition(".")[0]) if name in lines
        ]
        assert owners, converted.name
        assert converted.doc_string in lines[owners[0]], converted.name
    names = [converted.name for converted in model.graph.node]
    assert len(names) == len(set(names))
    inputs = {i.name.removesuffix("/table") for i in model.graph.input}
    assert inputs <= {*graph.inputs, *(p.name for p in graph.parameters)}
    assert [o.name for o in model.graph.output] == list(graph.outputs)
    metadata = {p.key: p.value for p in model.metadata_props}
    assert metadata["netspec.name"] == graph.name
    assert metadata.get("netspec.variant") == graph.variant
    assert len(metadata["netspec.spec_sha256"]) == 64


@pytest.mark.parametrize("name", zoo.names(""))
def test_blocks_as_functions(name: str) -> None:
    for graph in some_variants(name):
        onnx.checker.check_model(netspec_onnx.model(graph, functions=True), full_check=True)


@pytest.mark.parametrize("name", [name for name in zoo.names("") if name not in TOO_LARGE])
def test_values_agree_with_pytorch(name: str, tmp_path: Path) -> None:
    """One network per spec, plain, optimised and with functions. ``all_variants.py`` runs every variant."""
    graph, source = small(name)
    path = tmp_path / "net.onnx"
    netspec_onnx.export(graph, path, source=source)
    onnx.checker.check_model(str(path), full_check=True)
    result = verify(graph, path, source)
    assert not result.problems
    assert result.against == "PyTorch"
    assert min(result.changes.values()) > 1e-3, "outputs that do not depend on the inputs"
    if sum(p.elements for p in graph.parameters) > LIGHT:
        return
    plain = netspec_onnx.model(graph).graph
    variants_of_options: list[dict[str, Any]] = [{"optimize": True, "opset": LAST_OPSET}, {"functions": True}]
    inputs, other = random_inputs(graph, 2), tmp_path / "other.onnx"
    expected = {2: Session(path)(inputs)}
    for options in variants_of_options:
        at_default: dict[str, Any] = {**options, "opset": DEFAULT_OPSET}
        if netspec_onnx.model(graph, **at_default).graph == plain:
            continue
        netspec_onnx.export(graph, other, source=source, **options)
        assert max(d.relative for d in output_differences(graph, {2: Session(other)(inputs)}, expected, LIMIT)) < LIMIT
