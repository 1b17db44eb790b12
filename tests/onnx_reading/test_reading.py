"""Whole networks: the batch, named dimensions, names, patterns, layouts, functions and branches."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import netspec
from netspec.importing import ImportRefused
from netspec.weights.numpy_types import Array
from netspec_onnx.reading import reader

from .support import imported, ints, model, names_of, node, operations, random


# -- the batch ---------------------------------------------------------------------------------------------------------
def test_a_file_for_a_single_example() -> None:
    """Literal ones in shapes, and axes of size 1 that come and go, are not an obstacle."""
    nodes = [
        node("Flatten", "x", "flat"),
        node("Reshape", "flat s", "row"),
        node("MatMul", "row w", "a"),
        node("Squeeze", "a axes", "b"),
        node("Add", "b b"),
    ]
    tensors = {"s": ints(1, 24), "w": random(24, 5), "axes": ints(0)}
    result = imported(model(nodes, {"x": (1, 2, 3, 4)}, tensors))
    assert result.proof.batch_sizes == (2, 3)
    assert [p.shape for p in result.graph.parameters] == [(5, 24)]


def test_a_file_without_a_batch_axis() -> None:
    result = imported(model([node("MatMul", "x w", "a"), node("Relu", "a")], {"x": (6,)}, {"w": random(6, 3)}))
    assert [t.shape for t in result.graph.input_types.values()] == [(6,)]


def test_a_file_for_three_examples() -> None:
    """The number of examples in shapes is taken for the batch where it is, not where it occurs: 3 channels stay."""
    nodes = [node("Reshape", "x s", "a"), node("Transpose", "a", "t", perm=[0, 2, 1]), node("MatMul", "t w")]
    result = imported(model(nodes, {"x": (3, 3, 2, 2)}, {"s": ints(3, 3, 4), "w": random(3, 5)}))
    assert result.proof.batch_sizes == (3,)
    assert result.graph.output_types["y"].shape == (4, 5)


def test_windows_folded_into_the_batch() -> None:
    nodes = [
        node("Reshape", "x s", "windows"),
        node("MatMul", "windows w", "a"),
        node("Reshape", "a t"),
    ]
    tensors = {"s": ints(-1, 4, 6), "w": random(6, 5), "t": ints(-1, 8, 5)}
    assert imported(model(nodes, {"x": ("N", 8, 6)}, tensors)).graph.output_types["y"].shape == (8, 5)


def test_what_mixes_examples_is_refused() -> None:
    """Read for one example it would be a network, but not that of the file."""
    source = model([node("ReduceMean", "x", "m", axes=[0]), node("Sub", "x m")], {"x": ("N", 4)})
    assert reader.read_model(source).network.notes == [
        "the file leaves the batch size open, but was read for a batch of 1"
    ]
    with pytest.raises(ImportRefused, match="NS849"):
        imported(source)


# -- named dimensions --------------------------------------------------------------------------------------------------
def test_sizes_follow_the_input() -> None:
    """Arithmetic of shapes is exact, and the network works at other sizes."""
    nodes = [
        node("Shape", "x", "shape"),
        node("Gather", "shape two", "height"),
        node("Div", "height half", "rows"),
        node("Unsqueeze", "rows axes", "last"),
        node("Concat", "head last rest", "target", axis=0),
        node("MaxPool", "x", "small", kernel_shape=[2, 1], strides=[2, 1]),
        node("Reshape", "small target", "z"),
        node("Relu", "z"),
    ]
    tensors = {"two": np.array(2), "half": np.array(2), "axes": ints(0), "head": ints(0, 3), "rest": ints(-1)}
    result = imported(model(nodes, {"x": ("batch", 3, "height", 4)}, tensors))
    assert list(result.graph.dims) == ["height"]
    assert result.proof.outputs is not None
    assert len(result.proof.outputs.sizes) == 2


def test_a_size_that_must_be_a_number() -> None:
    nodes = [node("Flatten", "x", "flat"), node("Gemm", "flat w", transB=1)]
    result = imported(model(nodes, {"x": ("N", 1, "H", 4)}, {"w": random(5, 256)}))
    assert [t.shape for t in result.graph.input_types.values()] == [(1, 64, 4)]
    assert result.notes[0].startswith("the file leaves sizes open")


def test_a_scale_that_rounding_changes_is_read_for_fixed_sizes() -> None:
    nodes = [node("Resize", "x _ scales", mode="linear")]
    result = imported(model(nodes, {"x": ("N", 4, "H", "W")}, {"scales": np.array([1, 1, 2, 0.29], np.float32)}))
    assert [t.shape for t in result.graph.input_types.values()] == [(4, 224, 224)]
    assert result.notes[0].startswith("the file leaves sizes open")


# -- names -------------------------------------------------------------------------------------------------------------
def test_names_of_tensors_stay() -> None:
    tensors = {
        "net.0.weight": random(3, 6),
        "net.0.bias": random(3),
        "net.2.weight": random(2, 3),
        "net.2.bias": random(2),
    }
    nodes = [
        node("Gemm", "x net.0.weight net.0.bias", "a", transB=1),
        node("Relu", "a", "b"),
        node("Gemm", "b net.2.weight net.2.bias", transB=1),
    ]
    assert names_of(model(nodes, {"x": ("N", 6)}, tensors)) == list(tensors)


def test_names_from_paths_of_nodes() -> None:
    """PyTorch's older exporter gives transposed weights numbers."""
    nodes = [
        helper.make_node("MatMul", ["x", "onnx::MatMul_7"], ["a"], name="/blocks.0/mlp/fc1/MatMul"),
        helper.make_node("Add", ["blocks.0.mlp.fc1.bias", "a"], ["y"], name="/blocks.0/mlp/fc1/Add"),
    ]
    tensors = {"onnx::MatMul_7": random(6, 4), "blocks.0.mlp.fc1.bias": random(4)}
    assert names_of(model(nodes, {"x": ("N", 5, 6)}, tensors)) == ["blocks.0.mlp.fc1.weight", "blocks.0.mlp.fc1.bias"]


def test_names_from_metadata() -> None:
    proto = model([node("MatMul", "x val_3")], {"x": ("N", 5, 6)}, {"val_3": random(6, 4)})
    for key, value in (
        ("pkg.torch.onnx.name_scopes", "['', 'encoder', 'encoder.fc', 'linear']"),
        ("pkg.torch.onnx.class_hierarchy", "['Net', 'Encoder', 'torch.nn.Linear', 'aten.linear.default']"),
    ):
        entry = proto.graph.node[0].metadata_props.add()
        entry.key, entry.value = key, value
    assert names_of(proto) == ["encoder.fc.weight"]


def test_levels_from_beginnings_that_recur() -> None:
    tensors, nodes, x = dict[str, Array](), list[onnx.NodeProto](), "x"
    for stage in (0, 1):
        for branch in ("conv", "proj"):
            name = f"res{stage}_branch_{branch}"
            tensors[f"{name}_w_0"] = random(4, 4, 1, 1)
            nodes.append(node("Conv", f"{x} {name}_w_0", name))
            x = name
    nodes.append(node("Relu", x))
    source = reader.read_model(model(nodes, {"x": ("N", 4, 3, 3)}, tensors))
    assert list(source.weights)[:2] == ["res0_branch.conv.weight", "res0_branch.proj.weight"]
    assert [d.calls[-1].path for d in source.network.drafts if d.weights] == ["res0_branch"] * 2 + ["res1_branch"] * 2


# -- other forms -------------------------------------------------------------------------------------------------------
def test_functions_are_inlined() -> None:
    versions = [helper.make_opsetid("own", 1), helper.make_opsetid("", 17)]
    inner = helper.make_function("own", "Twice", ["a"], ["b"], [node("Add", "a a", "b")], versions)
    body = [helper.make_node("Twice", ["p"], ["m"], domain="own"), node("Relu", "m", "q")]
    outer = helper.make_function("own", "Step", ["p"], ["q"], body, versions)
    calls = [helper.make_node("Step", ["x"], ["h"], domain="own"), helper.make_node("Step", ["h"], ["y"], domain="own")]
    proto = model(calls, {"x": ("N", 4)}, functions=[inner, outer], domains=["own"])
    assert operations(reader.read_model(proto).network) == ["add", "relu"] * 2
    imported(proto)


def branch_of(operator: str) -> onnx.GraphProto:
    output = helper.make_tensor_value_info(f"{operator}_y", TensorProto.FLOAT, None)
    return helper.make_graph([node(operator, "x", f"{operator}_y")], operator, [], [output])


def test_a_branch_that_is_known() -> None:
    choice = node("If", "c", then_branch=branch_of("Relu"), else_branch=branch_of("Tanh"))
    proto = model([choice], {"x": ("N", 4)}, {"c": np.array(False)})
    assert [n.op.name for n in imported(proto).graph.nodes] == ["tanh"]


def test_stored_integers_are_numbers_again() -> None:
    nodes = [node("DequantizeLinear", "q s z", "w", axis=0), node("MatMul", "x w")]
    tensors: dict[str, Array] = {
        "q": np.arange(-12, 12, dtype=np.int8).reshape(6, 4),
        "s": np.linspace(0.1, 0.6, 6).astype(np.float32),
        "z": np.zeros(6, np.int8),
    }
    assert names_of(model(nodes, {"x": ("N", 6)}, tensors)) == ["q.weight"]


def test_importing_twice_gives_the_same() -> None:
    nodes = [node("Conv", "x w", "a"), node("Relu", "a")]
    proto = model(nodes, {"x": ("N", 4, 3, 3)}, {"w": random(3, 4, 1, 1)})
    assert imported(proto).text() == imported(proto).text()


def test_a_model_in_memory_has_the_name_of_its_graph() -> None:
    proto = model([node("Relu", "x")], {"x": ("N", 4)})
    assert netspec.from_onnx(proto).graph.name == "graph"
    assert netspec.from_onnx(proto, name="net").graph.name == "net"
