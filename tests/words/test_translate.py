"""Whole layers as a user of Keras, PyTorch or ONNX writes them, and their translations, each of which can be read."""

from __future__ import annotations

import pytest

from netspec.language.reading.layers import LayerReader
from netspec.language.reading.records import plain_value
from netspec.text.yaml_reader import read
from netspec.words.calls import read_call, read_tuple
from netspec.words.help_texts import layer_text, shape_help, translation_help
from netspec.words.translate import activation, translate

LAYERS = {
    # Keras
    "{Conv2D: {filters: 32, kernel_size: 3, strides: 2, activation: relu}}":
        "{conv2d: 32, kernel: 3, stride: 2, activation: relu}",
    "{Conv2D: 32, kernel_size: [3, 3], padding: SAME, activation: ReLU, kernel_initializer: glorot_uniform}":
        "{conv2d: 32, kernel: [3, 3], padding: same, init: xavier_uniform, activation: relu}",
    "{class_name: Dense, config: {units: 10, activation: linear, use_bias: false, name: fc}}": "{dense: 10, bias: false}",
    "{BatchNormalization: {momentum: 0.99, epsilon: 1e-3}}": "{batch_norm, momentum: 0.01, eps: 0.001}",
    "{DepthwiseConv2D: {kernel_size: 3, padding: same}}": "{depthwise_conv2d: 3, padding: same}",
    "{Conv2DTranspose: {filters: 3, kernel_size: 4, strides: 2, padding: same}}":
        "{conv_transpose2d: 3, kernel: 4, stride: 2, padding: same}",
    "{SeparableConv2D: [64, 3]}": "{separable_conv2d: 64, kernel: 3}",
    "MaxPooling2D": "{max_pool2d: 2}",
    "GlobalAveragePooling2D": "global_avg_pool",
    "{UpSampling2D: {size: 2, interpolation: bilinear}}": "{upsample: 2, mode: bilinear}",
    "{ZeroPadding2D: {padding: [[1, 0], [0, 1]]}}": "{pad: [[1, 0], [0, 1]]}",
    "{ZeroPadding2D: [1, 2]}": "{pad: [[1, 1], [2, 2]]}",
    "{Concatenate: [a, b], axis: -1}": "{concat: [a, b]}",
    "{Add: [a, b]}": "{add: [a, b]}",
    "{Permute: [2, 1]}": "{permute: [1, 0]}",
    "{Reshape: {target_shape: [7, 7, 64]}}": "{reshape: [7, 7, 64]}",
    "{Resizing: {height: 224, width: 224}}": "{upsample, size: [224, 224], mode: bilinear}",
    "{LSTM: {units: 64, return_sequences: true}}": "{lstm: 64}",
    "{Embedding: {input_dim: 1000, output_dim: 64}}": "{embedding: 1000, width: 64}",
    "{MultiHeadAttention: {num_heads: 8, key_dim: 64}}": "{attention: 8}",
    "{Dense: {units: $classes, activation: softmax}}": "{dense: $classes, activation: softmax}",
    "{Conv2D: 8, kernel_size: 1, repeat: 2, first: {strides: 2, filters: 4}}":
        "{conv2d: 8, kernel: 1, repeat: 2, first: {filters: 4, stride: 2}}",
    "{Bidirectional: {LSTM: 16}}": "{lstm: 16, output: last, bidirectional: true}",
    "{TimeDistributed: {Dense: 8}, from: a}": "{dense: 8, from: a}",
    "{Activation: relu}": "relu",
    "{conv2d: 64, kernel_size: 3, trainable: false}": "{conv2d: 64, kernel: 3, freeze: true}",
    "{conv2d: 8, kernel: 3, kernel_initializer: he, bias_initializer: zeros}":
        "{conv2d: 8, kernel: 3, init: {weight: he_normal, bias: zeros}}",
    # PyTorch
    "{Conv2d: {in_channels: 3, out_channels: 64, kernel_size: 7, stride: 2, padding: 3, bias: false}}":
        "{conv2d: 64, kernel: 7, stride: 2, padding: 3, bias: false}",
    "{Conv2d: [3, 64, 3]}": "{conv2d: 64, kernel: 3}",
    "Conv2d(3, 64, kernel_size=3, padding=1)": "{conv2d: 64, kernel: 3, padding: 1}",
    "nn.Linear(512, 10)": "{dense: 10}",
    "nn.Linear(16 * 5 * 5, 2 * 60)": "{dense: $(2 * 60)}",
    "{Linear: [512, 10]}": "{dense: 10}",
    "nn.ReLU(inplace=True)": "relu",
    "{ReLU: {inplace: true}}": "relu",
    "nn.MaxPool2d(3, 2, padding=1)": "{max_pool2d: 3, stride: 2, padding: 1}",
    "{MaxPool2d: [2, 2]}": "{max_pool2d: [2, 2]}",
    "{BatchNorm2d: 64}": "batch_norm",
    "nn.GroupNorm(8, 64)": "{group_norm: 8}",
    "{layer_norm: {normalized_shape: 768, eps: 1e-6}}": "{layer_norm, eps: 1e-6}",
    "nn.Embedding(1000, 64)": "{embedding: 1000, width: 64}",
    "nn.MultiheadAttention(512, 8, batch_first=True)": "{attention: 8}",
    "nn.LSTM(10, 20, 2)": "{lstm: 20, num_layers: 2}",
    "nn.ConvTranspose2d(64, 32, 2, 2)": "{conv_transpose2d: 32, kernel: 2, stride: 2}",
    "{Upsample: {scale_factor: 2, mode: bilinear}}": "{upsample: 2, mode: bilinear}",
    "nn.ZeroPad2d((1, 2, 3, 4))": "{pad: [[3, 4], [1, 2]]}",
    "nn.ReflectionPad2d(3)": "{pad: 3, mode: reflect}",
    "{Flatten: {start_dim: 1}}": "{flatten: 0}",
    "nn.Softmax(dim=1)": "{softmax: 0}",
    "{permute: {dims: [0, 2, 1]}}": "{permute: [1, 0]}",
    "{view: [-1, 128]}": "{reshape: [128]}",
    "nn.Dropout2d(0.2)": "{spatial_dropout: 0.2}",
    "nn.Hardtanh()": "{clamp, low: -1, high: 1}",
    # ONNX, papers and other tools
    "{Conv: {kernel_shape: [3, 3], out_channels: 8, pads: [1, 1, 1, 1], group: 1}}":
        "{conv2d: 8, kernel: [3, 3], padding: 1, groups: 1}",
    "{conv: {filters: 64, size: 3, stride: 1, pad: 1, activation: leaky}}":
        "{conv2d: 64, kernel: 3, stride: 1, padding: 1, activation: leaky_relu}",
    "{fc: 10}": "{dense: 10}",
    "bilstm": None,
    # forms
    "{type: conv2d, filters: 32, kernel: 3}": "{conv2d: 32, kernel: 3}",
    "{dense: {units: 8, activation: relu}}": "{dense: 8, activation: relu}",
    "{name: c1, conv2d: 32, kernel: 3}": "{conv2d: 32, kernel: 3}",
    "{depthwise_conv2d: 1, kernel: 3}": "{depthwise_conv2d: 3}",
    "{depthwise_conv2d: 2, kernel: 3, strides: 2}": "{depthwise_conv2d: 3, stride: 2, multiplier: 2}",
    "{conv2d: 3, filters: 64}": "{conv2d: 64, kernel: 3}",
    "{conv2d: 32, kernel: (3, 3)}": "{conv2d: 32, kernel: [3, 3]}",
    "{conv2d: 32, kernal_size: 3}": "{conv2d: 32, kernel: 3}",
    "{batch_norm: 16}": "batch_norm",
}  # fmt: skip
"""Layers, and what they are here; None for one that needs more than its words say."""


@pytest.mark.parametrize("layer", LAYERS)
def test_layers(layer: str) -> None:
    tree = read(layer)
    assert tree is not None
    translation = translate(plain_value(tree))
    assert translation is not None
    assert translation.problems == ()
    text = layer_text(translation.layer)
    problems: list[str] = []
    translated = read(f"[{text}]")
    assert translated is not None
    LayerReader((), lambda error: problems.append(error.message)).layers(translated, "layers")
    expected = LAYERS[layer]
    assert (text, problems) == (expected, []) if expected is not None else problems


@pytest.mark.parametrize("layer", [
    "relu", "{filters: 32, kernel: 3}", "{conv2d: 3, max_pool2d: 2}", "{$block: 3}", "{}", "[1]", "3", "{Unit: 3}",
    "eval(x)", "{conv2d, " + ", ".join(f"a{n}: 1" for n in range(60)) + "}",
])  # fmt: skip
def test_no_translation(layer: str) -> None:
    tree = read(layer)
    assert tree is not None
    translation = translate(plain_value(tree), {"Unit"})
    assert translation is None or translation.layer == "relu"


@pytest.mark.parametrize(("layer", "problems"), [
    ("{Conv2D: 8, foo: 3}", ("foo",)), ("{nn.ReLU: 6}", ("6",)), ("{softmax: {dim: 0}}", ("dim",)),
    ("{max_pool2d: 2, size: 3}", ("size",)), ("{Conv2d: 8, activation: nothing_like_it}", ("activation",)),
    ("{ZeroPad2d: {padding: [1, 2, 3]}}", ("padding",)),
])  # fmt: skip
def test_problems(layer: str, problems: tuple[str, ...]) -> None:
    tree = read(layer)
    assert tree is not None
    translation = translate(plain_value(tree))
    assert translation is not None
    assert translation.problems == problems


def test_number_of_axes() -> None:
    translation = translate({"conv": 8, "k": 3})
    assert translation is not None
    assert translation.by_window_rank == {n: {f"conv{n}d": 8, "kernel": 3} for n in (1, 2, 3)}
    assert translation_help(translation, "{conv1d: 8, kernel: 3}", True, 1) == "write {conv1d: 8, kernel: 3}"
    assert (
        translation_help(translation, "{conv2d: 8, kernel: 3}", True)
        == "write {conv2d: 8, kernel: 3}; conv1d or conv3d on other inputs"
    )


@pytest.mark.parametrize(("written", "here"), [
    ("ReLU", "relu"), ("nn.ReLU()", "relu"), ("swish", "silu"), ({"LeakyReLU": 0.1}, {"leaky_relu": 0.1}),
    ({"leaky_relu": {"negative_slope": 0.1}}, {"leaky_relu": 0.1}), ("F.gelu", "gelu"), ("$act", "$act"),
    ({"Softplus": {"beta": 2}}, {"softplus": {"beta": 2}}), ("hardtanh", {"clamp": {"low": -1, "high": 1}}),
    ("prelu", None), ("conv2d", None), ("foo", None), (3, None), ({"relu": 1, "elu": 2}, None),
])  # fmt: skip
def test_activations(written: object, here: object) -> None:
    assert activation(written) == here


@pytest.mark.parametrize(("text", "call"), [
    ("ReLU()", {"ReLU": None}), ("nn.Conv2d(3, 8, 3)", {"nn.Conv2d": {"in_channels": 3, "out_channels": 8, "kernel_size": 3}}),
    ("Foo(3)", {"Foo": 3}), ("Foo(3, 4)", None), ("Foo(", None), ("f(**x)", None), ("f(g(1))", {"f": {"g": 1}}), ("f(x)(1)", None), ("f(1)(x)", {"f": 1}), ("relu", None),
    ("Dense(10, activation=nn.relu)", {"Dense": {"units": 10, "activation": "nn.relu"}}), ("(" * 200 + ")", None),
    ("Conv2D(8, (3, 3))", {"Conv2D": {"filters": 8, "kernel_size": [3, 3]}}), ("f(lambda: 1)", None),
])  # fmt: skip
def test_calls(text: str, call: object) -> None:
    assert read_call(text) == call


@pytest.mark.parametrize(("value", "listed"), [
    ("(3, 3)", [3, 3]), ("((1, 1), (2, 2))", [[1, 1], [2, 2]]), ("(3", "(3"), ("(a, b)", "(a, b)"), (3, 3), ("({},)", "({},)"),
    ("(" * 250 + ")", "(" * 250 + ")"),
])  # fmt: skip
def test_tuples(value: object, listed: object) -> None:
    assert read_tuple(value) == listed


@pytest.mark.parametrize(("text", "help"), [
    ("(3, 32, 32)", "write [3, 32, 32]"), ("3x32x32", "write [3, 32, 32]"), ("3, 32, 32", "write [3, 32, 32]"),
    ("784", "write [784]"), ("(None, 3, 32, 32)", "the batch axis is implied: write [3, 32, 32]"), ("image", None),
    ("(3, 32, 32", "write [3, 32, 32]"), ("3 32 32", "write [3, 32, 32]"), ("(784,)", "write [784]"),
])  # fmt: skip
def test_shapes(text: str, help: str | None) -> None:
    assert shape_help(text) == help
