"""Layers in the words of Keras and PyTorch: the full help, and the layer that follows it, compared with the original."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import pytest

import netspec
from netspec.checking.spec import Spec
from netspec.checking.verified_suggestions import with_suggestion

IMAGE = "[3, 20, 64]"
SEQUENCE = "[20, 64]"
FRAMES = "{shape: [4, 3, 20, 64], axes: [frames, channels, height, width]}"


class Row(NamedTuple):
    """A layer as it is written, and what it means."""

    input: str
    layer: str
    help: str
    original: str = ""
    """The call in Python that it means, if it is not one itself; it reads ``x``, which has the batch axis."""


_KERAS_AXIS = "'axis' is not needed: the last axis of Keras is that of the channels, which the layer finds"
_BATCH_NORM = "Keras's defaults are eps: 0.001 and momentum: 0.01 (its 0.99 is the weight of the past)"
_FRAMES = "`axes: [frames, …]` in the input names that axis"
_INPUT = "it is that of the tensor that arrives"
_ROWS = (
    # axes that are swapped
    Row(SEQUENCE, "{transpose: [1, 2]}", "write {permute: [1, 0]}", "x.transpose(1, 2)"),
    Row(SEQUENCE, "{transpose: {dim0: 1, dim1: 2}}", "write {permute: [1, 0]}", "x.transpose(1, 2)"),
    Row(IMAGE, "{x.transpose: [1, -1]}", "write {permute: [2, 1, 0]}", "x.transpose(1, -1)"),
    Row(IMAGE, "{swapaxes: [1, 2]}", "write {permute: [1, 0, 2]}", "x.swapaxes(1, 2)"),
    Row(SEQUENCE, "x.transpose(1, 2)", "write {permute: [1, 0]}"),
    Row(IMAGE, "torch.transpose(x, -1, -2)", "write {permute: [0, 2, 1]}"),
    Row(IMAGE, "x.movedim(1, -1)", "write {permute: [1, 2, 0]}"),
    Row(IMAGE, "x.permute(0, 2, 3, 1)", "write {permute: [1, 2, 0]}"),
    Row(SEQUENCE, "{transpose: [0, 1]}", "'transpose' is called 'permute' in netspec; axis 0 is the batch, which no "
        "layer changes; 'permute' needs 'order'"),
    # axes of methods and functions
    Row(SEQUENCE, "x.mean(1)", "write {mean: 0}"),
    Row(SEQUENCE, "{x.mean: 1}", "write {mean: 0}", "x.mean(1)"),
    Row(IMAGE, "x.mean([2, 3])", "write {mean: [1, 2]}"),
    Row(SEQUENCE, "x.sum(1, keepdim=True)", "write {sum: 0, keepdims: true}"),
    Row(SEQUENCE, "x.flip(1)", "write {flip: 0}"),
    Row(SEQUENCE, "x.unsqueeze(1)", "write {unsqueeze: 0}"),
    Row("[20, 1]", "x.squeeze(2)", "write {squeeze: 1}"),
    Row(SEQUENCE, "nn.Softmax(dim=1)", "write {softmax: 0}"),
    Row(SEQUENCE, "F.softmax(x, dim=-1)", "write {softmax: -1}"),
    Row(SEQUENCE, "x.mean(0)", "axis 0 is the batch, which no layer changes"),
    Row(SEQUENCE, "x.split(8, dim=1)", "a number is the size of each part in PyTorch, and the number of parts here; "
        "'split' needs 'parts'"),
    # the last axis of Keras
    Row(IMAGE, "{BatchNormalization: {axis: -1}}",
        f"'BatchNormalization' is called 'batch_norm' in netspec; {_KERAS_AXIS}; {_BATCH_NORM}"),
    Row(IMAGE, "{LayerNormalization: {axis: -1, epsilon: 0.001}}",
        f"write {{layer_norm, eps: 0.001}}; {_KERAS_AXIS}"),
    Row(IMAGE, "{concatenate: [input, input], axis: -1}", f"write {{concat: [input, input]}}; {_KERAS_AXIS}",
        "torch.cat([x, x], 1)"),
    # arguments that matter
    Row(SEQUENCE, "nn.LayerNorm([20, 64])", "write {layer_norm, axis: [-2, -1]}"),
    Row(SEQUENCE, "{LayerNorm: [20, 64]}", "write {layer_norm, axis: [-2, -1]}", "nn.LayerNorm([20, 64])"),
    Row(SEQUENCE, "{layer_norm: [20, 64]}", "write 'layer_norm' alone, with `axis: [-2, -1]`"),
    Row(SEQUENCE, "nn.Softplus(2)", "write {softplus, beta: 2}"),
    Row(SEQUENCE, "{ReLU: {max_value: 6}}", "write relu6", "nn.ReLU6()"),
    Row(SEQUENCE, "ReLU(max_value=6)", "write relu6", "nn.ReLU6()"),
    Row(SEQUENCE, "{ReLU: 5}", "write {clamp, low: 0, high: 5}", "nn.Hardtanh(0, 5)"),
    Row(SEQUENCE, "ReLU(negative_slope=0.1)", "write {leaky_relu: 0.1}", "nn.LeakyReLU(0.1)"),
    Row(IMAGE, "PReLU(shared_axes=[1, 2])", "'PReLU' is called 'prelu' in netspec; 'shared_axes' has no equivalent; "
        "with the number of channels as `num_parameters`, each channel has a slope; "
        "Keras's default of one slope for each element has no equivalent"),
    Row(SEQUENCE, "MultiHeadAttention(num_heads=4, key_dim=64)", "write {attention: 4}; 'key_dim' is not needed: it is "
        "the width of the tensor that arrives, divided by the heads; with another width, write 'dense' layers around "
        "'dot_product_attention'"),
    Row(SEQUENCE, "nn.LSTM(64, 32, proj_size=16)", f"'LSTM' is called 'lstm' in netspec; 'input_size' is not needed: "
        f"{_INPUT}; 'proj_size' has no equivalent; a 'dense' layer after 'lstm' reduces its output, and not what it "
        "feeds back"),
    Row(SEQUENCE, "nn.MultiheadAttention(64, 4, kdim=32)", "'MultiheadAttention' is called 'attention' in netspec; "
        f"'embed_dim' is not needed: {_INPUT}; 'kdim' has no equivalent; for keys and values of another width, write "
        "'dense' layers around 'dot_product_attention'"),
    Row(IMAGE, "nn.Sequential(nn.Conv2d(64, 8, 1), nn.ReLU())", "'nn.Sequential' has no equivalent; a list of layers is "
        "a chain: write the list itself, or {layers: {…}} with names"),
    # layers around others
    Row(FRAMES, "{TimeDistributed: GlobalAveragePooling2D}", f"write {{global_avg_pool, over: frames}}; {_FRAMES}",
        "x.mean([3, 4])"),
    Row(FRAMES, "{time_distributed: flatten}", f"write {{flatten, over: frames}}; {_FRAMES}", "x.flatten(2)"),
    Row(FRAMES, "{TimeDistributed: {conv2d: 8, kernel: 3}}",
        f"write {{conv2d: 8, kernel: 3, over: frames}}; {_FRAMES}"),
    Row(SEQUENCE, "TimeDistributed(Dense(10))", "write {dense: 10}", "nn.Linear(64, 10)"),
    # the last state
    Row(SEQUENCE, "{LSTM: {units: 16}}", "write {lstm: 16, output: last}", "keras.layers.LSTM(16)"),
    Row(SEQUENCE, "LSTM(32)", "write {lstm: 32, output: last}", "keras.layers.LSTM(32)"),
    Row(SEQUENCE, "LSTM(32, return_sequences=True)", "write {lstm: 32}", "keras.layers.LSTM(32, return_sequences=True)"),
    Row(SEQUENCE, "GRU(32)", "write {gru: 32, output: last}", "keras.layers.GRU(32)"),
    Row(SEQUENCE, "SimpleRNN(32)", "write {rnn: 32, output: last}", "keras.layers.SimpleRNN(32)"),
    Row(SEQUENCE, "Bidirectional(LSTM(32))", "write {lstm: 32, output: last, bidirectional: true}",
        "keras.layers.Bidirectional(keras.layers.LSTM(32))"),
    Row(SEQUENCE, "nn.LSTM(64, 32, batch_first=True)", f"write {{lstm: 32}}; 'input_size' is not needed: {_INPUT}; "
        "'batch_first' is not needed: the network computes the same without it"),
    # momentum
    Row("[64, 20, 64]", "nn.BatchNorm2d(64, momentum=0.2)",
        f"write {{batch_norm, momentum: 0.2}}; 'num_features' is not needed: {_INPUT}"),
    Row(IMAGE, "{BatchNormalization: {momentum: 0.9}}", f"write {{batch_norm, momentum: 0.1}}; {_BATCH_NORM}"),
    # calls
    Row("[64]", "RepeatVector(10)", "'RepeatVector' has no equivalent; {rearrange: \"c -> n c\", n: 4} repeats a vector, "
        "{rearrange: \"c -> (c n)\", n: 4} each of its values"),
    Row(SEQUENCE, "TransformerEncoderLayer(64, 4)", "'TransformerEncoderLayer' has no equivalent; write the block once: "
        "attention, add, layer_norm and two dense layers (`netspec zoo show bert`)"),
    Row(SEQUENCE, "nn.Threshold(0.1, 0)", "'nn.Threshold' has no equivalent; there is no such activation: 'relu', "
        "'leaky_relu', 'softsign' and 'clamp' are near to it"),
    Row(SEQUENCE, "nn.Bilinear(64, 64, 10)", f"write {{bilinear: 10}}; 'in1_features' and 'in2_features' are not needed: "
        f"{_INPUT}"),
    Row(IMAGE, "torch.flatten(x, 1)", "write {flatten: 0}"),
    Row("[4, 10, 10]", "x.view(-1, 400)", "write {reshape: [400]}"),
    Row("[400]", "x.view(x.size(0), 20, 20)", "write {reshape: [20, 20]}"),
    Row(SEQUENCE, "F.leaky_relu(x, 0.2)", "write {leaky_relu: 0.2}"),
    Row(SEQUENCE, "F.normalize(x, dim=1)", "write {l2_normalize: 0}"),
    Row(SEQUENCE, "F.relu(self.fc1(x))", "'F.relu' is called 'relu' in netspec"),
    Row(SEQUENCE, "Dense(10)(x)", "write {dense: 10}", "nn.Linear(64, 10)"),
)  # fmt: skip
_WITHOUT_ORIGINAL = ("conv2d", "batch_norm, momentum: 0.1", "bilinear", "attention", "layer_norm, eps")
"""Layers whose values are not compared: PyTorch has no such call, or not with one input."""


@pytest.mark.parametrize("row", _ROWS, ids=lambda row: row.layer)
def test_help(row: Row) -> None:
    assert _helps(row.input, row.layer) == [row.help]


def _helps(shape: str, layer: str) -> list[str | None]:
    text = layer if layer.startswith("{") else f'"{layer}"'
    spec = Spec("<text>", f"netspec: 1\ninput: {shape}\nlayers:\n  y: {text}\n")
    return [d.help for d in with_suggestion(spec, spec.elaborate()).diagnostics]


def _written(row: Row) -> str:
    """The layer in a help, without what follows it; empty if there is none."""
    matched = re.match(r"write (\{.*?\}|\w+)(?:;|$)", row.help)
    return matched[1] if matched is not None else ""


_APPLIED = [row for row in _ROWS if _written(row) and not _written(row)[1:].startswith(_WITHOUT_ORIGINAL)]


@pytest.mark.parametrize("row", _APPLIED, ids=lambda row: row.layer)
def test_applied(row: Row) -> None:
    """The layer in the help computes what the original does; with weights, it has as many in the same shape."""
    import torch

    text = f"netspec: 1\ninput: {row.input}\nlayers:\n  y: {_written(row)}\n"
    model = netspec.build(netspec.loads(text)).eval()
    shape = [int(n) for n in re.findall(r"\d+", row.input)]
    x = torch.randn(2, *shape, generator=torch.Generator().manual_seed(1))
    expected, weights = _original(row, x)
    actual = model(x)
    assert actual.shape == expected.shape
    if weights is None:
        assert torch.equal(actual, expected) or torch.allclose(actual, expected, atol=1e-6)
    elif not row.original.startswith("keras"):  # in Keras, a recurrent layer has one bias
        assert sum(p.numel() for p in model.parameters()) == weights


def _original(row: Row, x: Any) -> tuple[Any, int | None]:
    """The output of the original, and its number of weights; None if it has none."""
    import torch
    from torch import nn

    from .test_tables import imported_keras

    text = row.original or row.layer
    names = {"nn": nn, "F": nn.functional, "torch": torch, "x": x}
    if text.startswith("keras"):
        names["keras"] = imported_keras()
    value = eval(text, names)
    if isinstance(value, torch.Tensor):
        return value, None
    output: Any = value.eval()(x) if isinstance(value, nn.Module) else value(x)
    if isinstance(value, nn.LSTM):
        output = output[0]
    weights = sum(p.numel() for p in value.parameters()) if isinstance(value, nn.Module) else 1
    return output, weights or None
