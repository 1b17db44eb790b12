"""Models of Keras against what is imported of them, by value: every rule in a few small models.

Keras is imported once, in this module; the comparison itself (:mod:`netspec_keras.proof`) draws weights and inputs.
"""

# Keras is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownLambdaType=false, reportMissingTypeStubs=false, reportMissingModuleSource=false

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import netspec
from netspec.importing import Comparison, Import

os.environ.setdefault("KERAS_BACKEND", "torch")
pytest.importorskip("torch")
pytest.importorskip("h5py")
keras: Any = pytest.importorskip("keras")
L: Any = keras.layers
ops: Any = keras.ops

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras, with NumPy 2
Layers = dict[str, Callable[[Any], Any]]
IMAGE, SEQUENCE, VOLUME, VECTOR = (9, 8, 6), (10, 4), (5, 6, 7, 2), (6,)

ON_IMAGES: Layers = {
    "conv": L.Conv2D(6, 3, strides=2, padding="same", activation="relu"),
    "grouped": L.Conv2D(6, (3, 2), groups=3, dilation_rate=2, use_bias=False),
    "depthwise": L.DepthwiseConv2D(3, strides=2, padding="same", depth_multiplier=2),
    "separable": L.SeparableConv2D(5, 3, depth_multiplier=2, activation="gelu"),
    "transposed": L.Conv2DTranspose(4, 3, strides=2, padding="same"),
    "transposed_valid": L.Conv2DTranspose(4, 2, strides=3),
    "transposed_more": L.Conv2DTranspose(4, 4, strides=2, padding="same", output_padding=(1, 0)),
    "max": L.MaxPooling2D(3, strides=2, padding="same"),
    "average": L.AveragePooling2D(3, strides=2, padding="same"),
    "average_1": L.AveragePooling2D((3, 4), strides=1, padding="same"),
    "global": L.GlobalAveragePooling2D(keepdims=True),
    "global_max": L.GlobalMaxPooling2D(),
    "batch_norm": L.BatchNormalization(),
    "batch_norm_axis": L.BatchNormalization(axis=1),
    "no_gain": L.BatchNormalization(scale=False),
    "no_shift": L.GroupNormalization(3, center=False),
    "plain_norm": L.LayerNormalization(center=False, scale=False),
    "layer_norm": L.LayerNormalization(),
    "unit": L.UnitNormalization(),
    "measured": L.Normalization(),
    "configured": L.Normalization(mean=[1.0, 2.0, 3.0, 1.0, 2.0, 3.0], variance=[1.0, 4.0] * 3),
    "padded": L.ZeroPadding2D(((1, 2), (0, 3))),
    "cropped": L.Cropping2D((1, 2)),
    "larger": L.UpSampling2D((2, 3), interpolation="bilinear"),
    "resized": L.Resizing(13, 5),
    "rescaled": L.Rescaling(1 / 127.5, offset=-1),
    "prelu": L.PReLU(shared_axes=[1, 2]),
    "prelu_all": L.PReLU(),
    "relu": L.ReLU(max_value=0.5, negative_slope=0.1, threshold=0.2),
    "softmax": L.Softmax(axis=1),
    "dense": L.Dense(4, activation=L.LeakyReLU()),
    "spectral": L.SpectralNormalization(L.Conv2D(4, 3)),
    "flat": lambda x: L.Dense(2)(L.Flatten()(L.Dropout(0.5)(x))),
    "turned": lambda x: L.Permute((3, 1, 2))(L.Reshape((8, 9, 6))(x)),
}
ON_SEQUENCES: Layers = {
    "causal": L.Conv1D(4, 3, padding="causal", dilation_rate=2),
    "transposed": L.Conv1DTranspose(4, 3, strides=2),
    "lstm": L.LSTM(3, return_sequences=True),
    "lstm_states": lambda x: L.LSTM(3)(x, initial_state=L.LSTM(3, return_state=True)(x)[1:]),
    "gru": L.GRU(3, go_backwards=True),
    "rnn": L.SimpleRNN(3, activation="relu", use_bias=False),
    "stacked": L.RNN([L.LSTMCell(3), L.GRUCell(2)]),
    "both_ways": L.Bidirectional(L.GRU(3)),
    "both_ways_all": L.Bidirectional(L.LSTM(3, return_sequences=True), merge_mode="ave"),
    "rms": L.RMSNormalization(),
    "attention": lambda x: L.MultiHeadAttention(2, 2)(x, x, use_causal_mask=True),
    "wide": lambda x: L.MultiHeadAttention(2, 5, value_dim=3, output_shape=7)(x, x),
    "grouped": lambda x: L.GroupQueryAttention(4, 4, 2)(x, x),
    "plain": lambda x: L.Attention(use_scale=True)([x, x]),
    "einsum": L.EinsumDense("abc,cde->abde", (None, 2, 3), bias_axes="de"),
    "einsum_dense": L.EinsumDense("...x,xy->...y", (5,), bias_axes="y"),
    "pooled": lambda x: L.GlobalMaxPooling1D()(L.AveragePooling1D(3, padding="same")(x)),
    "distributed": L.TimeDistributed(L.Dense(3, activation="tanh")),
    "larger": lambda x: L.ZeroPadding1D((1, 2))(L.UpSampling1D(2)(x)),
    "repeated": lambda x: L.RepeatVector(3)(L.Flatten()(x)),
    "dot": lambda x: L.Dot(axes=(2, 2))([x, x]),
}
ON_VOLUMES: Layers = {
    "conv": L.Conv3D(3, 2, strides=2, padding="same"),
    "transposed": L.Conv3DTranspose(3, 3, strides=2),
    "pool": lambda x: L.AveragePooling3D(2, padding="same")(L.MaxPooling3D(2, strides=1)(x)),
    "frames": L.TimeDistributed(L.Conv2D(3, 3, padding="same", activation="relu")),
    "frame_pool": L.TimeDistributed(L.MaxPooling2D(2)),
    "frame_mean": L.TimeDistributed(L.GlobalAveragePooling2D()),
    "frame_max": L.TimeDistributed(L.GlobalMaxPooling2D()),
    "frame_row": L.TimeDistributed(L.Flatten()),
}
FUNCTIONS: Layers = {
    "scaled": lambda x: ops.relu(x * 2.0 - 1.0) + ops.sigmoid(-x) / 3.0 - (1.0 - x),
    "powers": lambda x: ops.sqrt(ops.abs(x)) + ops.square(x) + x**3 + 2.0 / (ops.abs(x) + 5.0) + ops.maximum(x, 0.2),
    "moved": lambda x: ops.transpose(ops.reshape(x, (-1, 72, 6)), (0, 2, 1)),
    "sliced": lambda x: ops.concatenate([x[:, ::2], x[:, 1:-2, ...], x[:, :4]], axis=1),
    "picked": lambda x: x[:, -1, 2, None],
    "reduced": lambda x: (
        ops.sum(x, axis=-1, keepdims=True) * ops.max(x, axis=(1, 2), keepdims=True) + ops.var(x, axis=1, keepdims=True)
    ),
    "stacked": lambda x: ops.stack(ops.split(x, 3, axis=-1), axis=1),
    "product": lambda x: ops.matmul(x[:, :, :, 0], ops.swapaxes(x[:, :, :, 1], 1, 2)),
    "einsum": lambda x: ops.einsum("bhwc,bhwd->bcd", x, x),
    "clipped": lambda x: ops.clip(x, -1, 0.5) + ops.gelu(x) + ops.leaky_relu(x) + ops.softmax(x),
    "bordered": lambda x: ops.pad(x, ((0, 0), (1, 2), (0, 0), (1, 0))),
    "table": lambda x: x + ops.convert_to_numpy(ops.arange(6, dtype="float32")),
    "unit": lambda x: ops.normalize(x, axis=-1),
    "repeated": lambda x: ops.tile(ops.repeat(x, 2, axis=1), (1, 1, 2, 1)),
    "wrapped": lambda x: ops.flip(x, axis=1) + ops.roll(x, 1, axis=2) + ops.cumsum(x, axis=2),
}
ACTIVATIONS = [
    "elu",
    "selu",
    "gelu",
    "silu",
    "mish",
    "tanh",
    "softplus",
    "softsign",
    "exponential",
    "hard_sigmoid",
    "hard_silu",
    "leaky_relu",
    "relu6",
    "log_softmax",
    "celu",
    "squareplus",
    "log_sigmoid",
    "tanh_shrink",
    "soft_shrink",
    "hard_shrink",
    "sparse_sigmoid",
    "sparse_plus",
    "hard_tanh",
    "glu",
]


def proven(model: Any) -> Import:
    """What is imported of a model, whose comparison agrees."""
    imported = netspec.from_keras(model)
    outputs = imported.proof.outputs
    assert outputs is not None
    assert (outputs.dtype, outputs.batch_sizes, outputs.tolerance) == ("float64", (2, 3), 1e-9)
    assert outputs.largest <= 1e-12
    return imported


def side_by_side(shape: tuple[int, ...], layers: Layers) -> Any:
    """A model with one output for each layer."""
    x = keras.Input(shape)
    return keras.Model(x, {name: layer(x) for name, layer in layers.items()})


@pytest.mark.parametrize(
    ("shape", "layers"),
    [(IMAGE, ON_IMAGES), (SEQUENCE, ON_SEQUENCES), (VOLUME, ON_VOLUMES), (IMAGE, FUNCTIONS)],
    ids=["images", "sequences", "volumes", "functions"],
)
def test_layers(shape: tuple[int, ...], layers: Layers) -> None:
    proven(side_by_side(shape, layers))


def test_activations() -> None:
    proven(side_by_side(VECTOR, {name: L.Activation(name) for name in ACTIVATIONS}))


def test_merges() -> None:
    a, b = keras.Input(SEQUENCE, name="a"), keras.Input(SEQUENCE, name="b")
    kinds = ["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"]
    proven(keras.Model([a, b], {kind: getattr(L, kind)()([a, b]) for kind in kinds}))


def test_shared_layers_and_nested_models() -> None:
    a, b = keras.Input(VECTOR, name="a"), keras.Input(VECTOR, name="b")
    unit = L.Dense(4, name="unit")
    head = keras.Sequential([keras.Input((4,)), L.Dense(3, name="fc"), L.BatchNormalization(name="norm")], name="head")
    inner = keras.Input((3,))
    outer = keras.Model(inner, [L.Dense(2, name="one")(inner), L.Dense(2, name="two")(inner)], name="outer")
    left, right = outer(head(unit(a)))
    again, _ = outer(head(unit(b)))
    imported = proven(keras.Model([a, b], {"left": left, "right": right, "again": again}))
    assert sorted(name for name in imported.weights if name.endswith("weight")) == [
        "head.fc.weight",
        "head.norm.weight",
        "outer.one.weight",
        "outer.two.weight",
        "unit.weight",
    ]


def test_weights_of_the_model() -> None:
    model = keras.Sequential([keras.Input(IMAGE), L.Conv2D(4, 3, name="conv"), L.Flatten(), L.Dense(2, name="fc")])
    imported = netspec.from_keras(model, prove=False)
    kernel = keras.ops.convert_to_numpy(model.get_layer("conv").kernel)
    assert (imported.weights["conv.weight"] == kernel.transpose(3, 2, 0, 1)).all()
    assert (imported.weights["fc.weight"] == keras.ops.convert_to_numpy(model.get_layer("fc").kernel).T).all()


def test_open_sizes_and_integers() -> None:
    tokens = keras.Sequential(
        [keras.Input((None,), name="tokens"), L.Embedding(9, 4), L.Bidirectional(L.LSTM(3)), L.Dense(1)]
    )
    imported = proven(tokens)
    assert imported.notes == (
        "the input 'tokens' is one of integers: only embeddings read it",
        "Bidirectional: Keras has one bias; the second one of a spec is zero",
    )
    images = keras.Sequential([keras.Input((None, None, 3)), L.Conv2D(4, 3), L.MaxPooling2D(), L.GlobalMaxPooling2D()])
    outputs: Comparison | None = proven(images).proof.outputs
    assert outputs is not None
    assert len(outputs.sizes) == 2


def test_channels_first() -> None:
    x = keras.Input((3, 9, 8))
    y = L.BatchNormalization(axis=1)(L.Conv2D(4, 3, data_format="channels_first")(x))
    assert (
        proven(keras.Model(x, L.Dense(3)(L.Flatten(data_format="channels_first")(y)))).graph.layout == "channels_first"
    )


@pytest.mark.filterwarnings("ignore")
def test_hdf5_of_whole_models(tmp_path: Path) -> None:
    x = keras.Input(IMAGE, name="x")
    y = L.BatchNormalization(name="bn")(L.Conv2D(4, 3, name="conv", activation="relu")(x))
    inner = keras.Sequential([keras.Input((4,)), L.Dense(3, name="a"), L.BatchNormalization(name="b")], name="inner")
    model = keras.Model(x, inner(L.GlobalAveragePooling2D(name="pool")(y)))
    model.save(tmp_path / "m.h5")
    model.save(tmp_path / "m.keras")
    from netspec.importing import Request, import_source
    from netspec_keras import reader

    old, new = (import_source(reader.read(str(tmp_path / f"m.{kind}"), Request())) for kind in ("h5", "keras"))
    assert old.text() == new.text()
    assert {name: array.tolist() for name, array in old.weights.items()} == {
        name: array.tolist() for name, array in new.weights.items()
    }
    assert old.proof.outputs is not None
    assert old.proof.outputs.largest <= 1e-12


def test_training_only_layers_are_noted() -> None:
    x = keras.Input(IMAGE)
    y = L.RandomFlip()(L.GaussianNoise(0.1)(L.SpatialDropout2D(0.2)(L.Dropout(0.5, noise_shape=(None, 1, 1, 1))(x))))
    imported = proven(keras.Model(x, L.GlobalAveragePooling2D()(y)))
    assert imported.notes == (
        "GaussianNoise: left out: it acts in training only",
        "RandomFlip: left out: it changes images in training only",
    )
    assert "drop_path: 0.5" in imported.text()
    assert "spatial_dropout: 0.2" in imported.text()


def test_levels_of_names() -> None:
    """ResNet's names: blocks, and a repeat."""
    x = keras.Input((8, 8, 4))
    y = x
    for number in range(1, 5):
        z = L.Conv2D(4, 3, padding="same", name=f"stage1_block{number}_conv")(y)
        z = L.BatchNormalization(name=f"stage1_block{number}_bn")(z)
        y = L.Add(name=f"stage1_block{number}_add")([y, z])
    text = netspec.from_keras(keras.Model(x, y), prove=False).text()
    assert "repeat: 4" in text
    assert "conv: {conv2d: 4, kernel: 3, padding: same}" in text


def test_opaque_layers() -> None:
    a, b = keras.Input(SEQUENCE, name="a"), keras.Input(SEQUENCE, name="b")
    model = keras.Model([a, b], L.Dense(3, name="fc")(L.AdditiveAttention(name="attend")([a, b])))
    with pytest.raises(netspec.ImportRefused) as caught:
        netspec.from_keras(model)
    assert [(p.code, p.operation, p.places) for p in caught.value.diagnostics] == [
        ("NS841", "AdditiveAttention", ("attend",))
    ]
    imported = netspec.from_keras(model, opaque=True)
    assert "attend: {additive_attention: [10, 4], from: [a, b]}" in imported.text(flat=True)


@pytest.mark.filterwarnings("ignore:Layer 'conv1d:UserWarning")
def test_masks_are_refused_where_they_matter() -> None:
    x = keras.Input((7,), dtype="int32", name="x")
    masked = L.Embedding(9, 4, mask_zero=True)(x)
    with pytest.raises(netspec.ImportRefused, match="LSTM: skipping masked positions has no equivalent"):
        netspec.from_keras(keras.Model(x, L.LSTM(3)(masked)))
    proven(keras.Model(x, L.Dense(3)(L.Conv1D(4, 3)(masked))))
