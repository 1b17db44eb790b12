"""Activation maximisation: gradient ascent from noise on a filter's mean activation.

After Erhan, Bengio, Courville & Vincent 2009 ("Visualizing higher-layer features of a deep network"); regularised
as by Mahendran & Vedaldi 2015 (total variation), Yosinski et al. 2015 (blur) and Olah, Mordvintsev & Schubert 2017
(jitter; initial noise with the spectrum of natural images). Each of these can be disabled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its usual name

from .class_scores import score_layer
from .fourier_ascent import FourierAscent, ascend_spectrum
from .image_input import Preparation
from .layer_lookup import find_layer
from .loaded_network import Network, Progress
from .objectives import (
    Maximised,
    Weights,
    channel_objectives,
    direction_objectives,
    neuron_objectives,
    similarity,
)


@dataclass(frozen=True)
class Ascent:
    """Settings of the gradient ascent. Lengths are in pixels; image values range from 0 to 1."""

    steps: int = 160
    rate: float = 0.02
    """Step size: root mean square over the image."""
    jitter: int = 4
    """The image is shifted by up to this many pixels before every step; 0 disables it."""
    blur: float = 0.5
    """Standard deviation of a Gaussian blur after every fourth step; 0 disables it."""
    variation: float = 0.25
    """Weight of the total variation, relative to the gradient of the objective; 0 disables it."""
    decayed: bool = True
    """Whether the initial noise has a 1/f spectrum, as natural images do; otherwise it is white."""
    bounded: bool = True
    """Whether pixels are kept between 0 and 1."""
    seed: int = 0

    def plain(self) -> Ascent:
        """Returns the settings without any regularisation: gradient ascent from white noise."""
        return replace(self, jitter=0, blur=0.0, variation=0.0, decayed=False, bounded=False)


@dataclass(frozen=True)
class Exemplars:
    """Inputs that maximise objectives, with one or several images for each objective."""

    layer: str
    filters: tuple[int, ...]
    """The filter of each image; of a direction, the one with the greatest weight."""
    images: NDArray[np.float32]
    """(images, height, width, channels), from 0 to 1 if bounded."""
    objective: NDArray[np.float32]
    """(steps + 1, images): the objective for its image, initially and after every step."""
    labels: tuple[str, ...] = ()
    """A label of the objective of each image."""
    count: int = 1
    """Number of consecutive images of each objective."""

    @property
    def silent(self) -> tuple[int, ...]:
        """Filters whose objective never changed: they are zero on noise and have no gradient to follow."""
        moved = (self.objective != self.objective[:1]).any(axis=0)
        return tuple(dict.fromkeys(f for f, m in zip(self.filters, moved, strict=True) if not m))


def exemplars(
    net: Network,
    layer: str | None,
    filters: Sequence[int],
    prepared: Preparation,
    ascent: Ascent | FourierAscent | None = None,
    *,
    neuron: bool = False,
    position: tuple[int, int] | None = None,
    directions: Sequence[Weights] = (),
    count: int = 1,
    diversity: float = 1.0,
    before_activation: bool = False,
    progress: Progress | None = None,
) -> Exemplars:
    """Returns inputs that maximise filters of a layer, neurons, classes or directions, optimised as one batch.

    While a filter's output is zero everywhere, and so has no gradient, the value before the layer's activation is
    maximised instead.

    Args:
        net: the network.
        layer: name of the layer; it may lack height and width. None means the class scores.
        filters: indices of the filters, or of the classes.
        prepared: the preparation of images.
        ascent: settings, which also determine the method; None means the defaults of :class:`Ascent`.
        neuron: whether to maximise one position of the filters rather than the mean over all.
        position: row and column of that position; by default the centre.
        directions: filters with their weights, instead of single filters: each is one objective.
        count: number of images of each objective.
        diversity: weight of the similarity of these images, relative to the objective.
        before_activation: whether to maximise the value before the layer's activation.
        progress: called after each step.

    Raises:
        Error: NS801, NS802, there is no such layer or filter; NS803, a neuron of a layer without height and width;
            NS812, the channel axis of the layer is unknown; NS820, no such position, or a direction of zeros.
    """
    output = (
        score_layer(net.graph) if layer is None else find_layer(net.graph, layer, before_activation=before_activation)
    )
    if directions:
        objectives = direction_objectives(output, directions)
    elif neuron:
        objectives = neuron_objectives(net, output, filters, position)
    else:
        objectives = channel_objectives(output, filters, "class" if layer is None else "filter")
    objectives = objectives.repeated(count)
    maximised = Maximised(net, objectives, prepared)
    how = ascent or Ascent()
    if isinstance(how, FourierAscent):
        image, record = ascend_spectrum(maximised, prepared.size, how, count, diversity, progress)
    else:
        image, record = _ascend_pixels(net, maximised, prepared, how, count, diversity, progress)
    return Exemplars(
        output.name,
        objectives.filters,
        image.permute(0, 2, 3, 1).cpu().numpy(),
        record.float().cpu().numpy(),
        objectives.labels,
        count,
    )


def _ascend_pixels(
    net: Network,
    maximised: Maximised,
    prepared: Preparation,
    how: Ascent,
    count: int,
    diversity: float,
    progress: Progress | None,
) -> tuple[Tensor, Tensor]:
    """Returns the images, and the objectives initially and after every step, (steps + 1, objectives)."""
    generator = torch.Generator().manual_seed(how.seed)
    # All filters start from the same noise, so that results differ only because of the filter.
    noise = np.stack([initial_noise(prepared.size, how.decayed, how.seed + i) for i in range(count)])
    image = net.batch(np.tile(noise, (len(maximised.directions) // count, 1, 1, 1)))
    record: list[Tensor] = [_objective(maximised, image)]
    for step in range(how.steps):
        image, shifts = _jitter(image, how.jitter, generator)
        image = _ascend(maximised, image, how, count, diversity)
        if how.blur > 0 and step % 4 == 3 and step + 1 < how.steps:
            image = gaussian_blur(image, how.blur)
        image = torch.roll(image, [-s for s in shifts], (2, 3))
        record.append(_objective(maximised, image))
        if progress is not None:
            progress(step + 1, how.steps)
    return image, torch.stack(record)


def _objective(maximised: Maximised, image: Tensor) -> Tensor:
    with torch.no_grad():
        return maximised.along(maximised.activations(image))


def initial_noise(size: tuple[int, int, int], decayed: bool, seed: int) -> NDArray[np.float32]:
    """Returns noise around mid-grey with a standard deviation of 0.05, (channels, height, width)."""
    height, width = size[1:]
    noise = np.random.default_rng(seed).standard_normal(size)
    if decayed and height * width > 1:
        frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
        spectrum = np.fft.rfft2(noise) / np.maximum(frequency, 1 / max(height, width))
        noise = np.fft.irfft2(spectrum, s=(height, width))
        noise = noise / noise.std()
    return np.asarray(0.5 + 0.05 * noise, dtype=np.float32)


def _jitter(image: Tensor, limit: int, generator: torch.Generator) -> tuple[Tensor, tuple[int, int]]:
    if limit <= 0:
        return image, (0, 0)
    down, right = (int(torch.randint(-limit, limit + 1, (), generator=generator)) for _ in range(2))
    return torch.roll(image, (down, right), (2, 3)), (down, right)


def _ascend(maximised: Maximised, image: Tensor, how: Ascent, count: int, diversity: float) -> Tensor:
    """Performs one step along the gradient, of the same size for every image."""
    image = image.detach().requires_grad_()
    activations = maximised.activations(image)
    values = maximised.along(activations)
    total = values.sum()
    if count > 1 and diversity > 0:
        total = total - diversity * (values.detach().abs() * similarity(activations, count)).sum()
    (gradient,) = torch.autograd.grad(total, image)
    silent = gradient.abs().amax(dim=(1, 2, 3), keepdim=True) == 0
    if bool(silent.any()) and maximised.has_value_before:
        # While a filter is zero everywhere, the value before its activation is used.
        (other,) = torch.autograd.grad(maximised.along(maximised.activations(image, "before")).sum(), image)
        gradient = torch.where(silent, other, gradient)
    gradient = _unit(gradient)
    if how.variation > 0:
        (roughness,) = torch.autograd.grad(total_variation(image).sum(), image)
        # Without a gradient of the objective, the image stays unchanged.
        alive = (gradient.abs().amax(dim=(1, 2, 3), keepdim=True) > 0).to(gradient.dtype)
        gradient = gradient - how.variation * alive * _unit(roughness)
    image = image.detach() + how.rate * gradient
    return image.clamp(0, 1) if how.bounded else image


def _unit(gradient: Tensor) -> Tensor:
    """Scales each image's gradient to a root mean square of one; zero stays zero."""
    size = gradient.pow(2).mean(dim=(1, 2, 3), keepdim=True).sqrt()
    return torch.where(size > 0, gradient / size.clamp(min=1e-30), gradient)


def total_variation(image: Tensor) -> Tensor:
    """Returns the total variation of each image: the mean magnitude of the gradient between neighbouring pixels."""
    down = F.pad(image[:, :, 1:] - image[:, :, :-1], (0, 0, 0, 1))
    right = F.pad(image[:, :, :, 1:] - image[:, :, :, :-1], (0, 1, 0, 0))
    return (down.pow(2) + right.pow(2) + 1e-8).sqrt().mean(dim=(1, 2, 3))


def gaussian_blur(image: Tensor, deviation: float) -> Tensor:
    """Blurs an image by a Gaussian, with its edges replicated outside."""
    radius = min(max(1, round(3 * deviation)), *(n - 1 for n in image.shape[2:]))
    if radius < 1:
        return image
    at = torch.arange(-radius, radius + 1, dtype=image.dtype, device=image.device)
    kernel = torch.exp(-(at**2) / (2 * deviation**2))
    kernel = (kernel / kernel.sum()).expand(image.shape[1], 1, -1)
    padded = F.pad(image, (radius, radius, radius, radius), mode="replicate")
    across = F.conv2d(padded, kernel[:, :, None], groups=image.shape[1])
    return F.conv2d(across, kernel[:, :, :, None], groups=image.shape[1])
