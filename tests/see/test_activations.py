"""Activations: the values that PyTorch computes, and their zeros."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import netspec
import netspec_see as see
from netspec_see.activation_maps import observable_layers
from netspec_see.filter_subcommands import sparsity_table
from netspec_see.layer_lookup import layers_by_name

from .support import graph_of, tensor


def test_values_are_those_of_pytorch() -> None:
    graph = graph_of("""
  conv: {conv2d: 4, kernel: 3, activation: relu}
  pool: {max_pool2d: 2}
  flatten: flatten
  fc: {dense: 5, activation: tanh}
""")
    weights = {p.name: torch.randn(p.shape) for p in graph.parameters}
    image = np.random.default_rng(0).standard_normal((3, 12, 12)).astype(np.float32)
    result = {a.layer: a for a in see.activations(see.network(graph, weights=weights), image)}
    assert list(result) == ["conv", "pool", "fc"]
    x = F.relu(F.conv2d(tensor(image)[None], weights["conv.weight"], weights["conv.bias"]))
    assert torch.equal(tensor(result["conv"].values), x[0])
    x = F.max_pool2d(x, 2)
    assert torch.equal(tensor(result["pool"].values), x[0])
    x = torch.tanh(F.linear(x.flatten(1), weights["fc.weight"], weights["fc.bias"]))
    assert np.allclose(result["fc"].values, x[0].numpy(), atol=1e-6)
    assert not result["fc"].spatial


def test_zeros_are_numpys() -> None:
    values = np.array([[[0, 1], [2, 0]], [[0, 0], [0, 0]], [[-0.0, 3], [4, 5]]], np.float32)
    result = see.Activation("conv", values, True)
    assert result.zeros == np.mean(values == 0) == 7 / 12
    assert result.silent == 1
    assert see.Activation("fc", np.array([0, 0, 1, 2], np.float32), False).zeros == 0.5


def test_zeros_of_a_network() -> None:
    """A filter that passes the image on, one that changes its sign, and one that is zero."""
    graph = graph_of("  conv: {conv2d: 3, kernel: 1, activation: relu}\n", "[1, 4, 4]")
    weights = {"conv.weight": torch.tensor([1.0, -1.0, 0.0])[:, None, None, None], "conv.bias": torch.zeros(3)}
    image = np.arange(-3, 13, dtype=np.float32).reshape(1, 4, 4)
    (result,) = see.activations(see.network(graph, weights=weights), image)
    by_hand = np.stack([np.maximum(image[0], 0), np.maximum(-image[0], 0), np.zeros((4, 4))])
    assert (result.values == by_hand).all()
    assert result.zeros == np.mean(by_hand == 0)
    assert result.silent == 1
    assert sparsity_table([result]) == [
        "layer      shape   zeros  filters all zero",
        "conv   (3, 4, 4)   68.8%            1 of 3",
    ]


def test_values_before_operations_in_place() -> None:
    """The value before a ReLU that works in place is not overwritten."""
    graph = graph_of("  - {conv2d: 4, kernel: 3}\n  - relu\n")
    image = np.random.default_rng(0).standard_normal((3, 12, 12)).astype(np.float32)
    conv, relu = see.activations(see.network(graph), image)
    assert conv.values.min() < 0
    assert (relu.values == np.maximum(conv.values, 0)).all()


def test_channels_last() -> None:
    first = graph_of("  conv: {conv2d: 4, kernel: 3, activation: relu}\n")
    last = graph_of("  conv: {conv2d: 4, kernel: 3, activation: relu}\n", "[12, 12, 3]", layout="channels_last")
    image = np.random.default_rng(0).standard_normal((3, 12, 12)).astype(np.float32)
    (a,) = see.activations(see.network(first), image)
    (b,) = see.activations(see.network(last), np.ascontiguousarray(image.transpose(1, 2, 0)))
    assert a.values.shape == b.values.shape == (4, 10, 10)
    assert np.allclose(a.values, b.values, atol=1e-6)


@pytest.mark.parametrize("spec", ["squeezenet", "shufflenet_v2", "resnet@18", "densenet_cifar", "vit"])
def test_every_layer_of_networks_of_the_zoo(spec: str) -> None:
    """All layers at once, in networks with blocks, branches, shortcuts and ReLUs in place; the last is the output."""
    graph = netspec.load(spec)
    net = see.network(graph)
    image = np.random.default_rng(0).standard_normal(graph.values[0].shape).astype(np.float32)
    result = see.activations(net, image)
    known = layers_by_name(graph.at_default)
    assert [a.layer for a in result] == [layer.name for layer in observable_layers(net)]
    for a in result:
        assert sorted(a.values.shape) == sorted(known[a.layer].type.shape)
        assert np.isfinite(a.values).all()
    with torch.inference_mode():
        output = netspec.build(graph).eval()(tensor(image)[None])
    assert np.allclose(result[-1].values.ravel(), output[0].numpy(), atol=1e-4)


def test_blocks_by_name() -> None:
    graph = netspec.load("resnet@18")
    image = np.random.default_rng(0).standard_normal((3, 224, 224)).astype(np.float32)
    block, add = see.activations(see.network(graph), image, ["layer1.0", "layer1.0.add"])
    assert (block.values == add.values).all()


def test_shared_weights_of_a_layer_that_is_not_needed() -> None:
    graph = graph_of("""
  a: {conv2d: 3, kernel: 3, padding: 1}
  b: {conv2d: 3, kernel: 3, padding: 1, from: input, share: a, activation: relu}
  last: {add: [a, b]}
""")
    net = see.network(graph)
    image = np.random.default_rng(0).standard_normal((3, 12, 12)).astype(np.float32)
    a, b = see.activations(net, image, ["a", "b"])
    (alone,) = see.activations(net, image, ["b"])
    assert (alone.values == b.values).all()
    assert (b.values == np.maximum(a.values, 0)).all()


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision(dtype: str) -> None:
    """Images become what the network reads, and values float32; scores have gradients."""
    graph = graph_of(
        "  conv: {conv2d: 4, kernel: 3, activation: relu}\n  fc: {dense: 3, dtype: float32, axis: 0}\n", dtype=dtype
    )
    net = see.network(graph)
    image = np.random.default_rng(0).random((3, 12, 12), dtype=np.float32)
    weights = {p.name: tensor(net.weights.values(p)) for p in graph.parameters}
    half = getattr(torch, dtype)
    weight, bias = (weights[f"conv.{name}"].to(half) for name in ("weight", "bias"))
    x = F.relu(F.conv2d(tensor(image)[None].to(half), weight, bias))
    conv, *_ = see.activations(net, image)
    assert conv.values.dtype == np.float32
    np.testing.assert_allclose(conv.values, x[0].float().numpy(), atol=1e-2)
    classes = graph_of(
        "  conv: {conv2d: 4, kernel: 3, activation: relu}\n  gap: global_avg_pool\n  fc: {dense: 3}\n", dtype=dtype
    )
    assert np.abs(see.saliency(see.network(classes), image, 1).values).max() > 0
