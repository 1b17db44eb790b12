"""Attribution of class scores to pixels: saliency, integrated gradients, Grad-CAM and occlusion, by Captum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import captum.attr as _captum  # type: ignore[import-untyped]  # pyright: ignore[reportMissingTypeStubs] - it has no types
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from netspec.diagnostics import Error

from .class_scores import last_spatial_layer, resolve_target, score_module, score_module_through
from .image_input import Preparation
from .layer_lookup import find_layer
from .loaded_network import Network, Progress
from .token_grids import GivenGrid

attr: Any = _captum


@dataclass(frozen=True)
class Attribution:
    """The contribution of each pixel of an image to a class score."""

    method: str
    """``saliency``, ``integrated_gradients``, ``grad_cam``, ``rollout`` or ``occlusion``."""
    target: int
    """Index of the class."""
    score: float
    """The class's score for the image, before a final softmax or sigmoid."""
    values: NDArray[np.float32]
    """(height, width) of the image; ``grad_cam`` and ``rollout`` are interpolated from the size of the layer's maps."""
    signed: bool
    """Whether values may be negative, which is evidence against the class."""
    layer: str | None = None
    """The layer that Grad-CAM used."""
    grid: tuple[int, int] | None = None
    """Rows and columns of the maps that Grad-CAM or attention rollout used."""
    error: float | None = None
    """Deviation of the sum of integrated gradients from the change of the score; more steps make it smaller."""


def _input(net: Network, image: NDArray[np.float32]) -> Tensor:
    return net.batch(image[None]).requires_grad_()


def _channels_first(net: Network, attribution: Tensor) -> NDArray[np.float32]:
    """Returns an attribution of the input as (channels, height, width)."""
    values: NDArray[np.float32] = attribution.detach()[0].float().cpu().numpy()
    return values.transpose(net.image.order)


def saliency(net: Network, image: NDArray[np.float32], target: int | None = None) -> Attribution:
    """Returns the sensitivity of the score to each pixel: the greatest absolute gradient over the channels.

    Simonyan, Vedaldi & Zisserman 2013, "Deep inside convolutional networks".

    Args:
        net: the network.
        image: the input, in the network's shape.
        target: index of the class; by default the class with the highest score.

    Raises:
        Error: NS805, NS807, the image does not fit the network; NS812, NS813, there is no such class.
    """
    number, score = resolve_target(net, image, target)
    gradient = attr.Saliency(score_module(net)).attribute(_input(net, image), target=number)
    return Attribution("saliency", number, score, _channels_first(net, gradient).max(0), False)


def integrated_gradients(
    net: Network,
    image: NDArray[np.float32],
    prepared: Preparation,
    target: int | None = None,
    *,
    steps: int = 64,
    progress: Progress | None = None,
) -> Attribution:
    """Attributes the change of the score from a black image to this one to pixels; the values sum to the change.

    Sundararajan, Taly & Yan 2017, "Axiomatic attribution for deep networks". Arguments and errors are those of
    :func:`saliency`; ``steps`` is the number of interpolated images, and ``progress`` is called after each batch.
    """
    number, score = resolve_target(net, image, target)
    black = prepared.normalize(np.zeros((*prepared.size[1:], prepared.size[0]), np.float32))
    scores = _with_progress(score_module(net), steps, progress)
    gradient, error = attr.IntegratedGradients(scores).attribute(
        _input(net, image),
        baselines=net.batch(black[None]),
        target=number,
        n_steps=steps,
        internal_batch_size=8,
        return_convergence_delta=True,
    )
    values = _channels_first(net, gradient.float()).sum(0)
    return Attribution("integrated_gradients", number, score, values, True, error=float(error[0]))


def _with_progress(
    scores: Callable[[Tensor], Tensor], total: int, progress: Progress | None
) -> Callable[[Tensor], Tensor]:
    """Wraps the scores in a function that reports the number of images processed so far."""
    done = 0

    def reported(x: Tensor) -> Tensor:
        nonlocal done
        out = scores(x)
        done += len(x)
        if progress is not None:
            progress(min(done, total), total)
        return out

    return reported


def grad_cam(
    net: Network,
    image: NDArray[np.float32],
    target: int | None = None,
    layer: str | None = None,
    grid: GivenGrid | None = None,
) -> Attribution:
    """Returns the regions of a layer that are evidence for the class: the positive weighted sum of its maps.

    Weights are mean gradients (Selvaraju et al. 2017, "Grad-CAM"). The result is enlarged to the image's size by
    bilinear
    interpolation. Tokens are arranged as an image again, by default as in the patch embedding.

    Args:
        net: the network.
        image: the input, in the network's shape.
        target: index of the class; by default the class with the highest score.
        layer: name of a layer with height and width, or of a sequence of the image's patches; by default the last one
            with more than one position on which the scores depend.
        grid: arrangement of the tokens of a sequence.

    Raises:
        Error: NS801, NS803, there is no such layer, or it has no height and width; NS805, NS807, the image does not fit
            the network; NS812, NS813, there is no such class; NS818, the grid does not fit the layer.
    """
    through = find_layer(net.graph, layer if layer is not None else last_spatial_layer(net.graph, grid))
    model = score_module_through(net, through, grid)
    number, score = resolve_target(net, image, target)
    heat: Any = attr.LayerGradCam(model, model.chw).attribute(
        _input(net, image), target=number, relu_attributions=True, attr_dim_summation=True
    )
    values = enlarged(heat.detach(), net.image_size[1:])
    size = model.grid.rows, model.grid.columns
    return Attribution("grad_cam", number, score, values, False, layer=through.name, grid=size)


def enlarged(heat: Tensor, size: tuple[int, int]) -> NDArray[np.float32]:
    """Enlarges a map (1, 1, rows, columns) to the size of the image, by bilinear interpolation."""
    out: Any = attr.LayerAttribution.interpolate(heat, size, "bilinear")
    values: NDArray[np.float32] = out[0, 0].float().cpu().numpy()
    return values


def _in_order_of(net: Network, chw: tuple[int, int, int]) -> tuple[int, int, int]:
    """Returns channels, height and width in the order of the network's input."""
    out = [0, 0, 0]
    for a, n in zip(net.image.order, chw, strict=True):
        out[a] = n
    return out[0], out[1], out[2]


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
    """Returns how much the score drops when a grey square hides each pixel, averaged over all squares.

    Zeiler & Fergus 2014, "Visualizing and understanding convolutional networks", section 4.2.

    Args:
        net: the network.
        image: the input, in the network's shape.
        prepared: the preparation of images; it defines the grey of the square.
        target: index of the class; by default the class with the highest score.
        size: side of the square in pixels.
        stride: distance between squares in pixels.
        progress: called after each batch.

    Raises:
        Error: NS805, NS807, the image does not fit the network; NS812, NS813, there is no such class; NS814, the square
            is larger than the image, or the stride would leave pixels uncovered.
    """
    channels, height, width = net.image_size
    if not 1 <= size <= min(height, width):
        raise Error(
            "NS814", f"the square must be 1 to {min(height, width)} pixels wide, within the image; found {size}"
        )
    if not 1 <= stride <= size:
        raise Error("NS814", f"the stride must be 1 to {size}, so that every pixel is covered; found {stride}")
    number, score = resolve_target(net, image, target)
    total = (-(-(height - size) // stride) + 1) * (-(-(width - size) // stride) + 1) + 1
    grey = prepared.normalize(np.full((height, width, channels), 0.5, np.float32))
    with torch.no_grad():
        drop = attr.Occlusion(_with_progress(score_module(net), total, progress)).attribute(
            net.batch(image[None]),
            sliding_window_shapes=_in_order_of(net, (channels, size, size)),
            strides=_in_order_of(net, (channels, stride, stride)),
            baselines=net.batch(grey[None]),
            target=number,
            perturbations_per_eval=16,
        )
    return Attribution("occlusion", number, score, _channels_first(net, drop.float()).mean(0), True)
