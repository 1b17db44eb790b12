"""Whole networks with ``layout: channels_last`` by value against Keras 3 on its PyTorch backend, with the same weights."""

# keras and torch are typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false

from __future__ import annotations

import os
import warnings
from typing import Any

os.environ["KERAS_BACKEND"] = "torch"

import numpy as np
import pytest
import torch

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of its own imports
    import keras  # type: ignore[import-untyped]  # it has no types

import netspec_torch
from netspec.ir import Graph
from tests.random_networks.checks import without_onednn

from .support import check_facts, check_source, check_training, loads, random_inputs

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own
EPSILON = 1e-3


def state(layers: dict[str, Any]) -> dict[str, torch.Tensor]:
    """Weights of Keras's layers under our names, in PyTorch's order of axes."""
    out: dict[str, torch.Tensor] = {}
    for name, layer in layers.items():
        arrays = [np.asarray(w) for w in layer.get_weights()]
        kind = type(layer).__name__
        if kind.endswith("Normalization"):
            names = ("weight", "bias", "running_mean", "running_var")
            out |= {f"{name}.{n}": torch.from_numpy(a.copy()) for n, a in zip(names, arrays, strict=False)}
            if kind == "BatchNormalization":
                out[f"{name}.num_batches_tracked"] = torch.tensor(0)
            continue
        kernel = arrays[0]
        if kind.startswith("DepthwiseConv"):
            kernel = np.moveaxis(kernel, (-2, -1), (0, 1))
            kernel = kernel.reshape(kernel.shape[0] * kernel.shape[1], 1, *kernel.shape[2:])
        else:
            kernel = np.moveaxis(kernel, (-1, -2), (0, 1))
        out[f"{name}.weight"] = torch.from_numpy(np.ascontiguousarray(kernel))
        if len(arrays) > 1:
            out[f"{name}.bias"] = torch.from_numpy(arrays[1].copy())
    return out


def compare(graph: Graph, layers: dict[str, Any], reference: Any) -> None:
    """Both networks give the same, with weights that are all different."""
    numbers = np.random.default_rng(0)
    weighted = {name: layer for name, layer in layers.items() if layer.weights}
    for layer in weighted.values():
        layer.set_weights([numbers.uniform(0.2, 1.0, w.shape).astype(w.dtype) for w in layer.get_weights()])
    model = netspec_torch.build(graph).eval()
    model.load_state_dict(state(weighted))
    given = random_inputs(graph)
    expected = check_facts(graph, model, given)
    check_source(graph, model, given, expected)
    check_training(graph, netspec_torch.build(graph), random_inputs(graph, 4))
    (actual,) = expected.values()
    desired = reference(given[0].numpy(), training=False).detach()
    torch.testing.assert_close(actual, desired, rtol=1e-4, atol=1e-4)


IMAGES = """
layout: channels_last
input: [{h}, {w}, 3]
layers:
  conv: {{conv2d: 4, kernel: 3, stride: 2, padding: same, activation: relu}}
  depthwise: {{depthwise_conv2d: 3, stride: {s}, padding: same, multiplier: 2, bias: false}}
  norm: {{batch_norm, eps: 0.001}}
  up: {{conv_transpose2d: 5, kernel: {k}, stride: 2, padding: same}}
  wide: {{conv_transpose2d: 3, kernel: {k}, stride: 3, padding: valid}}
  pool: {{max_pool2d: 3, stride: 2, padding: same}}
  mean: {{avg_pool2d: 2, stride: {s}, padding: same, count_include_pad: false}}
  flatten: flatten
  scores: {{dense: 6, activation: softmax}}
"""


@pytest.mark.parametrize(("h", "w"), [(16, 16), (15, 18), (9, 13)])
@pytest.mark.parametrize(("k", "s"), [(2, 1), (3, 2), (4, 2), (1, 3)])
def test_images(h: int, w: int, k: int, s: int) -> None:
    of = keras.layers
    layers = {
        "conv": of.Conv2D(4, 3, 2, padding="same", activation="relu"),
        "depthwise": of.DepthwiseConv2D(3, s, padding="same", depth_multiplier=2, use_bias=False),
        "norm": of.BatchNormalization(epsilon=EPSILON),
        "up": of.Conv2DTranspose(5, k, 2, padding="same"),
        "wide": of.Conv2DTranspose(3, k, 3, padding="valid"),
        "pool": of.MaxPooling2D(3, 2, padding="same"),
        "mean": of.AveragePooling2D(2, s, padding="same"),
        "flatten": of.Flatten(),
        "scores": of.Dense(6, activation="softmax"),
    }
    reference = keras.Sequential([keras.Input((h, w, 3)), *layers.values()])
    with without_onednn():  # whose gradients for kernels of 1 with strides corrupt memory (3.12, on CPUs with AVX2)
        compare(loads(IMAGES.format(h=h, w=w, k=k, s=s)), layers, reference)


SEQUENCES = """
layout: channels_last
input: [13, 4]
layers:
  causal: {conv1d: 6, kernel: 3, dilation: 2, padding: causal, activation: tanh}
  same: {conv1d: 5, kernel: 4, stride: 2, padding: same}
  norm: {layer_norm, eps: 0.001}
  up: {conv_transpose1d: 3, kernel: 4, stride: 2, padding: same}
  pool: {max_pool1d: 2, padding: same}
  flatten: flatten
  scores: {dense: 2}
"""


def test_sequences() -> None:
    of = keras.layers
    layers = {
        "causal": of.Conv1D(6, 3, dilation_rate=2, padding="causal", activation="tanh"),
        "same": of.Conv1D(5, 4, 2, padding="same"),
        "norm": of.LayerNormalization(epsilon=EPSILON),
        "up": of.Conv1DTranspose(3, 4, 2, padding="same"),
        "pool": of.MaxPooling1D(2, padding="same"),
        "flatten": of.Flatten(),
        "scores": of.Dense(2),
    }
    compare(loads(SEQUENCES), layers, keras.Sequential([keras.Input((13, 4)), *layers.values()]))


VOLUMES = """
layout: channels_last
input: [6, 7, 8, 2]
layers:
  left: {conv3d: 3, kernel: 2, padding: same}
  right: {conv3d: 3, kernel: 3, padding: same, from: input}
  both: {concat: [left, right, input]}
  sum: {add: [left, right]}
  gain: {multiply: [sum, sum]}
  mean: {global_avg_pool, from: both}
  other: {mean: [0, 1, 2], from: gain}
  joined: {concat: [mean, other]}
  scores: {dense: 2}
"""


def test_branches_of_volumes() -> None:
    of = keras.layers
    layers = {"left": of.Conv3D(3, 2, padding="same"), "right": of.Conv3D(3, 3, padding="same"), "scores": of.Dense(2)}
    x = keras.Input((6, 7, 8, 2))
    left, right = layers["left"](x), layers["right"](x)
    total = of.Add()([left, right])
    both = of.GlobalAveragePooling3D()(of.Concatenate()([left, right, x]))
    other = of.GlobalAveragePooling3D()(of.Multiply()([total, total]))
    compare(loads(VOLUMES), layers, keras.Model(x, layers["scores"](of.Concatenate()([both, other]))))
