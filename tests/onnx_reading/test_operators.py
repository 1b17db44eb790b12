"""Each operator: what it is in netspec, and that ONNX Runtime gives the same outputs for both files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from netspec.importing.result import import_source
from netspec.weights.numpy_types import Array
from netspec_onnx.reading import reader

from .support import Shape, model, node, operations, random

IMAGE: Shape = ("N", 4, 6, 8)
ROWS: Shape = ("N", 5, 6)
VECTOR: Shape = ("N", 6)


def body(inputs: str, outputs: str, nodes: Sequence[onnx.NodeProto], **tensors: Array) -> onnx.GraphProto:
    """The body of a ``Scan``."""
    read, written = (
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in names.split()]
        for names in (inputs, outputs)
    )
    stored = [numpy_helper.from_array(t, n) for n, t in tensors.items()]
    return helper.make_graph(list(nodes), "body", read, written, stored)


STEP = body(
    "h_i a_i b_i", "n_i o_i",
    [node("Mul", "a_i h_i", "k_i"), node("Add", "k_i b_i", "n_i"), node("Identity", "n_i", "o_i")],
)  # fmt: skip
EACH = body(
    "c f", "o", [node("Unsqueeze", "c ax", "l"), node("Conv", "l f", "d"), node("Squeeze", "d ax", "o")], ax=np.array([0])
)  # fmt: skip


class Case(NamedTuple):
    """A model, and the operations that it becomes."""

    nodes: Sequence[onnx.NodeProto]
    shape: Shape
    tensors: Mapping[str, Array]
    expected: list[str]
    opset: int = 17
    dtype: int = TensorProto.FLOAT


def single(operator: str, shape: Shape, expected: list[str], more: str = "", opset: int = 17, **given: Any) -> Case:
    """One node of ``x`` and of tensors that are given as arrays."""
    tensors: dict[str, Array] = {k: v for k, v in given.items() if isinstance(v, np.ndarray)}
    attributes = {k: v for k, v in given.items() if k not in tensors}
    return Case([node(operator, f"x {more or ' '.join(tensors)}", **attributes)], shape, tensors, expected, opset)


def ints(*numbers: int) -> Array:
    return np.array(numbers, np.int64)


def flt(*numbers: float) -> Array:
    return np.array(numbers, np.float32)


CASES: dict[str, Case] = {
    "conv": single("Conv", IMAGE, ["conv2d"], w=random(3, 4, 3, 3), b=random(3), pads=[1, 1, 1, 1], strides=[2, 2]),
    "conv, uneven pads": single("Conv", IMAGE, ["conv2d"], w=random(3, 4, 3, 3), pads=[0, 1, 1, 2]),
    "conv, same": single("Conv", IMAGE, ["conv2d"], w=random(3, 4, 3, 3), auto_pad="SAME_UPPER", strides=[2, 2]),
    "conv, same lower": single("Conv", IMAGE, ["conv2d"], w=random(3, 4, 2, 2), auto_pad="SAME_LOWER", kernel_shape=[2, 2]),
    "conv in groups": single("Conv", ("N", 4, 9), ["conv1d"], w=random(8, 2, 3), group=2, dilations=[2]),
    "conv_transpose": single("ConvTranspose", IMAGE, ["conv_transpose2d"], w=random(4, 3, 3, 3), strides=[2, 2]),
    "max_pool": single("MaxPool", IMAGE, ["max_pool2d"], kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1),
    "avg_pool": single("AveragePool", IMAGE, ["avg_pool2d"], kernel_shape=[2, 2], pads=[1, 1, 1, 1]),
    "global": single("GlobalAveragePool", IMAGE, ["global_avg_pool"]),
    "global of a sequence": single("GlobalMaxPool", ROWS, ["max"]),
    "batch_norm": single(
        "BatchNormalization", IMAGE, ["batch_norm"], s=random(4), b=random(4), m=random(4), v=flt(1, 2, 0.5, 1)
    ),
    "instance_norm": single("InstanceNormalization", IMAGE, ["instance_norm"], s=random(4), b=random(4)),
    "group_norm": single("GroupNormalization", IMAGE, ["group_norm"], s=random(2), b=random(2), num_groups=2, opset=18),
    "layer_norm": single("LayerNormalization", ROWS, ["layer_norm"], s=random(6), b=random(6)),
    "layer_norm without bias": single("LayerNormalization", ROWS, ["layer_norm"], s=random(5, 6), axis=1),
    "lrn": single("LRN", IMAGE, ["local_response_norm"], size=3),
    "gemm": single("Gemm", VECTOR, ["dense"], w=random(3, 6), b=random(3), transB=1),
    "gemm, scaled": single("Gemm", VECTOR, ["dense"], w=random(6, 3), b=random(1, 3), alpha=0.5, beta=2.0),
    "matmul": single("MatMul", ROWS, ["dense"], w=random(6, 3)),
    "matmul of a vector": single("MatMul", ROWS, ["dense", "reshape"], w=random(6)),
    "matmul from the left": Case([node("MatMul", "w x")], ROWS, {"w": random(3, 5)}, ["matmul"]),
    "einsum": single("Einsum", ROWS, ["einsum"], w=random(6, 2), equation="bsi,io->bso"),
    "softmax": single("Softmax", ROWS, ["softmax"], axis=1),
    "softmax of old": single("Softmax", ("N", 3, 1, 1), ["softmax"], opset=9, axis=1),
    "softmax of old over all": single("Softmax", ROWS, ["reshape", "softmax", "reshape"], opset=9, axis=1),
    "clip": single("Clip", ROWS, ["relu6"], more="low high", low=np.array(0, np.float32), high=np.array(6, np.float32)),
    "clip of old": single("Clip", ROWS, ["clamp"], opset=9, min=-0.5, max=0.5),
    "leaky_relu": single("LeakyRelu", ROWS, ["leaky_relu"], alpha=0.1),
    "prelu": single("PRelu", IMAGE, ["prelu"], w=random(4, 1, 1)),
    "hard_sigmoid": single("HardSigmoid", ROWS, ["rescale", "clamp"]),
    "gelu": single("Gelu", ROWS, ["gelu"], approximate="tanh", opset=20),
    "floor": single("Floor", ROWS, ["formula", "cast"]),
    "add a number": single("Add", ROWS, ["rescale"], b=flt(2.0)),
    "a number minus": Case([node("Sub", "a x")], ROWS, {"a": flt(2.0)}, ["rescale"]),
    "multiply by a vector": single("Mul", ROWS, ["multiply"], b=random(6)),
    "a number divided by": Case([node("Div", "a x")], ROWS, {"a": flt(2.0)}, ["divide"]),
    "square": Case([node("Mul", "x x")], ROWS, {}, ["square"]),
    "min": single("Min", ROWS, ["formula"], b=random(6)),
    "pow": single("Pow", ROWS, ["square"], b=flt(2.0)),
    "greater": Case(
        [node("Greater", "x a", "m"), node("Where", "m x a")], ROWS, {"a": flt(0.1)}, ["formula", "formula"]
    ),
    "reshape": single("Reshape", ROWS, ["reshape"], s=ints(0, 3, -1)),
    "flatten": single("Flatten", IMAGE, ["flatten"]),
    "transpose": single("Transpose", IMAGE, ["permute"], perm=[0, 2, 3, 1]),
    "transpose of the batch": Case(
        [node("Transpose", "x", "t", perm=[1, 0, 2]), node("Relu", "t", "r"), node("Transpose", "r", perm=[1, 0, 2])],
        ROWS,
        {},
        ["relu"],
    ),
    "unsqueeze": single("Unsqueeze", ROWS, ["reshape"], a=ints(2)),
    "squeeze of old": single("Squeeze", ("N", 1, 4), ["reshape"], opset=11, axes=[1]),
    "concat": Case([node("Concat", "x x", axis=2)], ROWS, {}, ["concat"]),
    "concat with a token": Case(
        [
            node("Shape", "x", "shape"),
            node("Slice", "shape zero one", "batch"),
            node("Concat", "batch rest", "wide", axis=0),
            node("Expand", "token wide", "tokens"),
            node("Concat", "tokens x", axis=1),
        ],
        ROWS,
        {"token": random(1, 1, 6), "zero": ints(0), "one": ints(1), "rest": ints(1, 6)},
        ["concat"],
    ),
    "split": Case([node("Split", "x s", "a b", axis=2), node("Add", "b b")], ROWS, {"s": ints(4, 2)}, ["split", "add"]),
    "slice": single("Slice", ROWS, ["slice"], a=ints(1, -3), b=ints(3, 2**62), c=ints(1, 2), d=ints(1, 2)),
    "slice backwards": single("Slice", ROWS, ["flip"], a=ints(-1), b=ints(-(2**62)), c=ints(1), d=ints(-1)),
    "expand": single("Expand", ("N", 1, 6), ["expand"], s=ints(1, 3, 6)),
    "tile": single("Tile", ROWS, ["concat"], r=ints(1, 2, 1)),
    "pad": single("Pad", IMAGE, ["pad"], p=ints(0, 0, 1, 2, 0, 0, 0, 1), mode="reflect"),
    "pad of old": single("Pad", IMAGE, ["pad"], opset=9, pads=[0, 0, 1, 1, 0, 0, 1, 1], value=0.5),
    "depth_to_space": single("DepthToSpace", IMAGE, ["reshape", "permute", "reshape", "pixel_shuffle"], blocksize=2),
    "space_to_depth": single("SpaceToDepth", IMAGE, ["pixel_unshuffle", "reshape", "permute", "reshape"], blocksize=2),
    "resize, nearest": single("Resize", IMAGE, ["upsample"], "_ scales", scales=flt(1, 1, 2, 2), mode="nearest"),
    "resize, other neighbours": single(
        "Resize", (1, 4, 6, 8), ["gather", "gather"], "_ _ sizes", sizes=ints(1, 4, 9, 11), mode="nearest"
    ),
    "resize, linear": single("Resize", IMAGE, ["upsample"], "_ scales", scales=flt(1, 1, 2, 1.5), mode="linear"),
    "resize, one row": single(
        "Resize", (1, 4, 6, 8), ["upsample"], "_ _ sizes", sizes=ints(1, 4, 1, 4), mode="linear"
    ),
    "resize, corners": single(
        "Resize", IMAGE, ["upsample"], "_ scales", scales=flt(1, 1, 2, 2), mode="linear",
        coordinate_transformation_mode="align_corners",
    ),
    "upsample": single("Upsample", IMAGE, ["upsample"], opset=9, s=flt(1, 1, 2, 3)),
    "mean": single("ReduceMean", IMAGE, ["mean"], axes=[2, 3], keepdims=0),
    "sum": single("ReduceSum", ROWS, ["sum"], a=ints(-1)),
    "norm": single("ReduceL2", ROWS, ["square", "sum", "sqrt"], axes=[2]),
    "select": single("Gather", ROWS, ["select"], i=np.array(-1), axis=1),
    "a range by numbers": single("Gather", ROWS, ["slice"], i=ints(1, 2, 3), axis=1),
    "gather": single("Gather", ROWS, ["gather"], i=ints(3, 0, 0), axis=1),
    "embedding": Case([node("Gather", "w x")], ("N", 7), {"w": random(9, 3)}, ["embedding"], dtype=TensorProto.INT64),
    "gather by examples": Case(
        [node("ArgMax", "x", "j", axis=1, keepdims=0), node("Unsqueeze", "j u", "i"), node("GatherND", "x i", batch_dims=1)],
        ROWS,
        {"u": ints(-1)},
        ["argmax", "reshape", "reshape", "gather"],
    ),
    "where, infinite": Case(
        [node("Less", "x a", "m"), node("Where", "m b x", "z"), node("Softmax", "z", axis=2)],
        ROWS,
        {"a": flt(0), "b": np.array(-np.inf, np.float32)},
        ["formula", "formula", "softmax"],
    ),
    "grid_sample": Case(
        [
            node("Slice", "x a b c", "g"), node("Transpose", "g", "t", perm=[0, 2, 3, 1]),
            node("GridSample", "x t", mode="bicubic", padding_mode="border", align_corners=1),
        ],
        IMAGE, {"a": ints(0), "b": ints(2), "c": ints(1)}, ["slice", "permute", "grid_sample"],
    ),
    "grid_sample, later": Case(
        [
            node("Slice", "x a b c", "g"), node("Transpose", "g", "t", perm=[0, 2, 3, 1]),
            node("GridSample", "x t", mode="linear"),
        ],
        IMAGE, {"a": ints(0), "b": ints(2), "c": ints(1)}, ["slice", "permute", "grid_sample"], opset=20,
    ),
    "scatter_add": Case(
        [
            node("ArgMax", "x", "i", axis=2, keepdims=1), node("Expand", "i s", "j"), node("Shape", "x", "n"),
            node("ConstantOfShape", "n", "z"), node("ScatterElements", "z j x", axis=2, reduction="add"),
        ],
        ROWS, {"s": ints(1, 1, 6)}, ["argmax", "expand", "scatter_add"],
    ),
    "mask of top_k": Case(
        [
            node("TopK", "x k", "v i", axis=2), node("Less", "x x", "no"), node("Equal", "i i", "yes"),
            node("ScatterElements", "no i yes", "m", axis=2), node("Where", "m x a"),
        ],
        ROWS, {"k": ints(2), "a": flt(0)}, ["top_k", "formula"], opset=18,
    ),
    "sort": Case([node("TopK", "x k", "y i", axis=1, largest=0)], ROWS, {"k": ints(5)}, ["sort"]),
    "recurrence": Case(
        [
            node("Sigmoid", "x", "a"), node("Shape", "x", "n"), node("Gather", "n o", "s"), node("ConstantOfShape", "s", "z"),
            node("Scan", "z a x", "last y", body=STEP, num_scan_inputs=2, scan_input_axes=[1, 1], scan_output_axes=[1]),
        ],
        ROWS, {"o": ints(0, 2)}, ["sigmoid", "recurrence"],
    ),
    "conv of each example": Case(
        [
            node("GlobalAveragePool", "x", "p"), node("Mul", "w p", "v"), node("Reshape", "v s", "f"),
            node("Scan", "x f", body=EACH, num_scan_inputs=2),
        ],
        IMAGE, {"w": random(1, 4, 1, 12), "s": ints(-1, 4, 4, 3, 1)}, ["global_avg_pool", "multiply", "reshape", "conv2d"],
    ),
    "argmax": single("ArgMax", ROWS, ["argmax"], axis=2, keepdims=0),
    "top_k": Case([node("TopK", "x k", "y i", axis=1)], ROWS, {"k": ints(2)}, ["top_k"]),
    "cumsum": single("CumSum", ROWS, ["cumsum"], a=np.array(1)),
    "lstm": Case(
        [node("Transpose", "x", "t", perm=[1, 0, 2]), node("LSTM", "t w r b", "y", hidden_size=4)],
        ROWS,
        {"w": random(1, 16, 6), "r": random(1, 16, 4), "b": random(1, 32)},
        ["lstm", "reshape"],
    ),
    "gru in two directions": Case(
        [
            node("Transpose", "x", "t", perm=[1, 0, 2]),
            node("GRU", "t w r", "y", hidden_size=4, direction="bidirectional", linear_before_reset=1),
        ],
        ROWS,
        {"w": random(2, 12, 6), "r": random(2, 12, 4)},
        ["gru", "reshape"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_operator(name: str) -> None:
    case = CASES[name]
    integers = [out for n in case.nodes if n.op_type == "ArgMax" for out in n.output]
    types = {"x": case.dtype, **dict.fromkeys(integers, TensorProto.INT64)}
    source = reader.read_model(model(case.nodes, {"x": case.shape}, case.tensors, opset=case.opset, types=types))
    source.network.remove_unread()
    assert operations(source.network) == case.expected
    result = import_source(source)
    assert result.proof.outputs is not None
    assert result.proof.outputs.agrees
    assert result.proof.outputs.skipped == ()
