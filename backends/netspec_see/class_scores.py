"""The class scores of a network, before a final softmax, and the output of an intermediate layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from netspec.diagnostics import Error, clip
from netspec.ir import Graph
from netspec.ir.axis_order import channels_first

from .activation_maps import check_image_shape
from .exact_field import Mask, influences
from .layer_lookup import LayerOutput, layers_by_name
from .loaded_network import NamedValues, Network
from .subgraph import with_probe
from .token_grids import GivenGrid, Grid, grids, require_grid


class Scores(nn.Module):
    """The class scores, one row per image; score maps are averaged over their positions."""

    def __init__(self, model: NamedValues, channel: int) -> None:
        super().__init__()
        self.model = model
        self.channel = channel

    def forward(self, x: Tensor) -> Tensor:
        """Returns (images, classes)."""
        scores: Tensor = self.model(x)["scores"].movedim(self.channel + 1, 1)
        return scores.flatten(2).mean(2) if scores.dim() > 2 else scores


def score_layer(graph: Graph) -> LayerOutput:
    """Returns the layer of the class scores: the first output, before a final softmax, log-softmax or sigmoid.

    Raises:
        Error: NS812, the channel axis of the output, which is the axis of the classes, is unknown.
    """
    value = next(iter(graph.outputs.values()))
    producer = graph.producer(value)
    assert producer is not None
    while producer.op.gives_probabilities:
        previous = graph.producer(producer.inputs[0])
        if previous is None:
            break
        value, producer = producer.inputs[0], previous
    layer = LayerOutput(producer.layer, value, graph.values[value], producer)
    if layer.type.channel is None:
        raise Error("NS812", f"the output of '{clip(graph.name)}' has no class axis")
    return layer


def score_module(net: Network) -> Scores:
    """Returns the network up to its class scores."""
    last = score_layer(net.graph)
    assert last.type.channel is not None
    return Scores(net.module({"scores": last.value}), last.type.channel)


def score_module_through(net: Network, through: LayerOutput, given_grid: GivenGrid | None = None) -> ScoresThroughLayer:
    """Returns the network up to its class scores, in which a layer's output passes through a submodule as maps.

    Raises:
        Error: NS803, the layer outputs the scores, or has no height and width; NS812, the scores do not depend on it;
            NS818, the given grid does not fit it.
    """
    last = score_layer(net.graph)
    if through.value == last.value:
        raise Error("NS803", f"Grad-CAM needs a layer before the scores; '{clip(through.name)}' outputs them")
    grid = require_grid(net.graph, through, given_grid)
    # The backend computes with channels first: in that order, no axes change between the layer and the hook.
    graph = channels_first(net.graph)
    value, scores = (_same_value(net.graph, graph, v) for v in (through.value, last.value))
    if graph is not net.graph and len(grid.axes) == 2:
        grid = grids(graph)[value]
    channel = graph.values[scores].channel
    assert channel is not None
    probed, name = with_probe(graph, value)
    model = net.module({"scores": scores}, probed)
    modules: Any = model.model.named_modules()  # pyright: ignore[reportUnknownVariableType] - of PyTorch's own
    probe: nn.Module | None = dict(modules).get(name)
    if probe is None:
        raise Error("NS812", f"the scores of '{clip(net.graph.name)}' do not depend on layer '{clip(through.name)}'")
    return ScoresThroughLayer(Scores(model, channel), probe, grid)


def _same_value(graph: Graph, other: Graph, value: int) -> int:
    """Returns the number of a value in another graph with the same layers."""
    producer = graph.producer(value)
    assert producer is not None
    return other.node(producer.name).first_value + value - producer.first_value


def class_count(net: Network) -> int:
    """Returns the number of classes."""
    return score_layer(net.graph).filters


def predict_scores(net: Network, image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns the scores of all classes for one image, before a final softmax or sigmoid."""
    check_image_shape(net, image)
    with torch.inference_mode():
        scores = score_module(net)(net.batch(image[None]))[0].float().cpu().numpy()
    return np.asarray(scores)


def resolve_target(net: Network, image: NDArray[np.float32], target: int | None) -> tuple[int, float]:
    """Returns the given class, by default the one with the highest score, and its score.

    Raises:
        Error: NS805, NS807, the image does not fit the network; NS812, NS813, there is no such class.
    """
    scores = predict_scores(net, image)
    if target is None:
        target = int(np.nanargmax(scores)) if not np.isnan(scores).all() else 0
    if not 0 <= target < len(scores):
        raise Error("NS813", f"'{clip(net.graph.name)}' has classes 0 to {len(scores) - 1}; found {target}")
    return target, float(scores[target])


class ScoresThroughLayer(nn.Module):
    """Class scores of a network in which a layer's output passes through the submodule ``chw`` as maps.

    Captum expects the channels on the first axis after the batch, then rows and columns.
    """

    def __init__(self, scores: Scores, probe: nn.Module, grid: Grid) -> None:
        super().__init__()
        self.scores = scores
        self.chw = nn.Identity()
        self.grid = grid

        def pass_through(module: nn.Module, inputs: tuple[Tensor, ...], out: Tensor) -> Tensor:
            return grid.with_maps(out, self.chw(grid.maps(out)))

        probe.register_forward_hook(pass_through)

    def forward(self, x: Tensor) -> Tensor:
        """Returns (images, classes)."""
        out: Tensor = self.scores(x)
        return out


def last_spatial_layer(graph: Graph, given_grid: GivenGrid | None = None) -> str:
    """Returns the last layer with several positions of the image, most of which affect the scores.

    After the last attention of a vision transformer that classifies by one token, the scores depend only on that token;
    in that case, this is the layer before the attention.

    Args:
        graph: the network.
        given_grid: arrangement of tokens.

    Raises:
        Error: NS803, there is none; NS818, the given grid fits no layer.
    """
    last = score_layer(graph)
    arranged = grids(graph, given_grid)
    names = {
        layer.value: name
        for name, layer in layers_by_name(graph).items()
        if layer.node.layer == name and layer.type.dtype.startswith(("float", "bfloat")) and layer.value in arranged
    }
    start = np.ones(graph.values[last.value].shape, dtype=np.bool_)
    for value, mask in influences(graph, {last.value: start}):
        if value == last.value or value not in names:
            continue
        grid = arranged[value]
        if grid.positions > 1 and (given_grid is None or len(grid.axes) == 1) and _share(grid, mask) >= 0.5:
            return names[value]
    if given_grid is not None:
        raise Error(
            "NS818", f"no layer of '{clip(graph.name)}' before the scores has tokens for a grid of {given_grid}"
        )
    raise Error("NS803", f"no layer of '{clip(graph.name)}' before the scores has more than one position")


def _share(grid: Grid, mask: Mask) -> float:
    """Returns the fraction of a grid's positions at which any element is set."""
    maps = grid.maps(torch.from_numpy(mask[None]))  # pyright: ignore[reportUnknownMemberType] - PyTorch's own type
    return float(maps.any(1).float().mean())
