"""Small models that are refused, by the family of their operators: each shows one message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

from netspec.weights.numpy_types import Array

from .malformed_models import many_nodes, product_of_constants, with_tensor
from .support import Shape, model, node, random

IMAGE: Shape = ("N", 4, 6, 8)
ROWS: Shape = ("N", 5, 6)
VECTOR: Shape = ("N", 6)


def ints(*numbers: int) -> Array:
    """A constant of integers."""
    return np.array(numbers)


def floats(*numbers: float) -> Array:
    """A constant of numbers."""
    return np.array(numbers, np.float32)


def single_node(
    operator: str,
    shape: Shape = ROWS,
    inputs: str = "x",
    *,
    opset: int = 17,
    second: Shape | None = None,
    types: dict[str, int] | None = None,
    tensors: dict[str, Array] | None = None,
    **attributes: Any,
) -> Callable[[], onnx.ModelProto]:
    """A model of one node that reads ``x``, perhaps ``z``, and constants."""

    def make() -> onnx.ModelProto:
        given = {"x": shape} | ({"z": second} if second is not None else {})
        return model([node(operator, inputs, **attributes)], given, tensors, opset=opset, types=types)

    return make


def several(
    *nodes: onnx.NodeProto, shape: Shape = ROWS, opset: int = 17, types: dict[str, int] | None = None, **tensors: Array
) -> Callable[[], onnx.ModelProto]:
    """A model of several nodes."""
    return lambda: model(list(nodes), {"x": shape}, tensors, opset=opset, types=types)


def turned(operator: str, more: str = "", **attributes: Any) -> Callable[[], onnx.ModelProto]:
    """An operator of a tensor whose second axis is the batch."""
    tensors: dict[str, Array] = attributes.pop("tensors", {})
    nodes = [node("Transpose", "x", "t", perm=[1, 0, 2]), node(operator, f"t {more}", **attributes)]
    return lambda: model(nodes, {"x": ROWS}, tensors)


def recurrent(
    operator: str = "LSTM", gates: int = 4, more: str = "", **attributes: Any
) -> Callable[[], onnx.ModelProto]:
    """A recurrent layer of 3 units over 6 features."""
    tensors: dict[str, Array] = {"w": random(1, 3 * gates, 6), "r": random(1, 3 * gates, 3)}
    tensors |= attributes.pop("tensors", {})
    nodes = [
        node("Transpose", "x", "t", perm=[1, 0, 2]),
        node(operator, f"t w r {more}", hidden_size=3, **attributes),
    ]
    return lambda: model(nodes, {"x": ROWS}, tensors)


def resized(
    mode: str = "linear", shape: Shape = IMAGE, scales: tuple[float, ...] = (1, 1, 2, 2), **attributes: Any
) -> Any:
    """A ``Resize`` by scales."""
    opset = attributes.pop("opset", 18)
    return single_node("Resize", shape, "x _ s", tensors={"s": floats(*scales)}, mode=mode, opset=opset, **attributes)


def to_sizes(sizes: tuple[int, ...], **attributes: Any) -> Callable[[], onnx.ModelProto]:
    """A ``Resize`` to sizes."""
    return single_node("Resize", (1, 4, 6, 8), "x _ _ s", tensors={"s": ints(*sizes)}, mode="linear", **attributes)


def sparse() -> onnx.ModelProto:
    """A model with a sparse tensor."""
    proto = single_node("Relu")()
    proto.graph.sparse_initializer.add()
    return proto


COMPUTED = node("Relu", "x", "c")
"""A tensor that a layer computes, in the place of weights."""
STRING = helper.make_node("Constant", [], ["y"], value_string="text")
BATCH: dict[str, Callable[[], onnx.ModelProto]] = {
    "a mean of examples": single_node("ReduceMean", axes=[0], keepdims=0),
    "a merged axis": several(
        node("Transpose", "x", "t", perm=[1, 0, 2]), node("Reshape", "t s", "r"), node("Softmax", "r", axis=0),
        s=ints(-1, 6)),
    "windows without a batch": turned("MaxPool", kernel_shape=[2]),
    "windows over a constant": several(
        node("MaxPool", "w", "c", kernel_shape=[2]), node("Add", "x c"), w=random(3, 5, 6)),
    "a mixed reshape": several(
        node("Transpose", "x", "t", perm=[1, 0, 2]), node("Reshape", "t s"), s=ints(3, -1)),
    "different axes": several(node("Transpose", "x", "t", perm=[1, 0, 2]), node("Add", "x t")),
    "a product along the batch": several(node("Transpose", "x", "t", perm=[1, 2, 0]), node("MatMul", "t w"), w=random(5, 6, 2)),
    "a shared axis": several(node("Add", "x w"), w=random(7, 5, 6)),
    "shapes of examples": several(node("Reshape", "x s", "r"), node("Add", "r x"), s=ints(-1, 1, 30), shape=("N", 30)),
    "a repeated tensor": several(node("Shape", "x", "s"), node("Expand", "w s"), w=random(7, 5, 6)),
    "an index of examples": single_node("Gather", ROWS, "x i", tensors={"i": ints(0)}, axis=0),
    "positions of each example": single_node("Gather", ROWS, "x z", second=("N", 2), types={"z": 7}, axis=1),
    "elements on different axes": single_node("GatherElements", ROWS, "x i", tensors={"i": np.zeros((3, 2, 6), np.int64)}, axis=1),
    "joined examples": single_node("Concat", ROWS, "x x", axis=0),
    "a merged axis of a product": several(
        node("Reshape", "x s", "r"), node("ReduceMean", "r", axes=[0]), s=ints(-1, 6)),
    "repeated examples": several(
        node("Transpose", "x", "t", perm=[1, 0, 2]), node("Shape", "x", "s"), node("Expand", "w s"), w=random(7, 1, 6)),
    "rows for examples": single_node("Add", ROWS, "x z", second=("N", 5, 1, 6)),
    "neighbours of an open size": resized("nearest", ("N", 4, "H", "W"), nearest_mode="ceil"),
    "a triangle": single_node("Trilu", ("N", "L", "L")),
    "padding of an open size": single_node(
        "MaxPool", ("N", 4, "H", "W"), kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_LOWER"),
    "positions of open sizes": several(
        node("Transpose", "x", "t", perm=[1, 0, 2]), node("GatherND", "t i"), i=np.array([[0]]), shape=("N", "L", 6)),
    "a constant of an open size": several(
        node("Shape", "x", "s"), node("Gather", "s i", "n"), node("ConstantOfShape", "n", "r"), node("Add", "x r", "a"),
        node("Concat", "a r", axis=1), shape=("N", "L"), i=ints(1)),
    "scaled integers": single_node("Mul", VECTOR, "x a", types={"x": 7}, tensors={"a": floats(1.5)}),
}  # fmt: skip
"""Models that are refused for any number of examples, but are read for one."""
FAMILIES: dict[str, dict[str, Callable[[], onnx.ModelProto | bytes]]] = {
    "arithmetic": {
        "constants that do not broadcast": several(
            node("Add", "a b", "c"), node("Add", "x c"), a=ints(1, 2), b=ints(1, 2, 3)),
        "a constant divided by zero": several(
            node("Div", "a b", "c"), node("Reshape", "x c"), a=ints(1, 2), b=ints(0, 1)),
        "a size divided by zero": several(
            node("Shape", "x", "n"), node("Div", "n b", "c"), node("Reshape", "x c"), b=ints(0, 1, 1)),
        "a remainder of zero": several(node("Mod", "a b", "c"), node("Reshape", "x c"), a=ints(1), b=ints(0)),
        "a negative power": several(node("Pow", "a b", "c"), node("Reshape", "x c"), a=ints(2), b=ints(-1)),
        "a constant of another type": several(
            node("Cast", "a", "c", to=TensorProto.STRING), node("Add", "x c"), a=ints(1)),
        "constants of other shapes": several(
            node("Concat", "a b", "c", axis=0), node("Add", "x c"), a=random(2, 2), b=random(2, 3)),
        "a step of zero": several(
            node("Range", "a a b", "c"), node("Add", "x c"), a=np.array(1), b=np.array(0)),
        "a reversed sum": several(
            node("CumSum", "a b", "c", reverse=1), node("Reshape", "x c"), a=ints(1, 2), b=np.array(0)),
        "a scatter that adds": several(
            node("ScatterND", "a i b", "c", reduction="add"), node("Add", "x c"),
            a=ints(1, 2), i=np.array([[0]]), b=ints(3)),
        "a string": lambda: model([STRING], {"x": ROWS}),
                "a large constant": several(
            node("ConstantOfShape", "s", "c"), node("Add", "x c"), s=ints(2**30)),
    },
    "types": {
        "different types": several(
            node("Cast", "x", "i", to=TensorProto.INT64), node("Mul", "x i")),
    },
    "file": {
        "nothing": lambda: b"",
        "too many nodes": many_nodes,
        "a long product": product_of_constants,
        "sparse tensors": sparse,
        "a large tensor": lambda: with_tensor(dims=[2**40, 2**20]),
        "a branch of data": lambda: model([node("If", "x")], {"x": ()}, types={"x": 9}),
        "no inputs": several(node("ReduceSum", "_", "c"), node("Add", "x c")),
    },
    "emit": {
        "a shape": several(node("Conv", "x w"), w=random(3, 5, 9)),
        "a weight": several(node("Conv", "x w"), w=random(3, 4, 2)),
        "a missing input": single_node("Add", ROWS, "x _"),
        "no layers": single_node("Identity"),
        "no elements": single_node("Concat", ROWS, "e e", tensors={"e": np.zeros((0, 5), np.float32)}, axis=0),
        "sizes as data": several(
            node("Shape", "x", "s"), node("Cast", "s", "f", to=1), node("Gather", "f i", "g"), node("Add", "x g"),
            shape=("N", 5, "L"), i=ints(2, 1)),
        "a constant of an open size": several(
            node("Shape", "x", "s"), node("Gather", "s i", "n"), node("Range", "a n b", "r"), node("Add", "x r"),
            shape=("N", "L"), a=np.array(0), b=np.array(1), i=np.array(1)),
    },
    "activation": {
        "another selu": single_node("Selu", alpha=1.0),
        "computed slopes": several(COMPUTED, node("PRelu", "x c")),
        "slopes of rows": single_node("PRelu", ROWS, "x w", tensors={"w": random(6)}),
    },
    "attention": {
        "a cache": single_node("Attention", ROWS, "x x x _ p p", opset=23, tensors={"p": random(1, 2)}),
        "another axis": several(
            node("Transpose", "x", "t", perm=[1, 0, 2]), node("Attention", "t t t", q_num_heads=2, kv_num_heads=2), opset=23),
        "shared heads": several(
            node("Reshape", "x s", "q"), node("Reshape", "x t", "k"), node("Attention", "q k k"),
            opset=23, s=ints(0, 2, 5, 3), t=ints(0, 1, 5, 6)),
    },
    "control": {
        "a loop": several(node("Loop", "n c x", body=model([node("Relu", "x")], {"x": ROWS}).graph), n=np.array(3), c=np.array(True)),
        "a recurrence from the end": several(
            node("Shape", "x", "n"), node("Gather", "n o", "s"), node("ConstantOfShape", "s", "q"),
            node("Scan", "q x x", "last y", num_scan_inputs=2, scan_input_axes=[1, 1], scan_output_axes=[1],
                 scan_input_directions=[1, 1], body=helper.make_graph(
                     [node("Mul", "a h", "k"), node("Add", "k b", "m"), node("Identity", "m", "r")], "step",
                     [helper.make_tensor_value_info(v, TensorProto.FLOAT, None) for v in "hab"],
                     [helper.make_tensor_value_info(v, TensorProto.FLOAT, None) for v in "mr"])),
            o=ints(0, 2)),
        "a missing branch": several(node("If", "c"), c=np.array(True)),
    },
    "conv": {
        "weights of each example": single_node("Conv", ROWS, "x z", second=("N", 5, 3)),
        "four axes": single_node("Conv", ("N", 2, 3, 3, 3, 3), "x w", tensors={"w": random(2, 2, 1, 1, 1, 1)}),
        "four transposed axes": single_node("ConvTranspose", ("N", 2, 3, 3, 3, 3), "x w", tensors={"w": random(2, 2, 1, 1, 1, 1)}),
    },
    "dense": {
        "dots": single_node("Einsum", ROWS, "x", equation="...i->...i"),
        "a diagonal": single_node("Einsum", ("N", 5, 5), "x", equation="bii->bi"),
        "different axes": single_node("Einsum", ROWS, "x z", second=ROWS, equation="bij,jbi->bij"),
        "a sum of examples": single_node("Einsum", ROWS, "x z", second=ROWS, equation="bij,bij->ij"),
    },
    "elementwise": {
        "an infinite number": several(node("Mul", "x a"), a=floats(np.inf)),
        "a remainder with a sign": several(node("Mod", "x a", fmod=1), a=floats(3)),
    },
    "index": {
        "positions that are not integers": single_node("Gather", ROWS, "x i", tensors={"i": floats(np.nan)}, axis=1),
        "positions outside": several(
            node("Transpose", "x", "t", perm=[1, 0, 2]), node("GatherND", "t i"), i=np.array([[9]]), shape=("N", 5, 6)),
        "a position outside": single_node("Gather", ROWS, "x i", tensors={"i": ints(9)}, axis=1),
        "the last of equals": single_node("ArgMax", axis=1, select_last_index=1),
        "no number of values": several(node("TopK", "x _", "y i")),
        "other values": single_node("OneHot", VECTOR, "x d v", types={"x": 7}, tensors={"d": np.array(4), "v": floats(0, 2)}),
        "classes elsewhere": single_node(
            "OneHot", VECTOR, "x d v", types={"x": 7}, tensors={"d": np.array(4), "v": floats(0, 1)}, axis=0),
        "an exclusive sum": single_node("CumSum", ROWS, "x a", tensors={"a": np.array(1)}, exclusive=1),
        "a computed axis": single_node("CumSum", ROWS, "x z", second=(), types={"z": 7}),
        "positions in several axes": single_node("GatherND", ROWS, "x i", tensors={"i": ints(0)}),
    },
    "signal": {
        "sampling of volumes": single_node("GridSample", ("N", 4, 5, 6, 7), "x z", second=("N", 2, 2, 2, 3), opset=20),
    },
    "scatter": {
        "elements in two orders": several(
            node("Transpose", "x", "t", perm=[1, 0, 2]), node("ArgMax", "x", "i", axis=2), node("Shape", "t", "n"),
            node("ConstantOfShape", "n", "q"), node("ScatterElements", "q i t", axis=2, reduction="add"), opset=18),
        "elements replaced": several(
            node("ArgMax", "x", "i", axis=2), node("ScatterElements", "x i z", axis=2), shape=ROWS, z=random(2, 5, 1)),
    },
    "norm": {
        "computed statistics": several(
            COMPUTED, node("BatchNormalization", "x b b b c"), shape=("N", 4), b=random(4)),
        "statistics of the batch": single_node(
            "BatchNormalization", IMAGE, "x b b b b", tensors={"b": random(4)}, training_mode=1),
        "computed gains of instances": several(COMPUTED, node("InstanceNormalization", "x c c"), shape=("N", 4, 5)),
        "computed gains of groups": several(
            COMPUTED, node("GroupNormalization", "x c c", num_groups=2), shape=("N", 4, 5), opset=18),
        "another norm": single_node("LpNormalization", p=1),
    },
    "pool": {
        "axes that do not fit": single_node("MaxPool", ROWS, kernel_shape=[2, 2]),
        "dilation": single_node("AveragePool", IMAGE, kernel_shape=[2, 2], dilations=[2, 2], opset=19),
    },
    "quantised": {
        "activations": several(
            node("QuantizeLinear", "x s", "q"), node("DequantizeLinear", "q s"), s=floats(0.1)),
        "activations read": several(
            node("Cast", "x", "q", to=TensorProto.INT32), node("DequantizeLinear", "q s"), s=floats(0.1)),
        "blocks": several(
            node("DequantizeLinear", "q s", "w", block_size=2), node("MatMul", "x w"), opset=21,
            q=np.ones((6, 4), np.int8), s=random(3, 4)),
        "an operator": single_node("ConvInteger", ROWS, "x x"),
    },
    "recurrent": {
        "computed weights": several(COMPUTED, node("LSTM", "x c c", hidden_size=3)),
        "backwards": recurrent(direction="reverse"),
        "other activations": recurrent(activations=["Relu", "Tanh", "Tanh"]),
        "clipped": recurrent(clip=1.0),
        "a reset before": recurrent("GRU", 3),
        "lengths": lambda: model(
            [node("Transpose", "x", "t", perm=[1, 0, 2]), node("LSTM", "t w r _ z", hidden_size=3)],
            {"x": ROWS, "z": ("N",)}, {"w": random(1, 12, 6), "r": random(1, 12, 3)}, types={"z": 6}),
        "a state": recurrent(more="_ _ h", tensors={"h": random(1, 1, 3)}),
        "peepholes": recurrent(more="_ _ _ _ p", tensors={"p": random(1, 9)}),
        "the batch first": several(
            node("LSTM", "x w r", hidden_size=3), w=random(1, 12, 6), r=random(1, 12, 3)),
    },
    "resize": {
        "pads": single_node("Pad", ROWS, "x p", tensors={"p": ints(0, 1)}),
        "a mode of padding": single_node("Pad", ROWS, "x p", tensors={"p": ints(0, 1, 0, 0, 0, 0)}, mode="mirror"),
        "neither": single_node("Resize", IMAGE, "x"),
        "too few scales": resized(scales=(2, 2)),
        "the aspect ratio": to_sizes((1, 4, 12, 16), opset=18, keep_aspect_ratio_policy="not_larger"),
        "scaled channels": resized(scales=(1, 2, 2, 2)),
        "channels of another size": to_sizes((1, 8, 12, 16)),
        "coordinates": resized(coordinate_transformation_mode="tf_crop_and_resize"),
        "outside": resized("cubic", exclude_outside=1),
        "cubic of a sequence": resized("cubic", ROWS, (1, 1, 2)),
        "another coefficient": resized("cubic", cubic_coeff_a=-0.5),
        "coordinates of neighbours": resized("nearest", coordinate_transformation_mode="tf_crop_and_resize"),
    },
    "shape": {
        "a computed shape": several(
            node("Cast", "x", "s", to=7), node("Reshape", "x s"), shape=("N",)),
        "a kept size": single_node("Reshape", VECTOR, "x s", tensors={"s": ints(-1, 1, 0)}),
        "two open sizes": single_node("Reshape", VECTOR, "x s", tensors={"s": ints(-1, -1)}),
        "elements that do not fit": single_node("Reshape", (1, 6), "x s", tensors={"s": ints(4, -1)}),
        "an order": single_node("Transpose", perm=[0, 0, 1]),
        "an axis with elements": single_node("Squeeze", ROWS, "x a", tensors={"a": ints(1)}),
        "different ranks": single_node("Concat", ROWS, "x z", second=VECTOR, axis=1),
        "a computed target": several(
            node("Cast", "x", "s", to=7), node("Expand", "c s"), shape=(2,), c=random(1, 1)),
        "computed copies": several(
            node("Cast", "x", "s", to=7), node("Tile", "x s"), shape=("N",)),
        "many copies": single_node("Tile", ROWS, "x n", tensors={"n": ints(1, 1000, 1)}),
        "blocks": single_node("DepthToSpace", IMAGE, blocksize=3),
    },
    "slices": {
        "no end": several(node("Slice", "x a"), a=ints(0)),
        "different lengths": several(node("Slice", "x a b c"), a=ints(0), b=ints(1, 2), c=ints(1, 2)),
        "a step": several(node("Slice", "x a b c d"), a=ints(5), b=ints(0), c=ints(1), d=ints(-2)),
        "a computed start": several(
            node("Cast", "x", "s", to=7), node("Slice", "x s s"), shape=(1,)),
    },
    "windows": {
        "pads": single_node("MaxPool", IMAGE, kernel_shape=[2, 2], pads=[1, 1]),
        "negative pads": single_node("MaxPool", IMAGE, kernel_shape=[2, 2], pads=[-1, 0, 0, 0]),
        "strides": single_node("MaxPool", IMAGE, kernel_shape=[2, 2], strides=[2, 2, 2]),
    },
    "walk": {
        "an output": several(node("Relu", "x", "z")),
        "invalid attributes": several(node("Range", "a b c", "d"), node("Add", "x d"),
                      a=np.array(0, np.float32), b=np.array(np.inf, np.float32), c=np.array(1, np.float32)),
        "an axis": single_node("Softmax", axis=7),
        "an operator": single_node("Newest"),
        "a type": several(node("Relu", "x"), types={"x": TensorProto.UINT8}),
    },
}  # fmt: skip
