"""Exemplars: the objective increases, the regularisers have their effect, and the seed determines the result."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

import netspec_see as see
from netspec_see.exemplar import Ascent, gaussian_blur, initial_noise, total_variation

from .support import graph_of, tensor

GRAPH = graph_of(
    """
  conv1: {conv2d: 6, kernel: 3, init: he_normal, activation: relu}
  pool: {max_pool2d: 2}
  conv2: {conv2d: 8, kernel: 3, init: he_normal, activation: relu}
  flatten: flatten
  fc: {dense: 4, activation: softmax}
""",
    "[3, 16, 20]",
)
NET = see.network(GRAPH, seed=3)
PREPARED = see.preparation(NET, [0.5], [0.25])
SHORT = Ascent(steps=40)


@pytest.mark.parametrize("layer", ["conv1", "conv2", "fc"])
@pytest.mark.parametrize(
    "how", [SHORT, SHORT.plain(), replace(SHORT, bounded=False)], ids=["aids", "plain", "unbounded"]
)
def test_objective_rises(layer: str, how: Ascent) -> None:
    result = see.exemplars(NET, layer, [0, 1, 3], PREPARED, how, before_activation=layer == "fc")
    assert result.objective.shape == (41, 3)
    assert (result.objective[-1] > result.objective[0]).all()
    # Not only the last step: the second half is above the first half, and above the start.
    early, late = result.objective[1:20].mean(0), result.objective[20:].mean(0)
    assert (late > np.maximum(early, result.objective[0])).all()


def test_small_plain_steps_never_fall() -> None:
    result = see.exemplars(NET, "conv2", [0, 2], PREPARED, replace(SHORT.plain(), rate=0.001))
    assert (np.diff(result.objective, axis=0) >= 0).all()


def test_objective_is_the_mean_activation() -> None:
    result = see.exemplars(NET, "conv2", [1, 5], PREPARED, SHORT)
    for i, number in enumerate(result.filters):
        (answer,) = see.activations(NET, PREPARED.normalize(result.images[i]), ["conv2"])
        assert np.isclose(answer.values[number].mean(), result.objective[-1, i], rtol=1e-4)


def test_seeded() -> None:
    a, b = (see.exemplars(NET, "conv2", [1, 5], PREPARED, SHORT) for _ in range(2))
    assert (a.images == b.images).all()
    other = see.exemplars(NET, "conv2", [1, 5], PREPARED, replace(SHORT, seed=1))
    assert (a.images != other.images).any()


def test_filters_do_not_depend_on_one_another() -> None:
    both = see.exemplars(NET, "conv2", [1, 5], PREPARED, SHORT)
    alone = see.exemplars(NET, "conv2", [5], PREPARED, SHORT)
    assert np.allclose(both.images[1], alone.images[0], atol=1e-3)


def test_bounds() -> None:
    result = see.exemplars(NET, "conv2", [0, 1, 2], PREPARED, replace(SHORT, rate=0.2))
    assert result.images.min() >= 0
    assert result.images.max() <= 1
    free = see.exemplars(NET, "conv2", [0, 1, 2], PREPARED, replace(SHORT, rate=0.2, bounded=False))
    assert free.images.max() > 1


def test_a_filter_that_is_zero_on_noise_becomes_active() -> None:
    graph = graph_of("  conv: {conv2d: 1, kernel: 1, activation: relu}\n", "[1, 8, 8]")
    net = see.network(graph, weights={"conv.weight": torch.ones(1, 1, 1, 1), "conv.bias": torch.full((1,), -0.9)})
    result = see.exemplars(net, "conv", [0], see.preparation(net), SHORT.plain())
    assert result.objective[0, 0] == 0
    assert result.objective[-1, 0] > 0


def test_a_silent_filter_is_reported() -> None:
    graph = graph_of("  conv: {conv2d: 2, kernel: 1}\n  relu: relu\n", "[1, 8, 8]")
    weights = {"conv.weight": torch.tensor([0.0, 1.0])[:, None, None, None], "conv.bias": torch.tensor([-1.0, 0.0])}
    net = see.network(graph, weights=weights)
    assert see.exemplars(net, "relu", [0, 1], see.preparation(net), SHORT).silent == (0,)


def test_spectrum_of_the_initial_noise() -> None:
    white, decayed = (initial_noise((1, 64, 64), kind, 0)[0] for kind in (False, True))
    for image in (white, decayed):
        assert np.isclose(image.mean(), 0.5, atol=0.02)
        assert np.isclose(image.std(), 0.05, rtol=0.05)
    low, high = (slice(1, 6), slice(20, 32))

    def power(image: np.ndarray[tuple[int, ...], np.dtype[np.float32]], band: slice) -> float:
        return float((np.abs(np.fft.rfft2(image)[1:32, band]) ** 2).mean())

    assert 0.5 < power(white, low) / power(white, high) < 2
    assert power(decayed, low) > 3 * power(decayed, high)


def test_blur_keeps_the_mean_and_lowers_the_variation() -> None:
    image = torch.rand(2, 3, 16, 16)
    soft = gaussian_blur(image, 1.0)
    assert torch.allclose(gaussian_blur(torch.full((1, 1, 8, 8), 0.3), 1.0), torch.full((1, 1, 8, 8), 0.3))
    assert soft.shape == image.shape
    assert (total_variation(soft) < 0.6 * total_variation(image)).all()


def test_variation_of_known_images() -> None:
    flat, edge = torch.zeros(1, 1, 4, 4), torch.zeros(1, 1, 4, 4)
    edge[..., 2:] = 1
    assert total_variation(flat).item() < 1e-3
    assert np.isclose(total_variation(edge).item(), 4 / 16, atol=1e-3)


def test_variation_smooths() -> None:
    rough = see.exemplars(NET, "conv2", [0, 1, 2], PREPARED, replace(SHORT.plain(), bounded=True))
    smooth = see.exemplars(NET, "conv2", [0, 1, 2], PREPARED, replace(SHORT.plain(), bounded=True, variation=2.0))

    def total(result: see.Exemplars) -> torch.Tensor:
        return total_variation(tensor(result.images).permute(0, 3, 1, 2))

    assert (total(smooth) < total(rough)).all()


def test_before_activation() -> None:
    result = see.exemplars(NET, "fc", [2], PREPARED, SHORT, before_activation=True)
    assert result.layer == "fc before its activation"
    (before,) = see.activations(NET, PREPARED.normalize(result.images[0]), ["flatten"])
    weight, bias = (NET.weights.values(p) for p in NET.graph.parameters if p.name.startswith("fc."))
    assert np.isclose(result.objective[-1, 0], weight[2] @ before.values + bias[2], rtol=1e-4)
