"""Exemplars in frequencies: the parametrisation is its definition, the objectives rise, and images of one differ."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

import netspec_see as see
from netspec.diagnostics import Error
from netspec_see.fourier_ascent import (
    FourierAscent,
    colour_matrix,
    image_of_spectrum,
    initial_spectrum,
    spectrum_scale,
    transformed,
)
from netspec_see.layer_lookup import find_layer
from netspec_see.objectives import direction_objectives, similarity

from .support import tensor
from .test_exemplar import GRAPH, NET, PREPARED

SHORT = FourierAscent(steps=25)


@pytest.mark.parametrize("size", [(6, 8), (5, 7), (1, 4)])
def test_the_parametrisation_is_an_inverse_transform_with_1_over_f(size: tuple[int, int]) -> None:
    """lucid's ``fft_image``, written out as a sum over frequencies."""
    height, width = size
    spectrum = initial_spectrum(1, size, 1, 0)
    values = torch.view_as_complex(spectrum)[0, 0].numpy()
    expected = np.zeros(size)
    for i in range(height):
        for j in range(width // 2 + 1):
            fy, fx = (i if i <= (height - 1) // 2 else i - height) / height, j / width
            frequency = max(math.hypot(fx, fy), 1 / max(height, width))
            value = values[i, j] / frequency * math.sqrt(height * width) / 4
            both = 1 if j in (0, width / 2) else 2  # the other half of the spectrum is its conjugate
            for y in range(height):
                for x in range(width):
                    wave = np.exp(2j * np.pi * (i * y / height + j * x / width))
                    expected[y, x] += both * (value * wave).real / (height * width)
    image = image_of_spectrum(spectrum, size)[0, 0].logit().numpy()
    np.testing.assert_allclose(image, expected, atol=1e-5)
    assert spectrum_scale(*size).shape == spectrum.shape[2:4]


def test_colours_are_decorrelated_as_in_lucid() -> None:
    """``color_correlation_svd_sqrt / max_norm_svd_sqrt`` of lucid/optvis/param/color.py."""
    svd_sqrt = np.asarray([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]], np.float32)
    expected = svd_sqrt / np.max(np.linalg.norm(svd_sqrt, axis=0))
    np.testing.assert_allclose(colour_matrix().numpy(), expected, rtol=1e-6)
    spectrum = initial_spectrum(3, (4, 6), 2, 0)
    grey = torch.cat([image_of_spectrum(spectrum[:, c : c + 1], (4, 6)) for c in range(3)], 1).logit()
    turned = np.einsum("nchw,rc->nrhw", grey.numpy(), expected)
    np.testing.assert_allclose(image_of_spectrum(spectrum, (4, 6)).logit().numpy(), turned, atol=1e-5)


def test_transformations() -> None:
    image = torch.rand(2, 3, 9, 13)
    same = FourierAscent(jitter=0, rotation=0, scaling=0)
    assert torch.allclose(transformed(image, same, torch.Generator()), image, atol=1e-5)
    shift = transformed(image, replace(same, jitter=3), torch.Generator().manual_seed(0))
    assert not torch.allclose(shift, image, atol=0.1)
    flat = torch.full((1, 1, 8, 8), 0.5)
    assert torch.allclose(transformed(flat, FourierAscent(), torch.Generator()), flat)


def test_a_rotation_keeps_distances_in_images_that_are_not_square() -> None:
    """A dot below the middle moves along a circle, not along an ellipse."""
    image = torch.full((1, 1, 41, 81), 0.5)
    image[..., 31:34, 39:42] = 1
    for seed in range(4):
        how = FourierAscent(jitter=0, rotation=60, scaling=0)
        (dot,) = (transformed(image, how, torch.Generator().manual_seed(seed))[:, 0] - 0.5).clamp(min=0)
        rows, columns = torch.meshgrid(torch.arange(41.0), torch.arange(81.0), indexing="ij")
        centre = [(dot * at).sum().item() / dot.sum().item() for at in (rows, columns)]
        assert math.hypot(centre[0] - 20, centre[1] - 40) == pytest.approx(12, abs=0.3)


@pytest.mark.parametrize("how", [SHORT, see.Ascent(steps=25)], ids=["fourier", "pixels"])
@pytest.mark.parametrize("kind", ["channel", "neuron", "class", "direction"])
def test_every_objective_rises(kind: str, how: FourierAscent | see.Ascent) -> None:
    layer = None if kind == "class" else "conv2"
    directions = [[(1, 1.0), (5, -0.5)]] if kind == "direction" else []
    result = see.exemplars(NET, layer, [0, 3], PREPARED, how, neuron=kind == "neuron", directions=directions)
    assert (result.objective[-1] > result.objective[0]).all()
    assert result.objective[-8:].mean() > result.objective[:8].mean()
    assert result.images.min() >= 0
    assert result.images.max() <= 1
    values = [
        {a.layer: a.values for a in see.activations(NET, PREPARED.normalize(image), ["conv2"])}["conv2"]
        for image in result.images
    ]
    expected = {
        "channel": [v[n].mean() for v, n in zip(values, (0, 3), strict=False)],
        "neuron": [v[n, v.shape[1] // 2, v.shape[2] // 2] for v, n in zip(values, (0, 3), strict=False)],
        "direction": [(v[1] - 0.5 * v[5]).mean() / math.sqrt(1.25) for v in values],
    }
    if kind != "class":
        np.testing.assert_allclose(result.objective[-1], expected[kind], rtol=1e-4)
    labels = {
        "channel": ("filter 0", "filter 3"),
        "neuron": ("filter 0 at 2, 3", "filter 3 at 2, 3"),
        "class": ("class 0", "class 3"),
        "direction": ("filters 1 - 0.5·5",),
    }
    assert result.labels == labels[kind]


def test_similarity_is_that_of_gram_matrices() -> None:
    activations = torch.rand(4, 3, 5, generator=torch.Generator().manual_seed(0))
    grams = [a @ a.T for a in activations]

    def cosine(i: int, j: int) -> float:
        return float((grams[i] * grams[j]).sum() / (grams[i].square().sum() * grams[j].square().sum()).sqrt())

    expected = [cosine(0, 1), cosine(1, 0), cosine(2, 3), cosine(3, 2)]
    np.testing.assert_allclose(similarity(activations, 2).numpy(), expected, rtol=1e-5)
    every = [(sum(cosine(i, j) for j in range(4) if j != i)) / 3 for i in range(4)]
    np.testing.assert_allclose(similarity(activations, 4).numpy(), every, rtol=1e-5)


@pytest.mark.parametrize("how", [SHORT, see.Ascent(steps=25)], ids=["fourier", "pixels"])
def test_diversity_makes_images_of_one_filter_less_similar(how: FourierAscent | see.Ascent) -> None:
    def alike(weight: float) -> float:
        result = see.exemplars(NET, "conv2", [1], PREPARED, how, count=2, diversity=weight)
        assert result.labels == ("filter 1, 1", "filter 1, 2")
        assert (result.images[0] != result.images[1]).any()
        values = [see.activations(NET, PREPARED.normalize(i), ["conv2"])[0].values for i in result.images]
        return float(similarity(tensor(np.stack(values)).flatten(2), 2)[0])

    assert alike(4.0) < alike(0.0)


def test_seeded_and_independent_of_one_another() -> None:
    both = see.exemplars(NET, "conv2", [1, 5], PREPARED, SHORT)
    assert (both.images == see.exemplars(NET, "conv2", [1, 5], PREPARED, SHORT).images).all()
    alone = see.exemplars(NET, "conv2", [5], PREPARED, SHORT)
    np.testing.assert_allclose(both.images[1], alone.images[0], atol=2e-3)
    assert (both.images != see.exemplars(NET, "conv2", [1, 5], PREPARED, replace(SHORT, seed=1)).images).any()


def test_errors() -> None:
    for call, text in (
        (
            lambda: see.exemplars(NET, "conv2", [0], PREPARED, neuron=True, position=(9, 0)),
            "error[NS820]: layer 'conv2' has rows 0 to 4 and columns 0 to 6; found row 9, column 0",
        ),
        (
            lambda: see.exemplars(NET, "flatten", [0], PREPARED, neuron=True),
            "error[NS803]: layer 'flatten' (280) has no height and width\n  = help: the last layer that has them is 'conv2'",
        ),
        (
            lambda: direction_objectives(find_layer(GRAPH, "conv2"), [[(1, 1.0), (1, -1.0)]]),
            "error[NS820]: a direction in layer 'conv2' has no weight other than zero",
        ),
        (
            lambda: direction_objectives(find_layer(GRAPH, "conv2"), [[(8, 1.0)]]),
            "error[NS802]: layer 'conv2' has filters 0 to 7; found 8",
        ),
    ):
        with pytest.raises(Error) as raised:
            call()
        assert str(raised.value) == text
