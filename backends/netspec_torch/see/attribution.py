"""Which pixels a class score depends on: saliency, integrated gradients, Grad-CAM and occlusion, through Captum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import captum.attr as _captum  # type: ignore[import-untyped]  # pyright: ignore[reportMissingTypeStubs] - it has no types
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from netspec.diagnostics import clip
from netspec.ir.graph import Graph
from netspec.ir.layout import channels_first
from netspec.ops.activation import LogSoftmax, Sigmoid, Softmax

from .activations import check
from .cut import probed
from .faults import fail
from .images import Preparation
from .layers import Layer, find, layers, plane, plane_of
from .network import Network, Taps

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


class Scores(nn.Module):
    """The scores of the classes, one row an image: means over the places of a network that gives maps of them."""

    def __init__(self, taps: Taps, channel: int) -> None:
        super().__init__()
        self.taps = taps
        self.channel = channel

    def forward(self, x: Tensor) -> Tensor:
        """(images, classes)."""
        found: Tensor = self.taps(x)["scores"].movedim(self.channel + 1, 1)
        return found.flatten(2).mean(2) if found.dim() > 2 else found


def score_layer(net: Network) -> Layer:
    """The layer of the class scores: the first output, before a final softmax, log-softmax or sigmoid.

    Raises:
        SpecError: NS812, the output's channels, which are its classes, are not known.
    """
    value = next(iter(net.graph.outputs.values()))
    maker = net.graph.producers[value]
    assert maker is not None
    while isinstance(maker.op, (Softmax, LogSoftmax, Sigmoid)):
        before = net.graph.producers[maker.inputs[0]]
        if before is None:
            break
        value, maker = maker.inputs[0], before
    found = Layer(maker.layer, value, net.graph.values[value], maker)
    if found.type.channel is None:
        fail("NS812", f"the output of '{clip(net.graph.name)}' has no axis of classes that one could be chosen from")
    return found


def _scores(net: Network) -> Scores:
    """The network up to its scores."""
    last = score_layer(net)
    assert last.type.channel is not None
    return Scores(net.module({"scores": last.value}), last.type.channel)


def _scores_through(net: Network, through: Layer) -> _Moved:
    """The same with a layer's value passing a module, its axes in the order channels, height, width."""
    last = score_layer(net)
    if through.value == last.value:
        fail("NS803", f"Grad-CAM needs a layer before the scores; '{clip(through.name)}' gives them")
    # In the order in which the backend keeps axes, so that none changes between the layer and the hook.
    graph = channels_first(net.graph)
    value, scores = (_same(net.graph, graph, v) for v in (through.value, last.value))
    at, channel = plane_of(graph.values[value]), graph.values[scores].channel
    assert at is not None
    assert channel is not None
    with_probe, name = probed(graph, value)
    taps = net.module({"scores": scores}, with_probe)
    modules: Any = taps.model.named_modules()  # pyright: ignore[reportUnknownVariableType] - of PyTorch's own
    probe: nn.Module | None = dict(modules).get(name)
    if probe is None:
        fail("NS812", f"the scores of '{clip(net.graph.name)}' do not depend on layer '{clip(through.name)}'")
    return _Moved(Scores(taps, channel), probe, at.order)


def _same(graph: Graph, other: Graph, value: int) -> int:
    """The number that a value has in a graph with the same layers."""
    maker = graph.producers[value]
    assert maker is not None
    found = next(node for node in other.nodes if node.name == maker.name)
    return found.first + value - maker.first


def classes(net: Network) -> int:
    """How many classes the network tells apart."""
    return score_layer(net).filters


def predicted(net: Network, image: NDArray[np.float32]) -> NDArray[np.float32]:
    """The scores of all classes for one image, before a final softmax or sigmoid."""
    check(net, image)
    with torch.inference_mode():
        found = _scores(net)(net.batch(image[None]))[0].float().cpu().numpy()
    return np.asarray(found)


def _target(net: Network, image: NDArray[np.float32], target: int | None) -> tuple[int, float]:
    """The class that is meant, by default the one of the highest score, and its score."""
    scores = predicted(net, image)
    if target is None:
        target = int(np.nanargmax(scores)) if not np.isnan(scores).all() else 0
    if not 0 <= target < len(scores):
        fail("NS813", f"'{clip(net.graph.name)}' has classes 0 to {len(scores) - 1}; found {target}")
    return target, float(scores[target])


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
        SpecError: NS805, NS807, no such image; NS812, NS813, no such class.
    """
    number, score = _target(net, image, target)
    found = attr.Saliency(_scores(net)).attribute(_input(net, image), target=number)
    return Attribution("saliency", number, score, _flat(net, found).max(0), False)


def integrated_gradients(
    net: Network, image: NDArray[np.float32], prepared: Preparation, target: int | None = None, *, steps: int = 64
) -> Attribution:
    """What each pixel adds to the score on the way from a black image: values add up to the change of the score.

    Sundararajan, Taly & Yan 2017, "Axiomatic attribution for deep networks". Arguments and errors are those of
    :func:`saliency`; ``steps`` is the number of images on the way.
    """
    number, score = _target(net, image, target)
    black = prepared.normal(np.zeros((*prepared.size[1:], prepared.size[0]), np.float32))
    found, error = attr.IntegratedGradients(_scores(net)).attribute(
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
        SpecError: NS801, NS803, no such layer, or one without places; NS805, NS807, no such image; NS812, NS813, no
            such class.
    """
    number, score = _target(net, image, target)
    through = find(net.graph, layer if layer is not None else last_map(net))
    plane(net.graph, through)
    moved = _scores_through(net, through)
    found: Any = attr.LayerGradCam(moved, moved.chw).attribute(
        _input(net, image), target=number, relu_attributions=True, attr_dim_summation=True)
    size = net.image_size[1:]
    grown: Any = attr.LayerAttribution.interpolate(found, size, "bilinear")
    values: NDArray[np.float32] = grown.detach()[0, 0].float().cpu().numpy()
    return Attribution("grad_cam", number, score, values, False, layer=through.name)


class _Moved(nn.Module):
    """A network in which a layer's value passes a module with its axes in the order channels, height, width.

    Captum takes the channels to be the first axis after the batch.
    """

    def __init__(self, scores: Scores, probe: nn.Module, order: tuple[int, int, int]) -> None:
        super().__init__()
        self.scores = scores
        self.chw = nn.Identity()
        there = (0, *(a + 1 for a in order))
        back = tuple(there.index(a) for a in range(4))

        def pass_through(module: nn.Module, given: tuple[Tensor, ...], out: Tensor) -> Tensor:
            moved: Tensor = self.chw(out.permute(there))
            return moved.permute(back)

        probe.register_forward_hook(pass_through)

    def forward(self, x: Tensor) -> Tensor:
        """(images, classes)."""
        out: Tensor = self.scores(x)
        return out


def last_map(net: Network) -> str:
    """The last layer on the way to the scores with more than one place. Raises SpecError NS803 where there is none."""
    last = score_layer(net)
    found: str | None = None
    for name, layer in layers(net.graph).items():
        at = layer.plane
        if layer.value >= last.value:
            break
        if at is not None and layer.type.shape[at.height] * layer.type.shape[at.width] > 1 \
                and layer.node.layer == name and layer.type.dtype.startswith(("float", "bfloat")):
            found = name
    if found is None:
        fail("NS803", f"no layer of '{clip(net.graph.name)}' has more than one place before its scores")
    return found


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
        SpecError: NS805, NS807, no such image; NS812, NS813, no such class; NS814, a square that is not within the
            image, or a stride that leaves pixels out.
    """
    channels, height, width = net.image_size
    if not 1 <= size <= min(height, width):
        fail("NS814", f"the square must be 1 to {min(height, width)} pixels wide, within the image; found {size}")
    if not 1 <= stride <= size:
        fail("NS814", f"the stride must be 1 to {size}, so that no pixel is left out; found {stride}")
    number, score = _target(net, image, target)
    scores = _scores(net)
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
