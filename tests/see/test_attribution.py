"""Attributions, on networks whose scores are known in closed form."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import netspec
import netspec_see as see
from netspec_see.class_scores import last_spatial_layer, predict_scores, score_layer

from .support import graph_of, tensor

LINEAR = graph_of("  flatten: flatten\n  fc: {dense: 3, activation: softmax}\n", "[2, 6, 5]")
WEIGHT = torch.randn(3, 60, generator=torch.Generator().manual_seed(0))
BIAS = torch.tensor([0.1, -0.2, 0.3])
NET = see.network(LINEAR, weights={"fc.weight": WEIGHT, "fc.bias": BIAS})
IMAGE = np.random.default_rng(0).random((2, 6, 5), dtype=np.float32)

CONV = graph_of(
    """
  conv: {conv2d: 4, kernel: 3, padding: 1, activation: relu}
  pool: {max_pool2d: 2}
  mean: global_avg_pool
  fc: {dense: 3, activation: softmax}
""",
    "[3, 8, 10]",
)
COLOUR = np.random.default_rng(1).random((3, 8, 10), dtype=np.float32)


def test_scores_are_before_the_softmax() -> None:
    by_hand = WEIGHT.numpy() @ IMAGE.reshape(-1) + BIAS.numpy()
    assert np.allclose(predict_scores(NET, IMAGE), by_hand, atol=1e-5)
    assert see.saliency(NET, IMAGE).target == by_hand.argmax()
    assert np.isclose(see.saliency(NET, IMAGE, 2).score, by_hand[2], atol=1e-5)


@pytest.mark.parametrize("target", [0, 1, 2])
def test_saliency_of_a_linear_network(target: int) -> None:
    weight = WEIGHT[target].reshape(2, 6, 5).abs().max(0).values.numpy()
    assert np.allclose(see.saliency(NET, IMAGE, target).values, weight, atol=1e-6)


def test_integrated_gradients_of_a_linear_network() -> None:
    """Weight times the difference from black, which is zero after normalisation."""
    net = see.network(
        graph_of("  flatten: flatten\n  fc: {dense: 3}\n", "[1, 6, 10]"), weights={"fc.weight": WEIGHT, "fc.bias": BIAS}
    )
    prepared = see.preparation(net, [0.4], [0.2])
    pixels = np.random.default_rng(2).random((6, 10, 1), dtype=np.float32)
    result = see.integrated_gradients(net, prepared.normalize(pixels), prepared, 1)
    by_hand = WEIGHT[1].reshape(6, 10).numpy() * pixels[:, :, 0] / 0.2
    assert np.allclose(result.values, by_hand, atol=1e-4)
    assert result.error is not None
    assert abs(result.error) < 1e-3


def test_integrated_gradients_add_up() -> None:
    net = see.network(CONV, seed=1)
    prepared = see.preparation(net)
    calls: list[tuple[int, int]] = []
    result = see.integrated_gradients(net, COLOUR, prepared, 2, steps=200, progress=lambda n, of: calls.append((n, of)))
    assert calls[0] == (8, 200)
    assert calls[-1] == (200, 200)
    change = predict_scores(net, COLOUR)[2] - predict_scores(net, np.zeros_like(COLOUR))[2]
    assert np.isclose(result.values.sum(), change, atol=2e-3)


def test_occlusion_of_a_linear_network() -> None:
    """Squares that do not overlap: each removes the contribution of its pixels relative to mid-grey."""
    net = see.network(
        graph_of("  flatten: flatten\n  fc: {dense: 3}\n", "[1, 6, 10]"), weights={"fc.weight": WEIGHT, "fc.bias": BIAS}
    )
    prepared = see.preparation(net)
    image = np.random.default_rng(2).random((1, 6, 10), dtype=np.float32)
    progress_calls: list[tuple[int, int]] = []
    result = see.occlusion(
        net, image, prepared, 0, size=2, stride=2, progress=lambda n, of: progress_calls.append((n, of))
    )
    adds = WEIGHT[0].reshape(6, 10).numpy() * (image[0] - 0.5)
    blocks = adds.reshape(3, 2, 5, 2).sum((1, 3))
    assert np.allclose(result.values, blocks.repeat(2, 0).repeat(2, 1), atol=1e-4)
    assert progress_calls[-1] == (16, 16)


def test_grad_cam_by_hand() -> None:
    net = see.network(CONV, seed=1)
    weights = {p.name: tensor(net.parameter(p)) for p in CONV.parameters}
    x = tensor(COLOUR)[None]
    maps = F.relu(F.conv2d(x, weights["conv.weight"], weights["conv.bias"], padding=1)).requires_grad_()
    scores = F.linear(F.max_pool2d(maps, 2).mean((2, 3)), weights["fc.weight"], weights["fc.bias"])
    (gradient,) = torch.autograd.grad(scores[0, 1], maps)
    by_hand = F.relu((gradient.mean((2, 3), keepdim=True) * maps).sum(1))[0].detach().numpy()
    result = see.grad_cam(net, COLOUR, 1, "conv")
    assert result.layer == "conv"
    assert np.allclose(result.values, by_hand, atol=1e-6)
    assert see.grad_cam(net, COLOUR, 1).layer == "pool"


def test_channels_last_is_the_same() -> None:
    spec = """
  conv: {conv2d: 4, kernel: 3, padding: 1, activation: relu}
  pool: {max_pool2d: 2}
  mean: global_avg_pool
  fc: {dense: 3, activation: softmax}
"""
    last = see.network(graph_of(spec, "[8, 10, 3]", layout="channels_last"), seed=1)
    net = see.network(CONV, seed=1)
    turned = np.ascontiguousarray(COLOUR.transpose(1, 2, 0))
    a, b = see.preparation(net, [0.5]), see.preparation(last, [0.5])
    for left, right in [
        (see.saliency(net, COLOUR, 1), see.saliency(last, turned, 1)),
        (see.integrated_gradients(net, COLOUR, a, 1), see.integrated_gradients(last, turned, b, 1)),
        (see.grad_cam(net, COLOUR, 1, "conv"), see.grad_cam(last, turned, 1, "conv")),
        (see.occlusion(net, COLOUR, a, 1, size=4, stride=2), see.occlusion(last, turned, b, 1, size=4, stride=2)),
    ]:
        assert left.values.shape == right.values.shape == (8, 10)
        assert np.allclose(left.values, right.values, atol=1e-5)


@pytest.mark.parametrize(
    ("spec", "layer", "scores"),
    [
        ("resnet@18", "layer4.1.add", "fc"),
        ("squeezenet", "classifier.2", "flatten"),
        ("googlenet", "inception5b", None),
        ("densenet_cifar", "norm", "classifier"),
        ("vgg16", "block5_pool", "predictions"),
    ],
)
def test_networks_of_the_zoo(spec: str, layer: str, scores: str | None) -> None:
    net = see.network(spec)
    if scores is not None:
        assert score_layer(net.graph).name == scores
        assert last_spatial_layer(net.graph) == layer
    if spec == "vgg16":
        return  # large
    image = np.random.default_rng(0).random(net.graph.values[0].shape, dtype=np.float32)
    result = see.grad_cam(net, image, 3)
    assert result.values.shape == image.shape[1:]
    assert np.isfinite(result.values).all()


def test_probe_in_a_block_and_before_a_relu_in_place() -> None:
    net = see.network(netspec.load("resnet@18"))
    image = np.random.default_rng(0).random((3, 224, 224), dtype=np.float32)
    for name in ("layer1.0.bn1", "relu", "layer2"):
        assert see.grad_cam(net, image, 3, name).score == pytest.approx(see.saliency(net, image, 3).score, rel=1e-4)
