"""The images that excite a filter most, and the place in each: value and receptive field."""

from __future__ import annotations

import heapq
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from netspec.diagnostics import Error

from .faults import fail
from .field import Box, box
from .folders import count, images
from .images import Preparation
from .layers import chosen, find, plane
from .probe import Network

Progress = Callable[[int, int], None]
"""Told how many images are done, and how many there are."""

KEPT = 100
"""Unreadable images that are named; the rest are counted."""


@dataclass(frozen=True)
class Hit:
    """An image that excites a filter, and where."""

    path: str
    value: float
    """The filter's greatest answer to the image."""
    place: tuple[int, int]
    """Row and column of that answer in the filter's map (the first, where there are several)."""
    box: Box | None
    """The pixels of the prepared image that it depends on; None where it depends on padding alone."""


@dataclass(frozen=True)
class Top:
    """The images of a folder that excite a filter most."""

    layer: str
    filter: int
    hits: tuple[Hit, ...]
    """The greatest value first; of equal ones the image that came first."""
    images: int
    """How many images were looked at."""
    skipped: tuple[tuple[str, str], ...]
    """Images that could not be read, and why; the first :data:`KEPT`."""
    unread: int
    """How many could not be read."""


class _Best(NamedTuple):
    value: float
    order: int
    """Minus the image's number, so that of equal values the first is the greatest."""
    path: str
    place: tuple[int, int]


@dataclass
class _Skipped:
    named: list[tuple[str, str]]
    count: int = 0

    def add(self, path: str, error: Error) -> None:
        self.count += 1
        if len(self.named) < KEPT:
            self.named.append((path, error.diagnostics[0].message))


def top(
    net: Network,
    layer: str,
    filters: Sequence[int],
    places: Sequence[str | os.PathLike[str]],
    prepared: Preparation,
    *,
    most: int = 9,
    batch: int = 16,
    before_activation: bool = False,
    progress: Progress | None = None,
) -> list[Top]:
    """The images that excite filters most, of folders of any size, in bounded memory.

    Args:
        net: the network.
        layer: name of the layer.
        filters: numbers of the filters.
        places: folders, and images themselves.
        prepared: how images become inputs.
        most: how many to keep for each filter.
        batch: images that are run at once.
        before_activation: whether to look at the value before the layer's activation.
        progress: is told how far it is.

    Raises:
        Error: NS801 to NS803, no such layer or filter, or no places in it; NS809, no folder, or none of its images
            can be read.
    """
    found = find(net.graph, layer, before_activation=before_activation)
    at = plane(net.graph, found)
    numbers = chosen(found, filters)
    _, source = net.input
    image = net.image
    total = count(images(places))
    model = net.module({"value": found.value})
    best: list[list[_Best]] = [[] for _ in numbers]
    skipped = _Skipped([])
    done = 0
    for paths, inputs in _batches(places, prepared, batch, skipped):
        with torch.inference_mode():
            values = model(net.batch(inputs))["value"].permute(0, *(a + 1 for a in at.order))
            maps = values[:, list(numbers)].float().cpu().numpy()
        for i, path in enumerate(paths):
            for kept, one in zip(best, maps[i], strict=True):
                _keep(kept, most, path, -(done + i), one)
        done += len(paths)
        if progress is not None:
            progress(done + skipped.count, total)
    if not done:
        where = ", ".join(f"'{os.fspath(p)}'" for p in places)
        fail("NS809", f"no image in {where} can be read", notes=[reason for _, reason in skipped.named[:5]])
    out: list[Top] = []
    for number, kept in zip(numbers, best, strict=True):
        hits: list[Hit] = []
        for b in sorted(kept, reverse=True):
            place = [0, 0, 0]
            for axis, p in zip(at.order, (number, *b.place), strict=True):
                place[axis] = p
            hits.append(Hit(b.path, b.value, b.place, box(net.graph, found.value, place, source, image)))
        out.append(Top(found.name, number, tuple(hits), done, tuple(skipped.named), skipped.count))
    return out


def _keep(kept: list[_Best], most: int, path: str, order: int, one: NDArray[np.float32]) -> None:
    """Keeps an image among the best, if it is one. What is no number counts as least."""
    clean = np.where(np.isnan(one), -np.inf, one)
    row, column = np.unravel_index(int(clean.argmax()), clean.shape)
    new = _Best(float(clean[row, column]), order, path, (int(row), int(column)))
    if len(kept) < most:
        heapq.heappush(kept, new)
    elif new > kept[0]:
        heapq.heapreplace(kept, new)


def _batches(
    places: Sequence[str | os.PathLike[str]], prepared: Preparation, size: int, skipped: _Skipped
) -> Iterator[tuple[list[str], NDArray[np.float32]]]:
    paths = images(places)
    while group := list(islice(paths, size)):
        good: list[str] = []
        arrays: list[NDArray[np.float32]] = []
        for path in group:
            try:
                arrays.append(prepared.normal(prepared.pixels(path)))
                good.append(path)
            except Error as error:
                skipped.add(path, error)
        if good:
            yield good, np.stack(arrays)
