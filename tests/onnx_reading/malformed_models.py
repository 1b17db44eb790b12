"""Malformed and hostile models."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import helper

from netspec_onnx.reading import limits

from .support import model, node, random


def plain() -> onnx.ModelProto:
    return model([node("Relu", "x")], {"x": ("N", 4)})


def with_tensor(**fields: Any) -> onnx.ModelProto:
    """A model with a tensor whose fields are not those of its numbers."""
    proto = model([node("Add", "x w")], {"x": ("N", 4)}, {"w": random(4)})
    tensor = proto.graph.initializer[0]
    for name, value in fields.items():
        if name == "dims":
            del tensor.dims[:]
            tensor.dims.extend(value)
        else:
            setattr(tensor, name, value)
    return proto


def recursive() -> onnx.ModelProto:
    body = [helper.make_node("F", ["a"], ["b"], domain="own")]
    function = helper.make_function("own", "F", ["a"], ["b"], body, [helper.make_opsetid("own", 1)])
    return model(
        [helper.make_node("F", ["x"], ["y"], domain="own")], {"x": ("N", 4)}, functions=[function], domains=["own"]
    )


def exponential() -> onnx.ModelProto:
    """Functions that each call the one before twice: 2 ** 30 nodes."""
    versions = [helper.make_opsetid("own", 1), helper.make_opsetid("", 17)]
    functions = [helper.make_function("own", "F0", ["a"], ["b"], [node("Relu", "a", "b")], versions)]
    for k in range(1, 31):
        body = [
            helper.make_node(f"F{k - 1}", ["a"], ["m"], domain="own"),
            helper.make_node(f"F{k - 1}", ["m"], ["b"], domain="own"),
        ]
        functions.append(helper.make_function("own", f"F{k}", ["a"], ["b"], body, versions))
    call = helper.make_node("F30", ["x"], ["y"], domain="own")
    return model([call], {"x": ("N", 4)}, functions=functions, domains=["own"])


def many_nodes() -> onnx.ModelProto:
    proto = plain()
    proto.graph.node.extend([proto.graph.node[0]] * (limits.NODES + 1))
    return proto


def sequence_input() -> onnx.ModelProto:
    proto = plain()
    proto.graph.input[0].type.CopyFrom(helper.make_sequence_type_proto(helper.make_tensor_type_proto(1, [2])))
    return proto


def huge_constant() -> onnx.ModelProto:
    tensors = {"s": np.array([2**40, 2**20])}
    return model([node("ConstantOfShape", "s", "c"), node("Add", "x c")], {"x": ("N", 4)}, tensors)


def long_names_of_functions() -> onnx.ModelProto:
    """Functions whose names would stand before that of each node in them, several levels deep."""
    versions = [helper.make_opsetid("own", 1), helper.make_opsetid("", 17)]
    functions = [helper.make_function("own", "F0", ["a"], ["b"], [node("Relu", "a", "b")], versions)]
    for k in range(1, 5):
        call = helper.make_node(f"F{k - 1}", ["a"], ["b"], "n" * 390, domain="own")
        functions.append(helper.make_function("own", f"F{k}", ["a"], ["b"], [call], versions))
    call = helper.make_node("F4", ["x"], ["y"], domain="own")
    return model([call], {"x": ("N", 4)}, functions=functions, domains=["own"])


def no_utf8() -> bytes:
    data: bytes = model([node("Relu", "x", "yyyy")], {"x": ("N", 4)}, outputs=["yyyy"]).SerializeToString()
    return data.replace(b"yyyy", b"y\xff\xfey")


def product_of_constants() -> onnx.ModelProto:
    tensors = {"s": np.array([2**11, 2**12]), "t": np.array([2**12, 2**11])}
    nodes = [node("ConstantOfShape", "s", "a"), node("ConstantOfShape", "t", "b"), node("MatMul", "a b", "c")]
    return model([*nodes, node("Relu", "x")], {"x": ("N", 4)}, tensors)
