"""Which pixels a class score depends on: saliency, integrated gradients, Grad-CAM and occlusion, through Captum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import captum.attr as _captum  # type: ignore[import-untyped]  # pyright: ignore[reportMissingTypeStubs] - it has no types
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .faults import fail
from .images import Preparation
from .layers import find, plane
from .probe import Network
from .scores import last_map, scores_of, scores_through, target_of

attr: Any = _captum
Progress = Callable[[int, int], None]
"""Told how much is done, and how much there is."""


@dataclass(frozen=True)
class Attribution:
    """What each pixel of an image adds to a score."""

    method: str
    """``saliency``, ``integrated_gradients``, ``grad_cam`` or ``occlusion``."""
    target: int
    """Number of the class."""
    score: float
    """The class's score for the image, before a final softmax or sigmoid."""
    values: NDArray[np.float32]
    """(height, width); for ``grad_cam`` of the layer's maps, brought to the image's size."""
    signed: bool
    """Whether values below zero speak against the class; else there are none."""
    layer: str | None = None
    """The layer that Grad-CAM looked at."""
    error: float | None = None
    """How far integrated gradients are from adding up to the change of the score, which they do in the limit."""


def _input(net: Network, image: NDArray[np.float32]) -> Tensor:
    return net.batch(image[None]).requires_grad_()


def _flat(net: Network, found: Tensor) -> NDArray[np.float32]:
    """An attribution to the input as (channels, height, width)."""
    values: NDArray[np.float32] = found.detach()[0].float().cpu().numpy()
    return values.transpose(net.image.order)


def saliency(net: Network, image: NDArray[np.float32], target: int | None = None) -> Attribution:
    """How much the score would change with each pixel: the gradient's greatest size over the channels.

    Simonyan, Vedaldi & Zisserman 2013, "Deep inside convolutional networks".

    Args:
        net: the network.
        image: the input, of the network's shape.
        target: number of the class; by default the one of the highest score.

    Raises:
        Error: NS805, NS807, no such image; NS812, NS813, no such class.
    """
    number, score = target_of(net, image, target)
    found = attr.Saliency(scores_of(net)).attribute(_input(net, image), target=number)
    return Attribution("saliency", number, score, _flat(net, found).max(0), False)


def integrated_gradients(
    net: Network, image: NDArray[np.float32], prepared: Preparation, target: int | None = None, *, steps: int = 64
) -> Attribution:
    """What each pixel adds to the score on the way from a black image: values add up to the change of the score.

    Sundararajan, Taly & Yan 2017, "Axiomatic attribution for deep networks". Arguments and errors are those of
    :func:`saliency`; ``steps`` is the number of images on the way.
    """
    number, score = target_of(net, image, target)
    black = prepared.normal(np.zeros((*prepared.size[1:], prepared.size[0]), np.float32))
    found, error = attr.IntegratedGradients(scores_of(net)).attribute(
        _input(net, image), baselines=net.batch(black[None]), target=number, n_steps=steps,
        internal_batch_size=8, return_convergence_delta=True)
    return Attribution(
        "integrated_gradients", number, score, _flat(net, found.float()).sum(0), True, error=float(error[0]))


def grad_cam(
    net: Network, image: NDArray[np.float32], target: int | None = None, layer: str | None = None
) -> Attribution:
    """Where a layer's maps speak for the class: the maps, weighted by their mean gradients, where the sum is positive.

    Selvaraju et al. 2017, "Grad-CAM". The maps are brought to the image's size by bilinear interpolation.

    Args:
        net: the network.
        image: the input, of the network's shape.
        target: number of the class; by default the one of the highest score.
        layer: name of a layer with height and width; by default the last that has more than one place.

    Raises:
        Error: NS801, NS803, no such layer, or one without places; NS805, NS807, no such image; NS812, NS813, no
            such class.
    """
    number, score = target_of(net, image, target)
    through = find(net.graph, layer if layer is not None else last_map(net))
    plane(net.graph, through)
    moved = scores_through(net, through)
    found: Any = attr.LayerGradCam(moved, moved.chw).attribute(
        _input(net, image), target=number, relu_attributions=True, attr_dim_summation=True)
    size = net.image_size[1:]
    grown: Any = attr.LayerAttribution.interpolate(found, size, "bilinear")
    values: NDArray[np.float32] = grown.detach()[0, 0].float().cpu().numpy()
    return Attribution("grad_cam", number, score, values, False, layer=through.name)


def occlusion(
    net: Network,
    image: NDArray[np.float32],
    prepared: Preparation,
    target: int | None = None,
    *,
    size: int = 8,
    stride: int = 4,
    progress: Progress | None = None,
) -> Attribution:
    """How far the score falls where a grey square hides the image, averaged over the squares on each pixel.

    Zeiler & Fergus 2014, "Visualizing and understanding convolutional networks", section 4.2.

    Args:
        net: the network.
        image: the input, of the network's shape.
        prepared: what mid grey is as input.
        target: number of the class; by default the one of the highest score.
        size: side of the square, in pixels.
        stride: pixels from one square to the next.
        progress: is told how far it is.

    Raises:
        Error: NS805, NS807, no such image; NS812, NS813, no such class; NS814, a square that is not within the
            image, or a stride that leaves pixels out.
    """
    channels, height, width = net.image_size
    if not 1 <= size <= min(height, width):
        fail("NS814", f"the square must be 1 to {min(height, width)} pixels wide, within the image; found {size}")
    if not 1 <= stride <= size:
        fail("NS814", f"the stride must be 1 to {size}, so that no pixel is left out; found {stride}")
    number, score = target_of(net, image, target)
    scores = scores_of(net)
    total = (-(-(height - size) // stride) + 1) * (-(-(width - size) // stride) + 1) + 1
    done = 0

    def counted(x: Tensor) -> Tensor:
        nonlocal done
        found: Tensor = scores(x)
        done += len(x)
        if progress is not None:
            progress(min(done, total), total)
        return found

    order = net.image.order

    def in_order(chw: tuple[int, int, int]) -> tuple[int, int, int]:
        out = [0, 0, 0]
        for a, n in zip(order, chw, strict=True):
            out[a] = n
        return out[0], out[1], out[2]

    grey = prepared.normal(np.full((height, width, channels), 0.5, np.float32))
    with torch.no_grad():
        found = attr.Occlusion(counted).attribute(
            net.batch(image[None]), sliding_window_shapes=in_order((channels, size, size)),
            strides=in_order((channels, stride, stride)), baselines=net.batch(grey[None]),
            target=number, perturbations_per_eval=16)
    return Attribution("occlusion", number, score, _flat(net, found.float()).mean(0), True)
