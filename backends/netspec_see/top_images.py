"""The images that activate a filter most, and the position in each: activation and receptive field."""

from __future__ import annotations

import heapq
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from netspec.diagnostics import Error

from .exact_field import Box, box
from .image_folders import find_images
from .image_input import Preparation
from .layer_lookup import LayerOutput, find_layer, require_plane, select_filters
from .loaded_network import Network, Progress

MAX_NAMED = 100
"""Skipped images that are listed by name; further ones are only counted."""


@dataclass(frozen=True)
class Hit:
    """An image that activates a filter, and where."""

    path: str
    value: float
    """The filter's greatest activation for the image."""
    position: tuple[int, int]
    """Row and column of that activation in the filter's map (the first, if there are several)."""
    box: Box | None
    """Its receptive field: the pixels of the prepared image that it depends on; None if these are all padding."""


@dataclass(frozen=True)
class Top:
    """The images that activate a filter most."""

    layer: str
    filter: int
    hits: tuple[Hit, ...]
    """The greatest activation first; of equal ones, the earlier image first."""
    images: int
    """Number of images that were evaluated."""
    skipped: tuple[tuple[str, str], ...]
    """Images that could not be read, with the reason; the first :data:`MAX_NAMED`."""
    unreadable: int
    """Number of images that could not be read."""


class _Candidate(NamedTuple):
    value: float
    order: int
    """Minus the image's index, so that the first of equal values sorts highest."""
    path: str
    position: tuple[int, int]


@dataclass
class _Skipped:
    named: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    count: int = 0

    def add(self, path: str, error: Error) -> None:
        self.count += 1
        if len(self.named) < MAX_NAMED:
            self.named.append((path, error.message))


def top(
    net: Network,
    layer: str,
    filters: Sequence[int],
    paths: Sequence[str | os.PathLike[str]],
    prepared: Preparation,
    *,
    count: int = 9,
    batch: int = 16,
    before_activation: bool = False,
    progress: Progress | None = None,
) -> list[Top]:
    """The images that activate filters most, from folders of any size, in bounded memory.

    Args:
        net: the network.
        layer: name of the layer.
        filters: indices of the filters.
        paths: folders, which are searched with their subfolders, and image files.
        prepared: how images become inputs.
        count: number of images to keep per filter.
        batch: number of images per batch.
        before_activation: whether to use the value before the layer's activation.
        progress: called after each batch.

    Raises:
        Error: NS801 to NS803, there is no such layer or filter, or the layer has no height and width; NS809, a path
            does not exist, or none of the images can be read.
    """
    output = find_layer(net.graph, layer, before_activation=before_activation)
    plane = require_plane(net.graph, output)
    numbers = select_filters(output, filters)
    total = sum(1 for _ in find_images(paths))
    model = net.module({"value": output.value})
    best: list[list[_Candidate]] = [[] for _ in numbers]
    skipped = _Skipped()
    done = 0
    for names, inputs in _batches(paths, prepared, batch, skipped):
        with torch.inference_mode():
            values = model(net.batch(inputs))["value"].permute(0, *(a + 1 for a in plane.order))
            maps = values[:, list(numbers)].float().cpu().numpy()
        for i, name in enumerate(names):
            for candidates, feature_map in zip(best, maps[i], strict=True):
                _keep_best(candidates, count, name, -(done + i), feature_map)
        done += len(names)
        if progress is not None:
            progress(done + skipped.count, total)
    if not done:
        where = ", ".join(f"'{os.fspath(p)}'" for p in paths)
        raise Error("NS809", f"no image in {where} can be read", notes=[reason for _, reason in skipped.named[:5]])
    out: list[Top] = []
    for number, candidates in zip(numbers, best, strict=True):
        hits = tuple(_hit(net, output, number, b) for b in sorted(candidates, reverse=True))
        out.append(Top(output.name, number, hits, done, tuple(skipped.named), skipped.count))
    return out


def _hit(net: Network, output: LayerOutput, number: int, b: _Candidate) -> Hit:
    """An image with the part of it that its activation depends on."""
    position = [0, 0, 0]
    for axis, p in zip(require_plane(net.graph, output).order, (number, *b.position), strict=True):
        position[axis] = p
    _, source = net.input
    return Hit(b.path, b.value, b.position, box(net.graph, output.value, position, source, net.image))


def _keep_best(
    candidates: list[_Candidate], count: int, path: str, order: int, feature_map: NDArray[np.float32]
) -> None:
    """Adds an image to the heap of the best if it belongs there. NaN counts as the smallest value."""
    values = np.where(np.isnan(feature_map), -np.inf, feature_map)
    row, column = np.unravel_index(int(values.argmax()), values.shape)
    new = _Candidate(float(values[row, column]), order, path, (int(row), int(column)))
    if len(candidates) < count:
        heapq.heappush(candidates, new)
    elif new > candidates[0]:
        heapq.heapreplace(candidates, new)


def _batches(
    paths: Sequence[str | os.PathLike[str]], prepared: Preparation, size: int, skipped: _Skipped
) -> Iterator[tuple[list[str], NDArray[np.float32]]]:
    """Paths and inputs of the readable images, at most ``size`` at a time."""
    images = find_images(paths)
    while group := list(islice(images, size)):
        readable: list[str] = []
        inputs: list[NDArray[np.float32]] = []
        for path in group:
            try:
                inputs.append(prepared.normalize(prepared.pixels(path)))
                readable.append(path)
            except Error as error:
                skipped.add(path, error)
        if readable:
            yield readable, np.stack(inputs)
