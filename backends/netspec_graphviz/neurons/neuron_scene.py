"""Draws the neuron style: units as circles, from the input on the left to the output on the right."""

from __future__ import annotations

from itertools import pairwise
from typing import TypeAlias

from netspec.analysis.network_figures import Analysis
from netspec.diagnostics import clean, clip
from netspec_picture.scene import Circle, Group, Line, Point, Scene, Shape, Stroke, Text

from ..colours import PLAIN_COLOUR, Theme, box_colour, kind_of, theme_of
from ..operation_text import operation_text, shape_text
from ..options import Options
from ..title_and_legend import text_description, title_shapes
from .unit_layers import UnitLayer, sources, unit_layers

MARGIN = 26.0
"""Space around the picture."""
GAP = 130.0
"""Space between two layers."""
STEP, RADIUS = 27.0, 9.5
"""Distance between the units of a vector, and the radius of a unit."""
CELL, SMALL_RADIUS = 15.0, 5.0
"""Distance between the units of an image, and the radius of a unit."""
SLANT = 0.45
"""How much each column of an image rises above the next one, in units of :data:`CELL`."""
BETWEEN = (30.0, 22.0)
"""Distance from one map of an image to the next, to the right and down."""
MAX_LINES = 400
"""Maximum number of connections that are all drawn; above it, only those of one unit are."""
CAPTION = 15.0

Unit: TypeAlias = tuple[int, ...]


def neuron_scene(analysis: Analysis, options: Options) -> Scene:
    """Returns the scene with the units of a network and their connections.

    Raises:
        BackendError: NS724, the network branches, or has too many units.
    """
    theme = theme_of(options.dark)
    layers = unit_layers(analysis.graph)
    columns = [_Column(layer) for layer in layers]
    height = max(c.height for c in columns)
    title, title_width, title_height = title_shapes(analysis, theme, MARGIN, MARGIN, options.title)
    top = MARGIN + title_height + 14
    x = MARGIN
    for column in columns:
        column.place(x + max(column.caption_width - column.width, 0) / 2, top + (height - column.height) / 2)
        x += max(column.width, column.caption_width) + GAP
    captions = max(len(c.caption) for c in columns)
    scene = Scene(
        max(x - GAP, title_width + MARGIN) + MARGIN,
        top + height + 14 + CAPTION * captions + MARGIN,
        theme.paper,
        clean(analysis.graph.name),
        text_description(analysis),
    )
    scene.shapes.extend(title)
    scene.shapes.extend(_connections(before, after, theme) for before, after in pairwise(columns))
    scene.shapes.extend(column.shapes(theme, options, top + height + 14) for column in columns)
    return scene


class _Column:
    """A layer of units with their positions."""

    def __init__(self, layer: UnitLayer) -> None:
        self.layer = layer
        self.units = layer.units()
        shape = layer.shape
        if shape is None:
            self.width, self.height = 2 * RADIUS, STEP * (len(self.units) - 1) + 2 * RADIUS
            self.radius = RADIUS
        else:
            maps, rows, columns = shape
            self.width = CELL * (columns - 1) + BETWEEN[0] * (maps - 1) + 2 * SMALL_RADIUS
            rise = SLANT * CELL * (columns - 1)
            self.height = CELL * (rows - 1) + rise + BETWEEN[1] * (maps - 1) + 2 * SMALL_RADIUS
            self.radius = SMALL_RADIUS
        self.caption = _caption(layer)
        self.caption_width = max(Text(0, 0, line, 10.5, "").width for line in self.caption)
        self.at: dict[Unit, Point] = {}
        self.dots: Point | None = None
        """Position of the ellipsis for omitted units."""

    def place(self, x: float, y: float) -> None:
        """Places the units; (x, y) is the upper left corner."""
        for i, unit in enumerate(self.units):
            centre = (x + RADIUS, y + RADIUS + STEP * i) if unit is None else self._centre(unit, i, x, y)
            if unit is None:
                self.dots = centre
            else:
                self.at[unit] = centre
        self.x = x + self.width / 2

    def _centre(self, unit: Unit, number: int, x: float, y: float) -> Point:
        shape = self.layer.shape
        if shape is None:
            return x + RADIUS, y + RADIUS + STEP * number
        axes = self.layer.type.axes
        map_, row, column = (unit[axes.index(name)] for name in ("channels", "height", "width"))
        rise = SLANT * CELL * (shape[2] - 1 - column)
        return (
            x + SMALL_RADIUS + CELL * column + BETWEEN[0] * map_,
            y + SMALL_RADIUS + CELL * row + rise + BETWEEN[1] * map_,
        )

    def shapes(self, theme: Theme, options: Options, below: float) -> Group:
        """Returns circles and captions."""
        node = self.layer.node
        fill = PLAIN_COLOUR if node is None else box_colour(kind_of(node.op.name).name, options.dark)
        out: list[Shape] = [Circle(*at, self.radius, fill, Stroke(theme.border, 0.8)) for at in self.at.values()]
        if self.dots is not None:
            out += [Circle(self.dots[0], self.dots[1] + dy, 1.4, theme.faint) for dy in (-6, 0, 6)]
        for i, line in enumerate(self.caption):
            size, ink = (11.5, theme.ink) if i == 0 else (10.5, theme.faint)
            out.append(Text(self.x, below + CAPTION * i + 10, line, size, ink, bold=i == 0, anchor="middle"))
        return Group("layer", self.layer.name, tuple(out))


def _caption(layer: UnitLayer) -> list[str]:
    name = clip(clean(layer.name), 24)
    operation = [clip(operation_text(layer.node.op), 30)] if layer.node is not None else []
    return [name, *operation, *layer.notes, f"{shape_text(layer.named_type.shape)} units"]


def _connections(before: _Column, after: _Column, theme: Theme) -> Group:
    """Returns the lines from the previous units to every unit, or only to one in the middle if there were too many."""
    read = {unit: [s for s in sources(after.layer, before.layer, unit) if s in before.at] for unit in after.at}
    chosen = list(read)
    if sum(map(len, read.values())) > MAX_LINES:
        chosen = [chosen[len(chosen) // 2]]
    stroke = Stroke(theme.line, 0.6) if len(chosen) > 1 else Stroke(theme.skip, 0.8)
    lines = [
        Line(((x + before.radius, y), (to_x - after.radius, to_y)), stroke)
        for unit in chosen
        for to_x, to_y in (after.at[unit],)
        for x, y in (before.at[source] for source in read[unit])
    ]
    return Group("edge", f"{before.layer.name} → {after.layer.name}", tuple(lines))
