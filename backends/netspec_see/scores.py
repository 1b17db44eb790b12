"""The scores of a network's classes, before a final softmax, and a layer's value on the way to them."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from netspec.diagnostics import clip
from netspec.ir import Graph
from netspec.ir.axis_order import channels_first
from netspec.ops.activation import LogSoftmax, Sigmoid, Softmax

from .cut import probed
from .faults import fail
from .layers import Layer, layers, plane_of
from .maps import check
from .probe import Network, Taps


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
        Error: NS812, the output's channels, which are its classes, are not known.
    """
    value = next(iter(net.graph.outputs.values()))
    maker = net.graph.producer(value)
    assert maker is not None
    while isinstance(maker.op, (Softmax, LogSoftmax, Sigmoid)):
        before = net.graph.producer(maker.inputs[0])
        if before is None:
            break
        value, maker = maker.inputs[0], before
    found = Layer(maker.layer, value, net.graph.values[value], maker)
    if found.type.channel is None:
        fail("NS812", f"the output of '{clip(net.graph.name)}' has no axis of classes that one could be chosen from")
    return found


def scores_of(net: Network) -> Scores:
    """The network up to its scores."""
    last = score_layer(net)
    assert last.type.channel is not None
    return Scores(net.module({"scores": last.value}), last.type.channel)


def scores_through(net: Network, through: Layer) -> Moved:
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
    return Moved(Scores(taps, channel), probe, at.order)


def _same(graph: Graph, other: Graph, value: int) -> int:
    """The number that a value has in a graph with the same layers."""
    maker = graph.producer(value)
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
        found = scores_of(net)(net.batch(image[None]))[0].float().cpu().numpy()
    return np.asarray(found)


def target_of(net: Network, image: NDArray[np.float32], target: int | None) -> tuple[int, float]:
    """The class that is meant, by default the one of the highest score, and its score."""
    scores = predicted(net, image)
    if target is None:
        target = int(np.nanargmax(scores)) if not np.isnan(scores).all() else 0
    if not 0 <= target < len(scores):
        fail("NS813", f"'{clip(net.graph.name)}' has classes 0 to {len(scores) - 1}; found {target}")
    return target, float(scores[target])


class Moved(nn.Module):
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
    """The last layer on the way to the scores with more than one place. Raises Error NS803 where there is none."""
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
