"""Objectives of exemplars: directions in the channels of a layer, averaged over its positions or at one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its usual name

from netspec.diagnostics import Error, clip

from .image_input import Preparation
from .layer_lookup import LayerOutput, require_plane, select_filters
from .loaded_network import Network

Weights: TypeAlias = Sequence[tuple[int, float]]
"""Filters with the weight of each in a direction."""


@dataclass(frozen=True, eq=False)
class Objectives:
    """Directions in the channels of a layer: a single channel is one of them, a class is a channel of the scores."""

    layer: LayerOutput
    directions: NDArray[np.float32]
    """(objectives, channels), each of length one."""
    filters: tuple[int, ...]
    """The filter of each objective; of a direction, that with the greatest weight."""
    labels: tuple[str, ...]
    position: tuple[int, int] | None = None
    """Row and column of a neuron; None for the mean over all positions."""

    def repeated(self, count: int) -> Objectives:
        """Repeats each objective ``count`` times in succession."""
        if count == 1:
            return self
        labels = tuple(f"{label}, {i + 1}" for label in self.labels for i in range(count))
        filters = tuple(f for f in self.filters for _ in range(count))
        return replace(self, directions=self.directions.repeat(count, 0), filters=filters, labels=labels)


def channel_objectives(layer: LayerOutput, filters: Sequence[int], what: str = "filter") -> Objectives:
    """Returns the mean activation of each filter as objectives. Raises Error NS802, NS812.

    ``what`` is the name of filters in labels.
    """
    channels = _channels(layer)
    numbers = select_filters(layer, filters)
    directions = np.eye(channels, dtype=np.float32)[list(numbers)]
    return Objectives(layer, directions, numbers, tuple(f"{what} {n}" for n in numbers))


def neuron_objectives(
    net: Network, layer: LayerOutput, filters: Sequence[int], position: tuple[int, int] | None
) -> Objectives:
    """The activation of each filter at one position, by default the middle. Raises Error NS802, NS803, NS812, NS820."""
    plane = require_plane(net.graph, layer)
    height, width = layer.type.shape[plane.height], layer.type.shape[plane.width]
    row, column = position if position is not None else (height // 2, width // 2)
    if not (row < height and column < width):
        positions = f"rows 0 to {height - 1} and columns 0 to {width - 1}"
        message = f"layer '{clip(layer.name)}' has {positions}; found row {clip(row)}, column {clip(column)}"
        raise Error("NS820", message)
    objectives = channel_objectives(layer, filters)
    labels = tuple(f"{label} at {row}, {column}" for label in objectives.labels)
    return replace(objectives, labels=labels, position=(row, column))


def direction_objectives(layer: LayerOutput, directions: Sequence[Weights]) -> Objectives:
    """The mean activation along each direction. Raises Error NS802, NS812, NS820."""
    vectors = np.zeros((len(directions), _channels(layer)), np.float32)
    labels: list[str] = []
    for vector, weights in zip(vectors, directions, strict=True):
        select_filters(layer, [n for n, _ in weights])
        for n, weight in weights:
            vector[n] += weight
        if not vector.any():
            raise Error("NS820", f"a direction in layer '{clip(layer.name)}' has no weight other than zero")
        text = " + ".join(str(n) if weight == 1 else f"{weight:g}·{n}" for n, weight in weights)
        labels.append(f"filters {text}".replace("+ -", "- "))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Objectives(layer, vectors, tuple(int(n) for n in np.abs(vectors).argmax(1)), tuple(labels))


def _channels(layer: LayerOutput) -> int:
    if layer.type.channel is None:
        raise Error("NS812", f"layer '{clip(layer.name)}' has no channel axis, so its filters cannot be selected")
    return layer.type.shape[layer.type.channel]


class Maximised:
    """Objectives as functions of images, one for each image of a batch."""

    def __init__(self, net: Network, objectives: Objectives, prepared: Preparation) -> None:
        layer = objectives.layer
        before = _value_before_activation(layer)
        outputs = {"value": layer.value} if before is None else {"value": layer.value, "before": before}
        self.model = net.module(outputs)
        self.objectives = objectives
        directions = torch.from_numpy(objectives.directions)  # pyright: ignore[reportUnknownMemberType] - PyTorch's type
        self.directions = directions.to(net.device)
        self.mean, self.std = (torch.tensor(n, device=net.device)[:, None, None] for n in (prepared.mean, prepared.std))
        # From (batch, channels, height, width) to the axis order of the input.
        self.order = [0, *(prepared.order.index(a) + 1 for a in range(3))]
        plane, channel = layer.plane, layer.type.channel
        assert channel is not None
        rest = [a for a in range(layer.type.rank) if a != channel]
        self.channels_first = [0, *(a + 1 for a in (plane.order if plane is not None else (channel, *rest)))]

    def activations(self, image: Tensor, name: str = "value") -> Tensor:
        """(images, channels, positions) of images (images, channels, height, width) from 0 to 1."""
        x = ((image - self.mean) / self.std).permute(self.order)
        value: Tensor = self.model(x.contiguous())[name].permute(self.channels_first)
        if self.objectives.position is not None:
            row, column = self.objectives.position
            value = value[:, :, row : row + 1, column : column + 1]
        return value.flatten(2) if value.dim() > 2 else value[:, :, None]

    def along(self, activations: Tensor) -> Tensor:
        """The objective of each image: its activations along its direction, averaged over positions."""
        values: Tensor = (activations * self.directions[:, :, None]).sum(1).mean(1)
        return values

    @property
    def has_value_before(self) -> bool:
        """Whether the layer has a value before its activation, for filters that are zero."""
        return "before" in self.model.names


def _value_before_activation(layer: LayerOutput) -> int | None:
    """Returns the input of the layer's activation; None if it has none."""
    op = layer.node.op
    return layer.node.inputs[0] if op.is_activation and len(layer.node.inputs) == 1 else None


def similarity(activations: Tensor, count: int) -> Tensor:
    """Measures how similar each image is to others of its objective: the mean cosine of their Gram matrices.

    Olah, Mordvintsev & Schubert 2017, "Feature visualization", section "Diversity"; lucid, ``objectives.diversity``.

    Args:
        activations: (images, channels, positions), ``count`` consecutive images for each objective.
        count: number of images per objective.
    """
    grams = F.normalize((activations @ activations.mT).flatten(1), dim=1, eps=1e-10)
    groups = grams.reshape(-1, count, grams.shape[1])
    cosines: Tensor = groups @ groups.mT
    others = cosines.sum(2) - cosines.diagonal(dim1=1, dim2=2)
    return (others / max(1, count - 1)).flatten()
