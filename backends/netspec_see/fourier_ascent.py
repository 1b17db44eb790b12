"""Activation maximisation over the spectrum of an image, with decorrelated colours and random transformations.

Olah, Mordvintsev & Schubert 2017, "Feature visualization", https://distill.pub/2017/feature-visualization, sections
"Preconditioning and parameterization" and "Transformation robustness", as implemented in lucid
(https://github.com/tensorflow/lucid: ``optvis/param/spatial.py``, ``optvis/param/color.py``, ``optvis/transform.py``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its usual name

from .loaded_network import Progress
from .objectives import Maximised, similarity

COLOUR_CORRELATION = ((0.26, 0.09, 0.02), (0.27, 0.00, -0.05), (0.27, -0.09, 0.03))
"""Square root of the covariance of colours in ImageNet (lucid, ``color_correlation_svd_sqrt``)."""
INITIAL_DEVIATION = 0.01
"""Standard deviation of the initial spectrum (lucid, ``fft_image``)."""


@dataclass(frozen=True)
class FourierAscent:
    """Settings of the ascent by Adam (Kingma & Ba 2015). Every step uses a random transformation of the image."""

    steps: int = 160
    rate: float = 0.05
    jitter: int = 4
    """Maximum shift along each axis, in pixels."""
    rotation: float = 10.0
    """Maximum angle, in degrees."""
    scaling: float = 0.1
    """Maximum relative change of size."""
    seed: int = 0


def spectrum_scale(height: int, width: int) -> Tensor:
    """Factors of the frequencies of an image, (height, width // 2 + 1): 1 / frequency, as in natural images.

    The frequency is at least one period per image. The factor ``sqrt(height * width)`` makes the transform unitary, and
    lucid divides by 4.
    """
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    scale = math.sqrt(height * width) / np.maximum(frequency, 1 / max(height, width)) / 4
    return torch.tensor(scale, dtype=torch.float32)


def colour_matrix() -> Tensor:
    """Returns the matrix from decorrelated colours to RGB: the root of their covariance, its longest column one."""
    matrix = torch.tensor(COLOUR_CORRELATION)
    longest = max(math.hypot(*column) for column in zip(*COLOUR_CORRELATION, strict=True))
    return matrix / longest


def image_of_spectrum(spectrum: Tensor, size: tuple[int, int]) -> Tensor:
    """Returns images (images, channels, height, width) from 0 to 1.

    Args:
        spectrum: (images, channels, height, width // 2 + 1, 2), real and imaginary parts.
        size: height and width.
    """
    scaled = torch.view_as_complex(spectrum) * spectrum_scale(*size).to(spectrum.device)
    fft: Any = torch.fft  # typed in part
    image: Tensor = fft.irfft2(scaled, s=size)
    if image.shape[1] == 3:
        image = torch.einsum("rc,nchw->nrhw", colour_matrix().to(image.device), image)
    return image.sigmoid()


def initial_spectrum(channels: int, size: tuple[int, int], count: int, seed: int) -> Tensor:
    """Returns ``count`` random spectra (count, channels, height, width // 2 + 1, 2)."""
    generator = torch.Generator().manual_seed(seed)
    height, width = size
    return torch.randn((count, channels, height, width // 2 + 1, 2), generator=generator) * INITIAL_DEVIATION


def transformed(image: Tensor, how: FourierAscent, generator: torch.Generator) -> Tensor:
    """Returns the images rotated, scaled and shifted at random, all in the same way; regions outside are mid-grey."""
    height, width = image.shape[2:]
    turn, zoom, down, right = (2 * float(torch.rand((), generator=generator)) - 1 for _ in range(4))
    angle, size = math.radians(how.rotation) * turn, 1 + how.scaling * zoom
    cosine, sine = math.cos(angle) / size, math.sin(angle) / size
    # Coordinates run from -1 to 1 along each axis: a rotation of pixels depends on the ratio of the sides.
    matrix = image.new_tensor(
        [
            [cosine, -sine * height / width, 2 * how.jitter * right / width],
            [sine * width / height, cosine, 2 * how.jitter * down / height],
        ]
    )
    grid = F.affine_grid(matrix.expand(len(image), 2, 3), list(image.shape), align_corners=False)
    return F.grid_sample(image - 0.5, grid, align_corners=False) + 0.5


def ascend_spectrum(
    maximised: Maximised,
    size: tuple[int, int, int],
    how: FourierAscent,
    count: int,
    diversity: float,
    progress: Progress | None,
) -> tuple[Tensor, Tensor]:
    """The images, and the objectives before each step and at the end, (steps + 1, objectives).

    Args:
        maximised: the objectives.
        size: channels, height and width of an image.
        how: settings.
        count: images of each objective, in succession.
        diversity: weight of their similarity, relative to the objective.
        progress: called after each step.
    """
    channels, side = size[0], (size[1], size[2])
    objectives = len(maximised.directions) // count
    # All objectives start from the same noise, so that results differ because of the objective alone.
    start = initial_spectrum(channels, side, count, how.seed).repeat(objectives, 1, 1, 1, 1)
    spectrum = start.to(maximised.directions.device).requires_grad_()
    optimizer = torch.optim.Adam([spectrum], lr=how.rate)
    generator = torch.Generator().manual_seed(how.seed)
    record: list[Tensor] = []
    for step in range(how.steps):
        image = image_of_spectrum(spectrum, side)
        with torch.no_grad():
            record.append(maximised.along(maximised.activations(image.detach())))
        loss = _loss(maximised, transformed(image, how, generator), count, diversity)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # PyTorch has no type for it
        optimizer.step()  # pyright: ignore[reportUnknownMemberType] - PyTorch's own type
        if progress is not None:
            progress(step + 1, how.steps)
    with torch.no_grad():
        image = image_of_spectrum(spectrum, side)
        record.append(maximised.along(maximised.activations(image)))
    return image, torch.stack(record)


def _loss(maximised: Maximised, image: Tensor, count: int, diversity: float) -> Tensor:
    """Minus the objectives, plus the weighted similarity of images of one objective.

    While an objective is zero, and so has no gradient, the value before the layer's activation leads.
    """
    activations = maximised.activations(image)
    values = maximised.along(activations)
    if maximised.has_value_before and bool((values == 0).any()):
        values = torch.where(values == 0, maximised.along(maximised.activations(image, "before")), values)
    loss = -values.sum()
    if count > 1 and diversity > 0:
        loss = loss + diversity * (values.detach().abs() * similarity(activations, count)).sum()
    return loss
