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

from netspec.diagnostics import Error

from .image_input import Preparation
from .layer_lookup import LayerOutput, find_layer, select_filters
from .loaded_network import NamedValues, Network, Progress


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
        """The same without any regularisation: gradient ascent from white noise."""
        return replace(self, jitter=0, blur=0.0, variation=0.0, decayed=False, bounded=False)


@dataclass(frozen=True)
class Exemplars:
    """Inputs that maximise filters, one per filter."""

    layer: str
    filters: tuple[int, ...]
    images: NDArray[np.float32]
    """(filters, height, width, channels), from 0 to 1 if bounded."""
    objective: NDArray[np.float32]
    """(steps + 1, filters): the filter's mean activation for its image, initially and after every step."""

    @property
    def silent(self) -> tuple[int, ...]:
        """Filters whose objective never changed: they are zero on noise and have no gradient to follow."""
        moved = (self.objective != self.objective[:1]).any(axis=0)
        return tuple(f for f, m in zip(self.filters, moved, strict=True) if not m)


def exemplars(
    net: Network,
    layer: str,
    filters: Sequence[int],
    prepared: Preparation,
    ascent: Ascent | None = None,
    *,
    before_activation: bool = False,
    progress: Progress | None = None,
) -> Exemplars:
    """The inputs that maximise filters of a layer, optimised as one batch.

    While a filter's output is zero everywhere, and so has no gradient, the value before the layer's activation is
    maximised instead.

    Args:
        net: the network.
        layer: name of the layer; it may lack height and width, such as class scores.
        filters: indices of the filters.
        prepared: how images become inputs.
        ascent: settings; the defaults of :class:`Ascent` if None.
        before_activation: whether to maximise the value before the layer's activation.
        progress: called after each step.

    Raises:
        Error: NS801, NS802, there is no such layer or filter; NS812, the channel axis of the layer is not known.
    """
    how = ascent or Ascent()
    output = find_layer(net.graph, layer, before_activation=before_activation)
    if output.type.channel is None:
        raise Error("NS812", f"layer '{layer}' has no channel axis, so its filters cannot be selected")
    numbers = select_filters(output, filters)
    before = _value_before_activation(output)
    model = net.module({"value": output.value} if before is None else {"value": output.value, "before": before})
    generator = torch.Generator().manual_seed(how.seed)
    # All filters start from the same noise, so that results differ because of the filter alone.
    noise = initial_noise(prepared.size, how.decayed, how.seed)
    image = net.batch(np.repeat(noise[None], len(numbers), 0))
    record: list[Tensor] = [_mean_activation(model, output, numbers, image, prepared).detach()]
    for step in range(how.steps):
        image, shifts = _jitter(image, how.jitter, generator)
        image = _ascend(model, output, numbers, image, prepared, how)
        if how.blur > 0 and step % 4 == 3 and step + 1 < how.steps:
            image = gaussian_blur(image, how.blur)
        image = torch.roll(image, [-s for s in shifts], (2, 3))
        with torch.no_grad():
            record.append(_mean_activation(model, output, numbers, image, prepared))
        if progress is not None:
            progress(step + 1, how.steps)
    return Exemplars(
        output.name, numbers, image.permute(0, 2, 3, 1).cpu().numpy(), torch.stack(record).float().cpu().numpy()
    )


def initial_noise(size: tuple[int, int, int], decayed: bool, seed: int) -> NDArray[np.float32]:
    """Noise around mid-grey with a standard deviation of 0.05, (channels, height, width)."""
    height, width = size[1:]
    noise = np.random.default_rng(seed).standard_normal(size)
    if decayed and height * width > 1:
        frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
        spectrum = np.fft.rfft2(noise) / np.maximum(frequency, 1 / max(height, width))
        noise = np.fft.irfft2(spectrum, s=(height, width))
        noise = noise / noise.std()
    return np.asarray(0.5 + 0.05 * noise, dtype=np.float32)


def _value_before_activation(layer: LayerOutput) -> int | None:
    """The input of the layer's activation; None if it has none."""
    op = layer.node.op
    return layer.node.inputs[0] if op.is_activation and len(layer.node.inputs) == 1 else None


def _mean_activation(
    model: NamedValues,
    layer: LayerOutput,
    filters: Sequence[int],
    image: Tensor,
    prepared: Preparation,
    name: str = "value",
) -> Tensor:
    """The mean activation of each filter for its own image."""
    mean = torch.tensor(prepared.mean, device=image.device)[:, None, None]
    std = torch.tensor(prepared.std, device=image.device)[:, None, None]
    x = (image - mean) / std
    # From (batch, channels, height, width) to the axis order of the input.
    back = [0, *(prepared.order.index(a) + 1 for a in range(3))]
    value = model(x.permute(back).contiguous())[name]
    assert layer.type.channel is not None
    value = value.movedim(layer.type.channel + 1, 1)
    own: Tensor = value[torch.arange(len(filters)), torch.tensor(filters)]
    return own.flatten(1).mean(1) if own.dim() > 1 else own


def _jitter(image: Tensor, limit: int, generator: torch.Generator) -> tuple[Tensor, tuple[int, int]]:
    if limit <= 0:
        return image, (0, 0)
    down, right = (int(torch.randint(-limit, limit + 1, (), generator=generator)) for _ in range(2))
    return torch.roll(image, (down, right), (2, 3)), (down, right)


def _ascend(
    model: NamedValues, layer: LayerOutput, filters: Sequence[int], image: Tensor, prepared: Preparation, how: Ascent
) -> Tensor:
    """One step along the gradient, of the same size for every image."""
    image = image.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(_mean_activation(model, layer, filters, image, prepared).sum(), image)
    silent = gradient.abs().amax(dim=(1, 2, 3), keepdim=True) == 0
    if bool(silent.any()) and "before" in model.names:
        # While a filter is zero everywhere, the value before its activation leads.
        (other,) = torch.autograd.grad(_mean_activation(model, layer, filters, image, prepared, "before").sum(), image)
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
    """Each image's gradient scaled to a root mean square of one; zero stays zero."""
    size = gradient.pow(2).mean(dim=(1, 2, 3), keepdim=True).sqrt()
    return torch.where(size > 0, gradient / size.clamp(min=1e-30), gradient)


def total_variation(image: Tensor) -> Tensor:
    """Total variation of each image: the mean length of the gradient between neighbouring pixels."""
    down = F.pad(image[:, :, 1:] - image[:, :, :-1], (0, 0, 0, 1))
    right = F.pad(image[:, :, :, 1:] - image[:, :, :, :-1], (0, 1, 0, 0))
    return (down.pow(2) + right.pow(2) + 1e-8).sqrt().mean(dim=(1, 2, 3))


def gaussian_blur(image: Tensor, deviation: float) -> Tensor:
    """The image blurred by a Gaussian, with its edges replicated outside."""
    radius = min(max(1, round(3 * deviation)), *(n - 1 for n in image.shape[2:]))
    if radius < 1:
        return image
    at = torch.arange(-radius, radius + 1, dtype=image.dtype, device=image.device)
    kernel = torch.exp(-(at**2) / (2 * deviation**2))
    kernel = (kernel / kernel.sum()).expand(image.shape[1], 1, -1)
    padded = F.pad(image, (radius, radius, radius, radius), mode="replicate")
    across = F.conv2d(padded, kernel[:, :, None], groups=image.shape[1])
    return F.conv2d(across, kernel[:, :, :, None], groups=image.shape[1])
