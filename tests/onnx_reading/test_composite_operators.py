"""Patterns: several operators that are one layer, and transpositions that are the layout of the spec."""

from __future__ import annotations

import time

import numpy as np
import onnx
import pytest

from netspec.importing.passes.channels_last import prefer_channels_last
from netspec.weights.numpy_types import Array
from netspec_onnx.reading import reader

from .support import imported, ints, model, names_of, node, operations, random


def test_layer_norm_written_out() -> None:
    nodes = [
        node("ReduceMean", "x", "mean", axes=[-1]),
        node("Sub", "x mean", "centred"),
        node("Pow", "centred two", "squares"),
        node("ReduceMean", "squares", "variance", axes=[-1]),
        node("Add", "variance eps", "safe"),
        node("Sqrt", "safe", "deviation"),
        node("Div", "centred deviation", "z"),
        node("Mul", "z norm.weight", "gain"),
        node("Add", "gain norm.bias"),
    ]
    tensors = {"two": np.float32(2), "eps": np.float32(1e-5), "norm.weight": random(6), "norm.bias": random(6)}
    source = model(nodes, {"x": ("N", 5, 6)}, {k: np.asarray(v) for k, v in tensors.items()})
    assert operations(reader.read_model(source).network) == ["layer_norm"]
    assert names_of(source) == ["norm.weight", "norm.bias"]


@pytest.mark.parametrize("order", [0, 1, 2])
def test_gelu_written_out(order: int) -> None:
    """``x * (1 + erf(x / sqrt(2))) / 2``, with its factors in any order."""
    ends = [
        [node("Mul", "x plus", "p"), node("Mul", "p half")],
        [node("Mul", "plus half", "p"), node("Mul", "x p")],
        [node("Mul", "x half", "p"), node("Mul", "p plus")],
    ]
    nodes = [node("Div", "x root", "z"), node("Erf", "z", "e"), node("Add", "e one", "plus"), *ends[order]]
    tensors = {"root": np.array(2**0.5, np.float32), "one": np.array(1, np.float32), "half": np.array(0.5, np.float32)}
    assert [n.op.name for n in imported(model(nodes, {"x": ("N", 6)}, tensors)).graph.nodes] == ["gelu"]


def test_group_norm_through_instance_norm() -> None:
    nodes = [
        node("Reshape", "x split", "groups"),
        node("InstanceNormalization", "groups ones zeros", "normed", epsilon=1e-3),
        node("Shape", "x", "shape"),
        node("Reshape", "normed shape", "z"),
        node("Mul", "z gn.weight", "gain"),
        node("Add", "gain gn.bias"),
    ]
    tensors = {
        "split": ints(0, 2, -1),
        "ones": np.ones(2, np.float32),
        "zeros": np.zeros(2, np.float32),
        "gn.weight": random(4, 1, 1),
        "gn.bias": random(4, 1, 1),
    }
    proto = model(nodes, {"x": ("N", 4, 3, 5)}, tensors)
    assert [n.op.name for n in imported(proto).graph.nodes] == ["group_norm"]
    assert names_of(proto) == ["gn.weight", "gn.bias"]


def test_bias_after_a_convolution_and_gain_after_a_norm() -> None:
    nodes = [
        node("Conv", "x c.weight", "a"),
        node("Add", "a c.bias", "b"),
        node("BatchNormalization", "b s o m v", "n"),
        node("Mul", "n gain", "p"),
        node("Add", "p offset"),
    ]
    tensors: dict[str, Array] = {
        "c.weight": random(3, 4, 1, 1),
        "c.bias": random(1, 3, 1, 1),
        **{name: random(3) for name in "som"},
        "v": np.array([1, 2, 3], np.float32),
        "gain": random(3, 1, 1),
        "offset": random(3, 1, 1),
    }
    result = imported(model(nodes, {"x": ("N", 4, 3, 3)}, tensors))
    assert [n.op.name for n in result.graph.nodes] == ["conv2d", "batch_norm"]


def test_a_bias_of_a_layer_that_is_used_twice() -> None:
    nodes = [
        node("MatMul", "x w", "a"),
        node("Add", "a b", "c"),
        node("Relu", "c", "d"),
        node("MatMul", "d w", "e"),
        node("Add", "e b"),
    ]
    tensors = {"w": random(6, 6), "b": random(6)}
    result = imported(model(nodes, {"x": ("N", 6)}, tensors))
    layers = [(n.op.name, n.op.arguments.get("bias")) for n in result.graph.nodes]
    assert [name for name, _ in layers] == ["dense", "relu", "dense"]
    assert {p.name: p.shape for p in result.graph.parameters} == {"w.weight": (6, 6), "w.bias": (6,)}


def test_a_bias_of_two_layers_stays_apart() -> None:
    nodes = [node("MatMul", "x v", "a"), node("Add", "a b", "c"), node("MatMul", "c w", "d"), node("Add", "d b")]
    tensors = {"v": random(6, 6), "w": random(6, 6), "b": random(6)}
    result = imported(model(nodes, {"x": ("N", 6)}, tensors))
    assert [n.op.name for n in result.graph.nodes] == ["dense", "parameter", "add", "dense", "add"]


def test_constants_of_our_files_are_not_learned() -> None:
    """netspec writes a ``/`` in the names of tensors that the state dict does not have."""
    proto = model([node("Mul", "x a/b", "c"), node("Mul", "c d")], {"x": ("N", 6)}, {"a/b": random(6), "d": random(6)})
    proto.producer_name = "netspec"
    graph = imported(proto).graph
    assert [p.name for p in graph.parameters if p.trainable] == ["d"]


def test_transpositions_around_every_convolution() -> None:
    """tf2onnx puts them there, as TensorFlow has the channels last."""
    back, forth = [0, 2, 3, 1], [0, 3, 1, 2]
    nodes = [
        node("Transpose", "x", "a", perm=forth),
        node("Conv", "a v", "b"),
        node("Transpose", "b", "c", perm=back),
        node("Relu", "c", "d"),
        node("Transpose", "d", "e", perm=forth),
        node("Conv", "e w", "f"),
        node("Transpose", "f", perm=back),
    ]
    source = model(nodes, {"x": ("N", 5, 6, 3)}, {"v": random(4, 3, 2, 2), "w": random(2, 4, 2, 2)})
    network = reader.read_model(source).network
    prefer_channels_last(network)
    assert operations(network) == ["conv2d", "relu", "conv2d"]
    (kind,) = imported(source).graph.input_types.values()
    assert kind.axes == ("height", "width", "channels")


def test_channels_last_throughout() -> None:
    """Transpositions behind the input and before the output are the layout of the spec; axes are counted in it."""
    nodes = [
        node("Transpose", "x", "a", perm=[0, 3, 1, 2]),
        node("Conv", "a v", "b", pads=[1, 1, 1, 1]),
        node("Relu", "b", "c"),
        node("Concat", "c a", "d", axis=1),
        node("MaxPool", "d", "e", kernel_shape=[2, 1]),
        node("Transpose", "e", perm=[0, 2, 3, 1]),
    ]
    result = imported(model(nodes, {"x": ("N", 4, 6, 3)}, {"v": random(5, 3, 3, 3)}))
    layers = result.text(flat=True).partition("layout: channels_last\ninput: [4, 6, 3]\n\nlayers:\n")[2]
    assert layers.splitlines()[:4] == [
        "  v: {conv2d: 5, kernel: 3, padding: 1, bias: false}",
        "  relu: relu",
        "  concat: {concat: [relu, input]}",
        "  max_pool2d: {max_pool2d: [2, 1], stride: 1}",
    ]
    nodes[-1] = node("Flatten", "e")  # of images whose channels are first
    assert operations(reader.read_model(model(nodes, {"x": ("N", 4, 6, 3)}, {"v": random(5, 3, 3, 3)})).network) == [
        "permute", "conv2d", "relu", "concat", "max_pool2d", "flatten",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("operator", "tensors", "layer"),
    [
        ("MatMul", {"w": random(4, 7)}, "{dense: 7, axis: 0, bias: false}"),
        ("LayerNormalization", {"w": random(4)}, "{layer_norm, bias: false}"),
    ],
)
def test_transpositions_around_what_works_along_one_axis(operator: str, tensors: dict[str, Array], layer: str) -> None:
    """It works along another axis then: that of the channels, which is the default of some."""
    nodes = [
        node("Transpose", "x", "a", perm=[0, 2, 3, 1]),
        node(operator, " ".join(["a", *tensors]), "b"),
        node("Transpose", "b", perm=[0, 3, 1, 2]),
    ]
    result = imported(model(nodes, {"x": ("N", 4, 5, 6)}, tensors))
    assert layer in result.text(flat=True)
    assert len(result.graph.nodes) == 1


def test_transpositions_of_many_convolutions_take_time_in_proportion() -> None:
    nodes: list[onnx.NodeProto] = []
    last = "x"
    for k in range(400):
        nodes += [
            node("Transpose", last, f"a{k}", perm=[0, 3, 1, 2]),
            node("Conv", f"a{k} w", f"b{k}"),
            node("Transpose", f"b{k}", f"c{k}", perm=[0, 2, 3, 1]),
            node("Relu", f"c{k}", f"d{k}"),
        ]
        last = f"d{k}"
    proto = model(nodes, {"x": ("N", 4, 4, 3)}, {"w": random(3, 3, 1, 1)}, outputs=[last])
    start = time.process_time()
    network = reader.read_model(proto).network
    prefer_channels_last(network)
    assert time.process_time() - start < 6
    assert network.layout == "channels_last"
    assert operations(network) == ["conv2d", "relu"] * 400


def test_axes_without_names_meet() -> None:
    """A gate that was computed along the channels as if they were positions."""
    nodes = [
        node("GlobalAveragePool", "x", "a"),
        node("Reshape", "a s", "b"),
        node("Conv", "b w", "c", pads=[1, 1]),
        node("Reshape", "c t", "d"),
        node("Sigmoid", "d", "e"),
        node("Mul", "x e"),
    ]
    tensors = {"s": np.array([0, 1, 4]), "t": np.array([0, 4, 1, 1]), "w": random(1, 1, 3)}
    imported(model(nodes, {"x": ("N", 4, 5, 6)}, tensors))
