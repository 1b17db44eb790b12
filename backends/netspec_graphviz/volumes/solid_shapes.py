"""The shapes of solids, bars, arrows and captions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from netspec.diagnostics import clean
from netspec_picture.arrows import arrow_head
from netspec_picture.paint import Adaptive, mix
from netspec_picture.scene import Bitmap, Circle, Curve, Group, Line, Point, Polygon, Rect, Shape, Stroke, Text

from ..figure.shades import Shades
from .captions import LINE, Caption
from .maps import Map

ARROW = 3.6
"""Length of an arrow head."""
EDGE, SKIP = 0.7, 0.9
SKIP_DASHES = (2.6, 1.3)
DOTS = (0.8, 1.4)
OUTLINE = 0.45
BLOCK_TINTS = ("#bfd9f2", "#fbe8c8", "#b99bd0", "#a5d6a5", "#e8b7ae", "#cfcdf0")
"""Colours of the classes of closed blocks, in order of appearance."""
FAN = "#e3e8ed", "#2a3340"
"""The area between a map and a vector that depends on all of it, on a light and a dark background."""
PLAIN = "#dfe3e7"
"""Colour of inputs."""


@dataclass(slots=True)
class Brush:
    """Paints in the colours of one figure.

    Args:
        shades: the colours.
        classes: the classes of closed blocks in the order of their tints.
        operations: the operations of each kind; those after the first are paler.
    """

    shades: Shades
    classes: list[str] = field(default_factory=list[str])
    operations: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def colour(self, m: Map) -> str:
        """Returns the colour of a map, which is that of the layer or block that computes it."""
        return self.operation_colour(m.kind, m.operation)

    def operation_colour(self, kind: str | None, operation: str) -> str:
        """The colour of a kind of layer, or of a class of blocks."""
        if kind == "block":
            colour = BLOCK_TINTS[self.classes.index(operation) % len(BLOCK_TINTS)]
            return mix(colour, "#000000", 0.08) if self.shades.dark else colour
        if kind is None:
            return PLAIN
        alike = self.operations.get(kind, [])
        paler = 0.45 * alike.index(operation) / max(len(alike) - 1, 1) if operation in alike else 0.0
        return mix(self.shades.kind(kind), "#ffffff", paler)

    def on_ground(self, colour: Adaptive) -> str:
        """Returns the variant of a line colour for the background of the figure."""
        return colour if self.shades.dark is None else colour.dark if self.shades.dark else str(colour)

    def outline(self, colour: str) -> Stroke:
        """The outline of a face."""
        return Stroke(mix(colour, "#14181d", 0.62), OUTLINE)

    def box(self, slabs: Sequence[tuple[float, str]], x: float, y: float, down: float, lean: Point) -> list[Shape]:
        """Returns adjacent slabs in oblique projection.

        Args:
            slabs: thickness and colour of each.
            x: left edge of the front.
            y: top of the front.
            down: height of the front.
            lean: offset of the back to the right and up.
        """
        out: list[Shape] = []
        bx, by = lean
        at = x
        for thickness, colour in slabs:
            right, edge = at + thickness, self.outline(colour)
            if by:
                top = ((at, y), (right, y), (right + bx, y - by), (at + bx, y - by))
                out.append(Polygon(top, mix(colour, "#ffffff", 0.45), edge))
            out.append(Polygon(((at, y), (right, y), (right, y + down), (at, y + down)), colour, edge))
            at = right
        if by:
            colour = slabs[-1][1]
            side = ((at, y), (at + bx, y - by), (at + bx, y - by + down), (at, y + down))
            out.append(Polygon(side, mix(colour, "#14181d", 0.16), self.outline(colour)))
        return out

    def bar(self, m: Map, x: float, middle: float, width: float, length: float) -> list[Shape]:
        """Returns the bar of a vector."""
        colour, top = self.colour(m), middle - length / 2
        if m.picture is not None:
            return self.face(m, x, top, width, length)
        return [Rect(x, top, width, length, colour, self.outline(colour), 1.2)]

    def face(
        self, m: Map, x: float, y: float, width: float, height: float, *, rise: float = 0.0, channel: int | None = None
    ) -> list[Shape]:
        """Returns the face of a map: its picture, if any, with an outline.

        Args:
            m: the map.
            x: left edge.
            y: upper end of the left side.
            width: width of the face.
            height: height of its sides.
            rise: height of the right side above the left one.
            channel: the channel to show; by default the mean of all.
        """
        if m.picture is None or not width:
            return []
        colour = self.colour(m)
        png = m.picture.png(str(colour), channel)
        right, bottom = x + width, y + height
        corners = ((x, y), (right, y - rise), (right, bottom - rise), (x, bottom))
        edge = Polygon(corners, None, self.outline(colour))
        return [Bitmap(x, y, width, height, png, smooth=m.picture.smooth, rise=rise), edge]

    def fan(self, corners: Sequence[Point]) -> Group:
        """Returns the area between two maps where every unit depends on all of the source."""
        colour = FAN[1] if self.shades.dark else Adaptive(*FAN) if self.shades.dark is None else FAN[0]
        return Group("fan", "", (Polygon(tuple(corners), colour),))

    def joint(self, sign: str, x: float, y: float, radius: float) -> list[Shape]:
        """Returns the circle of a sum or product; (x, y) is its centre."""
        size = radius * 1.7 if len(sign) == 1 else radius * 0.9
        colour = self.shades.kind("merge")
        return [
            Circle(x, y, radius, colour, Stroke(self.shades.outline, 0.6)),
            Text(x, y + size * 0.34, sign, size, self.shades.text, bold=True, anchor="middle"),
        ]

    def arrow(self, points: Sequence[Point], role: str = "tensor", colour: str | None = None, title: str = "") -> Group:
        """Returns a polyline with an arrow head."""
        line = colour or (self.shades.skip if role == "skip" else self.shades.line)
        dashes = SKIP_DASHES if role == "skip" else DOTS if role == "positions" else ()
        stroke = Stroke(line, SKIP if role == "skip" else EDGE, dashes)
        *before, tip = points
        distance = math.dist(before[-1], tip) or 1.0
        keep = max(0.0, 1 - (ARROW - 0.4) / distance)
        end = (before[-1][0] + (tip[0] - before[-1][0]) * keep, before[-1][1] + (tip[1] - before[-1][1]) * keep)
        shapes = (Line((*before, end), stroke), arrow_head(before[-1], tip, line, ARROW))
        return Group("skip" if role == "skip" else "edge", "", shapes, clean(title))

    def curve(self, points: Sequence[Point], role: str, title: str = "") -> Group:
        """Returns a Bézier curve with an arrow head."""
        line = self.shades.skip if role == "skip" else self.shades.line
        dashes = SKIP_DASHES if role == "skip" else DOTS if role == "positions" else ()
        stroke = Stroke(line, SKIP if role == "skip" else EDGE, dashes)
        shapes = (Curve(tuple(points), stroke), arrow_head(points[-2], points[-1], line, ARROW))
        return Group("skip" if role == "skip" else "edge", "", shapes, clean(title))

    def caption(self, caption: Caption, x: float, y: float, size: float) -> list[Shape]:
        """Returns the lines of a caption, centred at x, from y downwards."""
        out: list[Shape] = []
        for line in caption:
            y += size * LINE
            colour = self.shades.faint if line.style == "argument" else self.shades.ink
            bold, italic = line.style == "name", line.style == "letter"
            out.append(Text(x, y - size * 0.25, line.text, size, colour, bold, "middle", italic))
        return out


def caption_size(caption: Caption, size: float) -> tuple[float, float]:
    """Width and height of a caption."""
    return max((line.width(size) for line in caption), default=0.0), len(caption) * size * LINE
