"""The shapes of a box: its background, strips, text and border."""

from __future__ import annotations

import math

from netspec.diagnostics import clean
from netspec.ir import Graph
from netspec_picture.paint import is_dark
from netspec_picture.scene import Group, Polygon, Rect, Shape, Stroke, Text

from ..colours import KINDS, box_colour, theme_of
from ..diagram import Box, Port
from ..figure_tree import Layer
from ..operation_text import node_text
from ..options import Options
from .box_contents import BoxContents, sheets
from .strips import BAND_INSET, PAD, Strip

BAND = 5.0
"""Width of the band in the colour of the kind."""
RADIUS = 5.0
"""Radius of the corners of a box, in points."""


class BoxPainter:
    """Creates the shapes of boxes.

    Args:
        graph: the network.
        options: shading and background.
        greatest_cost: the cost of the darkest shade.
    """

    def __init__(self, graph: Graph, options: Options, greatest_cost: int) -> None:
        self.graph = graph
        self.options = options
        self.theme = theme_of(options.dark)
        self.greatest_cost = greatest_cost

    def box(self, box: Box, contents: BoxContents, x: float, y: float) -> Group:
        """A box with its strips; its top left corner is at (x, y)."""
        border = Stroke(self.theme.border)
        content = box.content
        if isinstance(content, Port):
            line = Stroke(self.theme.ink, 1.3)
            pill = Rect(x, y, contents.width, contents.height, self.theme.closed, line, contents.height / 2)
            return Group(
                "input" if content.is_input else "output",
                content.name,
                (pill, *self._strip(contents.strips[0], x, y, contents.width, self.theme.closed)),
            )
        shapes: list[Shape] = [
            Rect(x + d, y + d, contents.width, contents.height, self._colour(contents.strips[0]), border, RADIUS)
            for d in sheets(content)
        ]
        top = y
        for i, strip in enumerate(contents.strips):
            fill = self._colour(strip)
            last = i == len(contents.strips) - 1
            item = strip.item
            background = _background(x, top, contents.width, strip.height, fill, i == 0, last)
            tooltip = ""
            if isinstance(item, Layer):
                tooltip = ". ".join(t for t in (item.name, node_text(item.nodes[0], self.graph), item.row.doc) if t)
            shapes.append(
                Group(
                    "layer" if isinstance(item, Layer) else "closed",
                    item.name,
                    (background, *self._strip(strip, x, top, contents.width, fill)),
                    clean(tooltip.replace("\n", " ")),
                )
            )
            top += strip.height
        # The border comes last, on top of all backgrounds.
        shapes.append(Rect(x, y, contents.width, contents.height, None, border, RADIUS))
        return Group("box", content.name, tuple(shapes))

    def _colour(self, strip: Strip) -> str:
        """Background colour of a strip."""
        cost: float | None = None
        if self.options.shade_by and not isinstance(strip.item, Port):
            cost = strip.cost / self.greatest_cost if self.greatest_cost else 0.0
        return box_colour(strip.kind, self.options.dark, cost)

    def _strip(self, strip: Strip, x: float, y: float, w: float, fill: str) -> list[Shape]:
        """The text of a strip, and a band in the colour of its kind if the background has another colour."""
        out: list[Shape] = []
        if strip.shares:
            top, count = y + 5, sum(n for _, n in strip.shares)
            for kind, n in sorted(strip.shares, key=lambda pair: list(KINDS).index(pair[0])):
                part = (strip.height - 10) * n / count
                out.append(Rect(x + 3, top, BAND - 1, part, KINDS[kind].colour))
                top += part
        elif strip.kind is not None and self.options.shade_by:
            out.append(Rect(x + 2, y + 3, BAND, strip.height - 6, KINDS[strip.kind].colour))
        plain = strip.kind is None and not self.options.shade_by
        ink, secondary = (self.theme.ink, self.theme.faint) if plain else (self.theme.text, self.theme.detail)
        if self.options.shade_by and not isinstance(strip.item, Port):
            ink = secondary = "#ffffff" if is_dark(fill) else "#000000"
        inset = PAD + (BAND_INSET if strip.shares or self.options.shade_by else 0.0)
        for line in strip.lines:
            left = line.side == "left"
            at = x + inset + line.x if left else x + w - PAD - line.x
            if isinstance(strip.item, Port):
                at = x + PAD + 3 + line.x
            colour = secondary if line.secondary else ink
            if line.text.startswith("× ") and line.bold:
                colour = self.theme.skip if plain else ink
            out.append(Text(at, y + line.y, clean(line.text), line.size, colour, line.bold, "start" if left else "end"))
        return out


def _background(x: float, y: float, w: float, h: float, fill: str, first: bool, last: bool) -> Shape:
    """The background of a strip, with the rounded corners of the box."""
    if first and last:
        return Rect(x, y, w, h, fill, radius=RADIUS)
    if not first and not last:
        return Rect(x, y, w, h, fill)
    r = RADIUS
    steps = [(r * math.sin(a), r * math.cos(a)) for a in (k * math.pi / 12 for k in range(7))]
    if first:
        corners = [(x + r - c, y + r - s) for s, c in steps] + [(x + w - r + s, y + r - c) for s, c in steps]
        return Polygon((*corners, (x + w, y + h), (x, y + h)), fill)
    corners = [(x + w - r + c, y + h - r + s) for s, c in steps] + [(x + r - s, y + h - r + c) for s, c in steps]
    return Polygon(((x, y), (x + w, y), *corners), fill)
