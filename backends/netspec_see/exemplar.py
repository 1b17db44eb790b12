"""The input that a filter looks for: gradient ascent from noise on the filter's mean answer.

After Erhan, Bengio, Courville & Vincent 2009 ("Visualizing higher-layer features of a deep network"); the aids are
those of Mahendran & Vedaldi 2015 (total variation), Yosinski et al. 2015 (blur) and Olah, Mordvintsev & Schubert 2017
(jitter; a start whose frequencies decay as those of natural images do). With all of them off it is plain ascent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its usual name

from .faults import fail
from .images import Preparation
from .layers import Layer, chosen, find
from .probe import Network, Taps

Progress = Callable[[int, int], None]
"""Told how many steps are done, and how many there are."""


@dataclass(frozen=True)
class Ascent:
    """How an exemplar is searched for. Lengths are in pixels; numbers of the image go from 0 to 1."""

    steps: int = 160
    rate: float = 0.02
    """The length of a step: root mean square over the image."""
    jitter: int = 4
    """The image is moved by up to so many pixels before every step; 0 turns it off."""
    blur: float = 0.5
    """Standard deviation of a Gaussian blur after every fourth step; 0 turns it off."""
    variation: float = 0.25
    """Weight of the total variation, as a share of the objective's own gradient; 0 turns it off."""
    decayed: bool = True
    """Whether the noise of the start has frequencies that decay as 1/f; else all are alike (white noise)."""
    bounded: bool = True
    """Whether pixels stay between 0 and 1."""
    seed: int = 0

    def plain(self) -> Ascent:
        """The same without any aid: gradient ascent from white noise."""
        return replace(self, jitter=0, blur=0.0, variation=0.0, decayed=False, bounded=False)


@dataclass(frozen=True)
class Exemplars:
    """Inputs that maximise filters, one for each."""

    layer: str
    filters: tuple[int, ...]
    images: NDArray[np.float32]
    """(filters, height, width, channels), numbers from 0 to 1 where they are bounded."""
    objective: NDArray[np.float32]
    """(steps + 1, filters): the filter's mean answer to its image at the start and after every step."""

    @property
    def silent(self) -> tuple[int, ...]:
        """Filters whose objective never moved: they do not answer to noise, and so have no gradient to follow."""
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
    """The inputs that maximise filters of a layer, all at once.

    Where a filter's answer has no gradient, being zero everywhere, the value before the layer's activation is followed.

    Args:
        net: the network.
        layer: name of the layer; one without height and width (a class score) will do.
        filters: numbers of the filters.
        prepared: mean and standard deviation of inputs.
        ascent: how to search.
        before_activation: whether to maximise the value before the layer's activation.
        progress: is told how far it is.

    Raises:
        Error: NS801, NS802, no such layer or filter; NS812, its filters cannot be told apart.
    """
    how = ascent or Ascent()
    found = find(net.graph, layer, before_activation=before_activation)
    if found.type.channel is None:
        fail("NS812", f"the filters of layer '{layer}' cannot be told apart: none of its axes is known to be that of "
             "the channels")
    numbers = chosen(found, filters)
    before = _before(found)
    model = net.module({"value": found.value} if before is None else {"value": found.value, "before": before})
    make = torch.Generator().manual_seed(how.seed)
    # The noise of one filter is that of all: what differs between the results is the filter.
    noise = start(prepared.size, how.decayed, how.seed)
    image = net.batch(np.repeat(noise[None], len(numbers), 0))
    record: list[Tensor] = [_answer(model, found, numbers, image, prepared).detach()]
    for step in range(how.steps):
        image, moves = _jittered(image, how.jitter, make)
        image = _climbed(model, found, numbers, image, prepared, how)
        if how.blur > 0 and step % 4 == 3 and step + 1 < how.steps:
            image = blurred(image, how.blur)
        image = torch.roll(image, [-m for m in moves], (2, 3))
        with torch.no_grad():
            record.append(_answer(model, found, numbers, image, prepared))
        if progress is not None:
            progress(step + 1, how.steps)
    return Exemplars(
        found.name, numbers, image.permute(0, 2, 3, 1).cpu().numpy(), torch.stack(record).float().cpu().numpy())


def start(size: tuple[int, int, int], decayed: bool, seed: int) -> NDArray[np.float32]:
    """Noise around mid grey with a standard deviation of 0.05, (channels, height, width)."""
    height, width = size[1:]
    noise = np.random.default_rng(seed).standard_normal(size)
    if decayed and height * width > 1:
        frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
        spectrum = np.fft.rfft2(noise) / np.maximum(frequency, 1 / max(height, width))
        noise = np.fft.irfft2(spectrum, s=(height, width))
        noise = noise / noise.std()
    return np.asarray(0.5 + 0.05 * noise, dtype=np.float32)


def _before(layer: Layer) -> int | None:
    """The value that the layer's activation is applied to, where it ends in one."""
    op = layer.node.op
    return layer.node.inputs[0] if op.is_activation and len(layer.node.inputs) == 1 else None


def _answer(
    model: Taps, layer: Layer, filters: Sequence[int], image: Tensor, prepared: Preparation, of: str = "value"
) -> Tensor:
    """The mean answer of each filter to its own image."""
    mean = torch.tensor(prepared.mean, device=image.device)[:, None, None]
    std = torch.tensor(prepared.std, device=image.device)[:, None, None]
    x = (image - mean) / std
    # From (batch, channels, height, width) to the input's own order.
    back = [0, *(prepared.order.index(a) + 1 for a in range(3))]
    value = model(x.permute(back).contiguous())[of]
    assert layer.type.channel is not None
    value = value.movedim(layer.type.channel + 1, 1)
    own: Tensor = value[torch.arange(len(filters)), torch.tensor(filters)]
    return own.flatten(1).mean(1) if own.dim() > 1 else own


def _jittered(image: Tensor, most: int, make: torch.Generator) -> tuple[Tensor, tuple[int, int]]:
    if most <= 0:
        return image, (0, 0)
    down, right = (int(torch.randint(-most, most + 1, (), generator=make)) for _ in range(2))
    return torch.roll(image, (down, right), (2, 3)), (down, right)


def _climbed(
    model: Taps, layer: Layer, filters: Sequence[int], image: Tensor, prepared: Preparation, how: Ascent
) -> Tensor:
    """One step along the gradient, of the same length for every image."""
    image = image.detach().requires_grad_()
    (up,) = torch.autograd.grad(_answer(model, layer, filters, image, prepared).sum(), image)
    silent = up.abs().amax(dim=(1, 2, 3), keepdim=True) == 0
    if bool(silent.any()) and "before" in model.names:
        # A filter that answers with zeros alone is led by the value before its activation, until it wakes.
        (other,) = torch.autograd.grad(_answer(model, layer, filters, image, prepared, "before").sum(), image)
        up = torch.where(silent, other, up)
    up = _unit(up)
    if how.variation > 0:
        (rough,) = torch.autograd.grad(variation(image).sum(), image)
        # Where the objective has no gradient the image stays as it is.
        alive = (up.abs().amax(dim=(1, 2, 3), keepdim=True) > 0).to(up.dtype)
        up = up - how.variation * alive * _unit(rough)
    image = image.detach() + how.rate * up
    return image.clamp(0, 1) if how.bounded else image


def _unit(gradient: Tensor) -> Tensor:
    """Each image's gradient with a root mean square of one; zero stays zero."""
    size = gradient.pow(2).mean(dim=(1, 2, 3), keepdim=True).sqrt()
    return torch.where(size > 0, gradient / size.clamp(min=1e-30), gradient)


def variation(image: Tensor) -> Tensor:
    """Total variation of each image: mean length of the gradient from pixel to pixel."""
    down = F.pad(image[:, :, 1:] - image[:, :, :-1], (0, 0, 0, 1))
    right = F.pad(image[:, :, :, 1:] - image[:, :, :, :-1], (0, 1, 0, 0))
    return (down.pow(2) + right.pow(2) + 1e-8).sqrt().mean(dim=(1, 2, 3))


def blurred(image: Tensor, deviation: float) -> Tensor:
    """The image under a Gaussian of that standard deviation, its edges carried on outside."""
    radius = min(max(1, round(3 * deviation)), *(n - 1 for n in image.shape[2:]))
    if radius < 1:
        return image
    at = torch.arange(-radius, radius + 1, dtype=image.dtype, device=image.device)
    kernel = torch.exp(-(at**2) / (2 * deviation**2))
    kernel = (kernel / kernel.sum()).expand(image.shape[1], 1, -1)
    padded = F.pad(image, (radius, radius, radius, radius), mode="replicate")
    across = F.conv2d(padded, kernel[:, :, None], groups=image.shape[1])
    return F.conv2d(across, kernel[:, :, :, None], groups=image.shape[1])
