"""Values as maps: which axes of a value are the rows and columns of the image, or the tokens of its patches."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from netspec.diagnostics import Error, clip
from netspec.ir import Graph
from netspec.shapes.types import TensorType, shape_text

from .layer_lookup import LayerOutput, Plane, layers_by_name, plane_of
from .token_positions import Positions, channel_axis, raster_order, token_positions

MOST_EXTRA_TOKENS = 16
"""The most tokens that a sequence may have besides those of the image: a class token and registers."""


@dataclass(frozen=True)
class Grid:
    """The arrangement of a value as maps: (channels, rows, columns)."""

    channel: int
    axes: tuple[int, ...]
    """The axes of rows and of columns, or the one axis that holds both, row by row."""
    rows: int
    columns: int
    first: int = 0
    """Tokens before those of the image."""
    order: tuple[int, ...] = ()
    """The numbers of the tokens, row by row; empty if they are in this order already."""

    @property
    def positions(self) -> int:
        """Number of its positions."""
        return self.rows * self.columns

    def maps(self, values: Tensor) -> Tensor:
        """(batch, channels, rows, columns) of values with the batch axis first."""
        if len(self.axes) == 2:
            return values.permute(0, self.channel + 1, *(a + 1 for a in self.axes))
        tokens = values.permute(0, self.channel + 1, self.axes[0] + 1)
        return self.arranged(tokens)

    def arranged(self, tokens: Tensor) -> Tensor:
        """(…, rows, columns) of values with the tokens on the last axis."""
        patches = tokens[..., self.first : self.first + self.positions]
        if self.order:
            patches = patches[..., list(self.order)]
        return patches.reshape(*patches.shape[:-1], self.rows, self.columns)

    def with_maps(self, values: Tensor, maps: Tensor) -> Tensor:
        """The values with these maps in place of their own."""
        if len(self.axes) == 2:
            order = (0, self.channel + 1, *(a + 1 for a in self.axes))
            return maps.permute([order.index(a) for a in range(4)])
        axis = self.axes[0] + 1
        patches = maps.flatten(2)
        if self.order:
            patches = patches[..., np.argsort(self.order).tolist()]
        tokens = patches.permute(0, *((2, 1) if axis < self.channel + 1 else (1, 2)))
        after = self.first + self.positions
        parts = [values.narrow(axis, 0, self.first), tokens, values.narrow(axis, after, values.shape[axis] - after)]
        return torch.cat(parts, axis)


@dataclass(frozen=True)
class GivenGrid:
    """A grid that the user describes: ``14x14``, ``0:14x14``, ``14x14+1``."""

    rows: int
    columns: int
    axis: int | None = None
    """The axis of the tokens; by default the one beside the channels."""
    first: int | None = None
    """Tokens before the grid; by default, all that do not fit into it."""

    def __str__(self) -> str:
        axis = "" if self.axis is None else f"{self.axis}:"
        return f"{axis}{self.rows}x{self.columns}{'' if self.first is None else f'+{self.first}'}"

    def fitted(self, x: TensorType) -> Grid | None:
        """The grid of a value; None if the value is not a sequence, or has fewer tokens."""
        if x.rank != 2:
            return None
        channel = channel_axis(x)
        axis = 1 - channel if self.axis is None else self.axis
        if axis not in (0, 1):
            return None
        extra = x.shape[axis] - self.rows * self.columns
        first = extra if self.first is None else self.first
        return Grid(1 - axis, (axis,), self.rows, self.columns, first) if 0 <= first <= extra else None


def grids(graph: Graph, given_grid: GivenGrid | None = None) -> dict[int, Grid]:
    """The values of a network that can be arranged as maps, by their number.

    A value with the axes height and width is a map; so is one with channels and two unnamed axes whose sizes have the
    ratio of the image's. A sequence is one if the positions of its tokens are known and make up a grid, in any order
    (Hiera's tokens are in the order of its windows); otherwise if it has as many tokens as the last map before it has
    positions, and up to :data:`MOST_EXTRA_TOKENS` more, which come first: the patch embedding of a vision transformer
    has that map.

    Args:
        graph: a network whose only input is an image.
        given_grid: how tokens are arranged; sequences that it does not fit are left out.
    """
    (source,) = graph.inputs.values()
    image = plane_of(graph.values[source])
    assert image is not None
    height, width = (graph.values[source].shape[a] for a in (image.height, image.width))
    out: dict[int, Grid] = {}
    sizes: dict[int, tuple[int, int]] = {source: (height, width)}
    positions = token_positions(graph)
    for node in graph.nodes:
        read = [sizes[v] for v in node.inputs if v in sizes]
        if not read:
            continue  # the same for every image
        nearest = min(read, key=math.prod)
        for value in node.values:
            grid = None if given_grid is not None else _known_grid(graph.values[value], positions.get(value))
            grid = grid or _grid(graph.values[value], nearest, (height, width), given_grid)
            if grid is not None:
                out[value] = grid
            sizes[value] = (grid.rows, grid.columns) if grid is not None else nearest
    return out


def _known_grid(x: TensorType, positions: Positions | None) -> Grid | None:
    """Returns the grid of a sequence from the positions of its tokens, or None if these are unknown or not a grid."""
    arranged = None if positions is None else raster_order(positions)
    if arranged is None:
        return None
    rows, columns, order = arranged
    channel = channel_axis(x)
    is_in_order = order == list(range(len(order)))
    return Grid(channel, (1 - channel,), rows, columns, order=() if is_in_order else tuple(order))


def _grid(x: TensorType, nearest: tuple[int, int], image: tuple[int, int], given_grid: GivenGrid | None) -> Grid | None:
    plane = plane_of(x)
    if plane is not None:
        return grid_of_plane(x, plane)
    channel = channel_axis(x)
    if x.rank == 3:
        first, second = (a for a in range(3) if a != channel)
        rows, columns = x.shape[first], x.shape[second]
        named = {x.axes[first], x.axes[second]} - {"", "height", "width"}
        fits = rows <= image[0] and columns <= image[1] and round(image[0] / rows) == round(image[1] / columns)
        return Grid(channel, (first, second), rows, columns) if fits and not named else None
    if given_grid is not None:
        return given_grid.fitted(x)
    if x.rank != 2:
        return None
    extra = x.shape[1 - channel] - math.prod(nearest)
    return Grid(channel, (1 - channel,), *nearest, extra) if 0 <= extra <= MOST_EXTRA_TOKENS else None


def grid_of_plane(x: TensorType, plane: Plane) -> Grid:
    """The grid of a value with height and width."""
    return Grid(plane.channel, (plane.height, plane.width), x.shape[plane.height], x.shape[plane.width])


def require_grid(graph: Graph, layer: LayerOutput, given_grid: GivenGrid | None = None) -> Grid:
    """The grid of a layer.

    Raises:
        Error: NS803, it has no height and width, and its positions are not tokens of the image; NS818, the given grid
            does not fit it.
    """
    arranged = grids(graph, given_grid)
    grid = arranged.get(layer.value)
    if grid is not None and (given_grid is None or len(grid.axes) == 1):
        return grid
    shape = shape_text(layer.type.shape)
    if given_grid is not None:
        raise Error(
            "NS818",
            f"the tokens of layer '{clip(layer.name)}' {shape} cannot be arranged as {given_grid}",
            "AXIS:ROWSxCOLUMNS+FIRST names the axis of the tokens, 0 or 1, and how many come before the grid",
        )
    known = [name for name, other in layers_by_name(graph).items() if other.value in arranged]
    help_ = "--grid ROWSxCOLUMNS arranges the tokens of a layer as an image" if layer.type.rank == 2 else None
    if help_ is None and known:
        help_ = f"the last layer that has them is '{clip(known[-1])}'"
    raise Error("NS803", f"layer '{clip(layer.name)}' {shape} has no height and width", help_)
