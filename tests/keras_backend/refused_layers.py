"""Layers of Keras that are refused, by the family of their rules: each shows one message."""

from __future__ import annotations

from typing import Any, NamedTuple

from .configs import entry, functional, layer, operation, tensor


class Refused(NamedTuple):
    """A layer ``f`` that reads ``x``, and the shape of that."""

    form: dict[str, Any]
    shape: tuple[int | None, ...] = (4, 6)
    others: tuple[dict[str, Any], ...] = ()
    """Layers before it: ``y``, ``z``."""

    def config(self) -> dict[str, Any]:
        """The configuration of a model with this layer."""
        given = [["x", 0, 0], *([other["name"], 0, 0] for other in self.others if other["class_name"] == "InputLayer")]
        return functional(entry("x", *self.shape), *self.others, self.form, inputs=given)


IMAGE = (8, 8, 3)
Y = (entry("y", 4, 6),)
VECTOR = (entry("y", 6),)


def single_layer(class_name: str, shape: tuple[int | None, ...] = (4, 6), **config: Any) -> Refused:
    """A layer that reads ``x``."""
    return Refused(layer(class_name, "f", "x", **config), shape)


def called(
    class_name: str, *args: Any, others: tuple[dict[str, Any], ...] = (), kwargs: Any = None, **config: Any
) -> Refused:
    """A layer with several arguments; texts are names of layers."""
    given: dict[str, Any] = {"args": [tensor(a) if isinstance(a, str) else a for a in args], "kwargs": kwargs or {}}
    return Refused(layer(class_name, "f", given, **config), others=others)


def function(
    class_name: str,
    *args: Any,
    shape: tuple[int | None, ...] = (4, 6),
    others: tuple[dict[str, Any], ...] = (),
    **config: Any,
) -> Refused:
    """A function of ``keras.ops`` of ``x`` and other arguments."""
    return Refused(operation(class_name, "f", "x", *args, **config), shape, others)


def wrapped(class_name: str, inner: dict[str, Any], shape: tuple[int | None, ...] = (4, 6), **config: Any) -> Refused:
    """A layer around another one."""
    return single_layer(class_name, shape, layer=inner, **config)


def numbers(value: Any, dtype: str = "float32") -> dict[str, Any]:
    """A constant among the arguments of a call."""
    return {"class_name": "__numpy__", "config": {"value": value, "dtype": dtype}}


ATTENTION: dict[str, Any] = {"num_heads": 2, "key_dim": 3, "value_dim": 3}
LSTM: dict[str, Any] = layer("LSTM", "inner", units=3)
NORMAL = layer("Normalization", "inner")
MASKED = (layer("Embedding", "y", "x", input_dim=9, output_dim=6, mask_zero=True),)
FUNCTION = {"module": "builtins", "class_name": "function", "config": "my_function", "registered_name": "function"}
FAMILIES: dict[str, dict[str, Refused]] = {
    "layers": {
        "code": single_layer("Lambda"),
        "another package": Refused(layer("MyLayer", "f", "x", module="my.package")),
        "quantised": single_layer("Dense", units=2, dtype={"class_name": "QuantizedDTypePolicy", "config": {"mode": "int8", "name": "int8_from_float32"}}),
        "unknown": single_layer("NewLayer"),
        "strings": single_layer("StringLookup"),
        "no input": Refused(layer("Dense", "f", {"args": [3], "kwargs": {}}, units=2)),
        "another axis": single_layer("Softmax", axis=5),
        "the batch": single_layer("Softmax", axis=0),
        "an open size": single_layer("Dense", (4, None), units=2),
        "masked positions": Refused(layer("LSTM", "f", "y", units=3), (4,), MASKED),
        "no such layer": Refused(layer("Dense", "f", "nothing", units=2)),
        "missing": single_layer("Dense"),
        "not an integer": single_layer("Dense", units="many"),
        "not a number": single_layer("ELU", alpha="x"),
        "not a flag": single_layer("Dense", units=2, use_bias="x"),
        "not a string": single_layer("Conv1D", filters=2, kernel_size=2, padding=3),
        "sizes": single_layer("Conv1D", filters=2, kernel_size=[2, 2]),
        "large sizes": single_layer("Conv1D", filters=2, kernel_size=1 << 33),
        "integers": single_layer("Softmax", axis=["x"]),
        "another value": single_layer("LSTM", units=3, activation="relu"),
        "shapes that do not fit": single_layer("Reshape", target_shape=[5, 5]),
        "an invalid argument": single_layer("Dropout", rate=7.0),
    },
    "activation": {
        "a number": single_layer("Activation", activation=3),
        "a function": single_layer("Activation", activation=FUNCTION | {"module": "my.package"}),
        "a registered function": single_layer("Activation", activation=FUNCTION | {"config": "my>act"}),
        "an unknown function": single_layer("Activation", activation="newest"),
        "an unknown layer": single_layer("Activation", activation={"module": "keras.layers", "class_name": "Newest", "config": {}}),
        "several axes": single_layer("Softmax", axis=[1, 2]),
        "a mask": called("Softmax", "x", "y", others=Y),
        "a slope": function("LeakyRelu", "x"),
    },
    "attention": {
        "other axes": called("MultiHeadAttention", "x", "x", attention_axes=[2], **ATTENTION),
        "a mask of values": called("Attention", "x", "y", "x", "x", others=Y),
        "a window": called("GroupedQueryAttention", "x", "x", sliding_window=2, head_dim=2, num_query_heads=2, num_key_value_heads=1),
        "scores": called("MultiHeadAttention", "x", "x", kwargs={"return_attention_scores": True}, **ATTENTION),
        "a mask of queries": called("MultiHeadAttention", "x", "x", kwargs={"query_mask": tensor("x")}, **ATTENTION),
        "no value": called("MultiHeadAttention", "x", **ATTENTION),
        "several axes": Refused(layer("MultiHeadAttention", "f", {"args": [tensor("x"), tensor("x")], "kwargs": {}}, **ATTENTION), IMAGE),
        "a constant mask": called("MultiHeadAttention", "x", "x", kwargs={"attention_mask": numbers([[True]], "bool")}, **ATTENTION),
        "several output axes": called("MultiHeadAttention", "x", "x", output_shape=[2, 3], **ATTENTION),
    },
    "conv": {
        "groups": single_layer("Conv2D", IMAGE, filters=4, kernel_size=3, groups=2),
        "transposed groups": single_layer("Conv2DTranspose", IMAGE, filters=4, kernel_size=3, groups=3),
        "padding": single_layer("Conv2D", IMAGE, filters=4, kernel_size=3, padding="full"),
        "axes": single_layer("Conv2D", filters=4, kernel_size=3),
        "another layout": Refused(
            layer("Conv2D", "f", "y", filters=4, kernel_size=3, data_format="channels_first"), IMAGE,
            (layer("Conv2D", "y", "x", filters=4, kernel_size=3, data_format="channels_last"),)),
    },
    "dense": {
        "an unknown kernel": single_layer("EinsumDense", equation="abc,cd->abd", output_shape=[None, None]),
        "axes of the bias": single_layer("EinsumDense", equation="abc,cd->abd", output_shape=[None, 2], bias_axes="z"),
        "an equation": single_layer("EinsumDense", equation="abc->abc", output_shape=[4, 6]),
        "an equation for more axes": single_layer("EinsumDense", equation="...abcd,cd->...ab", output_shape=[4]),
        "an equation over the batch": single_layer("EinsumDense", equation="abc,ad->bcd", output_shape=[4, 6]),
        "sizes": single_layer("EinsumDense", equation="abc,cd->abd", output_shape="large"),
    },
    "elementwise": {
        "no tensor": Refused(operation("Add", "f", 1, 2)),
        "an operand": function("Add", {"class_name": "Other", "config": {"a": 1}}),
        "texts": function("Add", numbers(["a"])),
        "a table of integers": function("Add", numbers([1, 2, 3, 4, 5, 6], "int32")),
        "rows of different lengths": function("Add", numbers([[1], [2, 3]])),
        "not finite": function("Add", float("inf")),
        "tensors as bounds": Refused(operation("Clip", "f", "x", "x", "x")),
        "another type": function("Cast", dtype="complex64"),
        "a scale": single_layer("Rescaling", scale="x"),
        "three inputs": Refused(layer("Subtract", "f", ["x", "x", "x"])),

        "a mean": single_layer("Normalization", mean="x", variance=[1.0]),
        "means of another axis": single_layer("Normalization", IMAGE, axis=1, mean=[1.0] * 8, variance=[1.0] * 8),
    },
    "merge": {
        "one tensor": Refused(layer("Add", "f", ["x"])),
        "no tensors": Refused(operation("Stack", "f", [])),
        "in front": Refused(operation("Stack", "f", [tensor("x"), tensor("x")], axis=0)),
        "three factors": Refused(layer("Dot", "f", ["x", "x", "x"], axes=1)),
        "a pattern": Refused(operation("Einsum", "f", tensor("x"), subscripts="abc,abc")),
        "the batch": Refused(operation("Einsum", "f", tensor("x"), tensor("x"), subscripts="abc,abd->cd")),
        "repeats": function("Tile", "x"),
        "repeated examples": function("Tile", [2, 1, 1]),
        "different repeats": function("Repeat", [1, 2], 1),
    },
    "norm": {
        "several axes": single_layer("BatchNormalization", axis=[1, 2]),
        "another order": function("Norm", ord=1),
        "another order of vectors": function("Normalize", order=1),
    },
    "pool": {"padding": single_layer("MaxPooling2D", IMAGE, pool_size=2, padding="full")},
    "recurrent": {
        "a cell": single_layer("RNN", cell=layer("MyCell", "cell", units=2)),
        "a reset before": single_layer("GRU", units=3, reset_after=False),
        "different settings": wrapped("Bidirectional", LSTM, backward_layer=layer("LSTM", "back", units=4, go_backwards=True)),
        "states of cells": Refused(
            layer("RNN", "f", {"args": [tensor("x"), tensor("y"), tensor("y")], "kwargs": {}},
                  cell=layer("StackedRNNCells", "cells", cells=[layer("LSTMCell", "a", units=6), layer("LSTMCell", "b", units=6)])), others=VECTOR),
        "a cell without configuration": single_layer("RNN", cell=layer("StackedRNNCells", "cells", cells=[{"class_name": "LSTMCell"}])),
        "axes": single_layer("LSTM", (6,), units=3),
        "states": called("LSTM", "x", "y", units=6, others=VECTOR),
        "another layer": wrapped("Bidirectional", layer("Dense", "inner", units=3)),
        "states of both": Refused(layer("Bidirectional", "f", ["x", "y"], layer=LSTM), others=VECTOR),
        "the same direction": wrapped("Bidirectional", layer("LSTM", "inner", units=3, go_backwards=True)),
        "a way to merge": wrapped("Bidirectional", LSTM, merge_mode="max"),
    },
    "reduce": {"without an axis": function("Mean")},
    "resize": {
        "padding": single_layer("ZeroPadding2D", IMAGE, padding="x"),
        "interpolation": single_layer("UpSampling2D", IMAGE, size=2, interpolation="lanczos"),
        "interpolation of images": single_layer("Resizing", IMAGE, height=16, width=16, interpolation="lanczos"),
        "neighbours": single_layer("Resizing", IMAGE, height=12, width=12, interpolation="nearest"),
        "antialias": function("Resize", [4, 4], shape=IMAGE, antialias=True),
        "the aspect ratio": function("Resize", [4, 4], shape=IMAGE, crop_to_aspect_ratio=True),
        "a size": function("Resize", "x", shape=IMAGE),
        "a crop": single_layer("CenterCrop", IMAGE, height=16, width=16),
        "a random crop": single_layer("RandomCrop", IMAGE, height=16, width=16),
        "pairs": function("Pad", [[1, 1]]),
        "negative pairs": function("Pad", [[0, 0], [-1, 0], [0, 0]]),
        "the batch": function("Pad", [[1, 0], [0, 0], [0, 0]]),
        "a mode": function("Pad", [[0, 0], [1, 0], [0, 0]], mode="median"),
    },
    "shape": {
        "a shape": single_layer("Reshape", target_shape=3),
        "a negative size": single_layer("Reshape", target_shape=[-2]),
        "no sizes": function("Reshape", "x"),
        "a batch": function("Reshape", [2, 4, 6]),
        "a merged batch": function("Reshape", [-1, 3]),
        "an order": single_layer("Permute", dims=[1, 1]),
        "an order with the batch": function("Transpose", [1, 0, 2]),
        "parts": function("Split", "x", 1),
        "ellipses": function("GetItem", [{"class_name": "__ellipsis__", "config": {}}, {"class_name": "__ellipsis__", "config": {}}]),
        "examples": function("GetItem", [0, 1]),
        "positions": function("GetItem", [{"class_name": "__slice__", "config": {"start": None, "stop": None, "step": None}}, "x"]),
        "a range of tensors": function("GetItem", [
            {"class_name": "__slice__", "config": {}}, {"class_name": "__slice__", "config": {"start": 0, "stop": "x", "step": None}}]),
        "more axes": function("GetItem", [{"class_name": "__slice__", "config": {}}] * 4),
        "backwards": function("GetItem", [
            {"class_name": "__slice__", "config": {}}, {"class_name": "__slice__", "config": {"start": 3, "stop": 0, "step": -1}}]),
    },
    "wrappers": {
        "a layer": wrapped("TimeDistributed", NORMAL),
        "a layer with spectra": wrapped("SpectralNormalization", layer("Newest", "inner")),
        "another package": wrapped("TimeDistributed", layer("Dense", "inner", module="my.package", units=3)),
        "no layer": single_layer("TimeDistributed", layer=3),
    },
}  # fmt: skip
