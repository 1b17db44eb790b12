"""Names, metadata, versions, element types, and models without weights."""

# onnx is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

import netspec
import netspec_onnx
from netspec.backend import BackendError, OnnxDtype, UnsupportedError, by_extension, find
from netspec.ir import Graph
from netspec.ops.base import Op
from netspec_onnx.file_options import MIN_IR
from tests.drafts import Draft

from .cases import CASES
from .support import TrainedWeights, assert_inferred, assert_types_allowed, run, shapes_of, single_operation, write_onnx

SPEC = """
netspec: 1
name: small
params: {classes: 5}
input: [3, 8, 8]
layers:
  block1:
    layers:
      conv1: {conv2d: 4, kernel: 3, activation: relu}
      bn: batch_norm
  pool: {max_pool2d: 2}
  flatten: flatten
  drop: {dropout: 0.5}
  predictions: {dense: $classes, activation: softmax}
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SPEC)
    return path


def test_names_lines_and_metadata(spec: Path) -> None:
    graph = netspec.load(spec)
    model = netspec_onnx.model(graph)
    assert [(n.op_type, n.name, list(n.input), list(n.output)) for n in model.graph.node] == [
        ("Conv", "block1.conv1", ["input", "block1.conv1.weight", "block1.conv1.bias"], ["block1.conv1"]),
        ("Relu", "block1.conv1.activation", ["block1.conv1"], ["block1.conv1.activation"]),
        (
            "BatchNormalization",
            "block1.bn",
            ["block1.conv1.activation", *(f"block1.bn.{w}" for w in ("weight", "bias", "running_mean", "running_var"))],
            ["block1.bn"],
        ),
        ("MaxPool", "pool", ["block1.bn"], ["pool"]),
        ("Flatten", "flatten", ["pool"], ["flatten"]),
        ("Dropout", "drop", ["flatten", "drop/rate"], ["drop"]),
        ("Gemm", "predictions", ["drop", "predictions.weight", "predictions.bias"], ["predictions/value"]),
        ("Softmax", "predictions.activation", ["predictions/value"], ["predictions"]),
    ]
    lines = {n.name: n.doc_string for n in model.graph.node}
    assert lines["block1.conv1"] == f"{spec.name}:9"
    assert lines["predictions.activation"] == f"{spec.name}:14"
    metadata = {p.key: p.value for p in model.metadata_props}
    assert metadata == {
        "netspec.name": "small",
        "netspec.parameters": json.dumps({"classes": 5}),
        "netspec.version": netspec.__version__,
        "netspec.spec_sha256": hashlib.sha256(SPEC.encode()).hexdigest(),
    }
    assert shapes_of(model.graph.input)["input"] == (1, ("N", 3, 8, 8))
    assert shapes_of(model.graph.output) == {"predictions": (1, ("N", 5))}


def test_the_variant_is_in_the_metadata() -> None:
    draft = Draft()
    draft.add("act", "relu", draft.input(3, name="x"))
    model = netspec_onnx.model(draft.graph(variant="wide"))
    assert {p.key: p.value for p in model.metadata_props}["netspec.variant"] == "wide"


def colliding_names() -> Graph:
    """Layers, weights, inputs and outputs whose names collide."""
    draft = Draft()
    x = draft.input(4, name="x")
    a = draft.add("a", "dense", x, units=4)
    w = draft.add("a.weight", "relu", a)
    b = draft.add("y", "tanh", w)
    graph = draft.graph()
    return replace(graph, outputs={"a": b, "again": b, "pass": x, "x": a, "a.bias": w})


def test_names_are_unique_and_outputs_keep_theirs(tmp_path: Path) -> None:
    graph = colliding_names()
    path = write_onnx(graph, tmp_path / "net.onnx")
    model = onnx.load(path)
    assert_inferred(model)
    assert [o.name for o in model.graph.output] == ["a", "again", "pass", "x/output", "a.bias"]
    computed = [name for node in model.graph.node for name in node.output]
    names = computed + [t.name for t in model.graph.initializer] + [v.name for v in model.graph.input]
    assert len(names) == len(set(names))
    x = np.random.default_rng(0).normal(size=(2, 4)).astype(np.float32)
    a, again, same, y, w = run(path, {"x": x})
    np.testing.assert_array_equal(same, x)
    np.testing.assert_array_equal(again, a)
    np.testing.assert_allclose(a, np.tanh(w), rtol=1e-5)
    np.testing.assert_array_equal(w, np.maximum(y, 0))


def test_a_parameter_can_be_an_output(tmp_path: Path) -> None:
    draft = Draft()
    x = draft.add("act", "relu", draft.input(4, name="x"))
    p = draft.add("p", "parameter", shape=[2, 3])
    graph = replace(draft.graph(), outputs={"x2": x, "p": p})
    path = write_onnx(graph, tmp_path / "net.onnx")
    assert_inferred(onnx.load(path))
    actual = run(path, {"x": np.zeros((2, 4), np.float32)})[1]
    np.testing.assert_array_equal(actual, TrainedWeights().values(graph.parameters[0]))


def test_weights_become_inputs() -> None:
    draft = Draft()
    x = draft.add("fc", "dense", draft.input(4, name="x"), units=3)
    draft.add("bn", "batch_norm", x)
    graph = draft.graph()
    model = netspec_onnx.model(graph)
    assert_inferred(model)
    assert not model.graph.initializer
    assert [v.name for v in model.graph.input] == [
        "x",
        "fc.weight",
        "fc.bias",
        "bn.weight",
        "bn.bias",
        "bn.running_mean",
        "bn.running_var",
    ]


def test_layers_with_copies_by_choice_have_token_counts_of_their_own() -> None:
    """ONNX Runtime reuses memory for values with the same symbols, and warns if they have other sizes."""
    text = """
netspec: 1
dims: {H: 7}
inputs: {x: [12, 6], y: [H, 6]}
blocks: {Experts: {layers: {top: {top_k: 2}, each: {layers: [dense: 6], from: input, repeat: 6, route: top.index}}}}
layers: {a: {Experts, from: x}, b: {Experts, from: y}}
outputs: [a, b]
"""
    shapes = shapes_of(netspec_onnx.model(netspec.loads(text)).graph.value_info)
    assert shapes["a.each/rows0"][1] == ("12*N", 6)
    assert shapes["b.each/rows0"][1] == ("(H)*N", 6)


@pytest.mark.parametrize("opset", range(13, 24))
def test_every_operator_set_with_its_ir_version(opset: int, tmp_path: Path) -> None:
    draft = Draft()
    draft.add("norm", "layer_norm", draft.input(5, 4, name="x"))
    path = write_onnx(draft.graph(), tmp_path / "net.onnx", opset=opset)
    model = onnx.load(path)
    assert (model.opset_import[0].version, model.ir_version) == (opset, MIN_IR[opset])
    assert MIN_IR[opset] == max(7, onnx.helper.find_min_ir_version_for(model.opset_import))
    (y,) = run(path, {"x": np.random.default_rng(0).normal(size=(2, 5, 4)).astype(np.float32)})
    np.testing.assert_allclose(y.mean(-1), 0, atol=1e-6)


def test_an_ir_version_can_be_chosen() -> None:
    draft = Draft()
    draft.add("act", "relu", draft.input(4))
    assert netspec_onnx.model(draft.graph(), ir_version=10).ir_version == 10


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"opset": 12}, "NS711: opset must be from 13 to 23; found 12"),
        ({"opset": 24}, "NS711: opset must be from 13 to 23; found 24"),
        ({"dtype": "int8"}, "NS711: dtype must be float32, float16 or bfloat16; found 'int8'"),
        ({"dtype": "bfloat16", "opset": 21}, "NS712: bfloat16 needs opset 22 or later; found 21"),
        ({"opset": 20, "ir_version": 8}, "NS712: ir_version must be from 9 to 11 with opset 20; found 8"),
        ({"ir_version": 12}, "NS712: ir_version must be from 9 to 11 with opset 20; found 12"),
    ],
)
def test_invalid_options(options: dict[str, Any], message: str, tmp_path: Path) -> None:
    draft = Draft()
    draft.add("act", "relu", draft.input(4))
    with pytest.raises(BackendError) as caught:
        netspec_onnx.export(draft.graph(), tmp_path / "net.onnx", **options)
    assert f"{caught.value.code}: {caught.value.message}" == message
    assert not list(tmp_path.iterdir())


IN_SINGLE_PRECISION = ("cumsum", "einsum", "grid_sample", "roi_align", "scatter_add", "sort", "top_k")
"""Operations that ONNX files compute in float32, whose kernels lack half precision or are too imprecise."""


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_every_operation_in_half_precision(dtype: OnnxDtype) -> None:
    """All operators allow the types of their values; only some compute in float32, and the rows of a nearest one."""
    for case in CASES:
        if case.op in IN_SINGLE_PRECISION or case.args.get("antialias"):
            continue
        model = netspec_onnx.model(single_operation(case.op, case.inputs, case.args), dtype=dtype)
        assert_inferred(model)
        assert_types_allowed(model)
        values = (*model.graph.value_info, *model.graph.output)
        kinds = {v.type.tensor_type.elem_type for v in values if not v.name.startswith("op/rows")}
        assert onnx.TensorProto.FLOAT not in kinds


def test_half_precision_is_close(tmp_path: Path) -> None:
    draft = Draft()
    x = draft.add("conv", "conv2d", draft.input(3, 8, 8, name="x"), filters=4, kernel=3, activation="gelu")
    draft.add("fc", "dense", draft.add("flat", "flatten", x), units=5)
    graph = draft.graph()
    x32 = np.random.default_rng(0).normal(size=(2, 3, 8, 8)).astype(np.float32)
    (expected,) = run(write_onnx(graph, tmp_path / "a.onnx"), {"x": x32})
    (actual,) = run(write_onnx(graph, tmp_path / "b.onnx", dtype="float16"), {"x": x32.astype(np.float16)})
    assert actual.dtype == np.float16
    np.testing.assert_allclose(actual, expected, atol=5e-3)


def test_the_backend_is_registered_and_names_unsupported_operations() -> None:
    backend = find("onnx")
    assert by_extension(Path("net.onnx")) is backend

    class Strange(Op):
        """An operation that no backend supports."""

    draft = Draft()
    draft.add("act", "relu", draft.input(4))
    graph = draft.graph()
    node = replace(graph.nodes[0], op=Strange(name="strange"))
    graph = replace(graph, nodes=(node,))
    assert backend.unsupported(graph) == [node]
    with pytest.raises(UnsupportedError) as caught:
        backend.export(graph, Path("never.onnx"), {})
    assert caught.value.message == "backend 'onnx' has no rule for 'strange' (layer 'act')"
    assert "\n --> net.yaml:10:3\n  = help: netspec.register('strange', onnx=rule) supplies it" in str(caught.value)
    assert not Path("never.onnx").exists()
