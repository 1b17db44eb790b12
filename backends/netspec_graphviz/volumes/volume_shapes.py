"""The shapes of a figure: the solids with their captions, and the lines between them."""

from __future__ import annotations

import math

from netspec.diagnostics import clean

from ..colours import WINDOW, Theme, volume_colour
from ..picture.arrows import arrow_head
from ..picture.scene import Curve, Group, Line, Point, Polygon, Shape, Stroke, Text
from .captioned_solids import CAPTION_GAP, CaptionedSolid, caption_lines
from .solids import draw_solid, size_labels, window_corners

ARROW = 6.5
"""Length of an arrow head."""


class VolumePainter:
    """Creates the shapes of a figure.

    Args:
        items: the solids with their captions.
        centres: their centres.
        theme: the colours.
        skips: pairs of tail and head that are skip connections.
    """

    def __init__(
        self, items: list[CaptionedSolid], centres: list[Point], theme: Theme, skips: set[tuple[int, int]]
    ) -> None:
        self.skips = skips
        self.items = items
        self.centres = centres
        self.theme = theme
        self.corners = [s.corner(c) for s, c in zip(items, centres, strict=True)]

    def shapes(self, routes: dict[tuple[int, int], tuple[Point, ...]], levels: list[int] | None) -> list[Shape]:
        """All shapes: skip connections first, every other line before the solid that it leads to."""
        background: list[Shape] = []
        foreground: list[Shape] = []
        for i, item in enumerate(self.items):
            for k, source in enumerate(item.map.sources):
                skips = (source, i) in self.skips
                link = self.link(source, i, k == 0, skips, routes.get((source, i)), levels)
                (background if skips else foreground).append(link)
            foreground.append(self.solid(i))
        return background + foreground

    def solid(self, i: int) -> Group:
        """The solid of a map with its sizes and caption."""
        item, (x, y) = self.items[i], self.corners[i]
        m, theme = item.map, self.theme
        colour = volume_colour(m.kind, m.block)
        shapes = draw_solid(item.solid, x, y, colour, theme, parts=m.parts, activated=m.activated, sign=m.joint)
        shapes += size_labels(item.solid, x, y, theme)
        cx, cy = self.centres[i]
        baseline = cy + item.solid.size[1] / 2 + CAPTION_GAP + 8
        for text, size, bold in caption_lines(m):
            shapes.append(Text(cx, baseline, clean(text), size, theme.ink if bold else theme.faint, bold, "middle"))
            baseline += 13
        return Group("map", m.name, tuple(shapes), clean(m.name))

    def link(
        self,
        source: int,
        target: int,
        follows: bool,
        skips: bool,
        route: tuple[Point, ...] | None,
        levels: list[int] | None,
    ) -> Group:
        """The lines from a map to one that is computed from it.

        Args:
            source: number of the first map.
            target: number of the second map.
            follows: whether the second map is placed after the first.
            skips: whether it is a skip connection.
            route: the route of the edge, if the maps are placed in layers.
            levels: the levels of the maps, if they are placed as a U.
        """
        m = self.items[target].map
        straight = route is None or _is_straight(route, self.centres[source], self.centres[target])
        if levels is not None and not follows:
            return Group("skip", "", tuple(self.across(source, target)))
        if follows and straight and (levels is None or levels[source] == levels[target]):
            if m.window and self.items[source].solid.shape in ("box", "strip"):
                return Group("edge", "", tuple(self.pyramid(source, target, m.window)))
            if self.items[target].solid.shape == "bar" and self.items[source].solid.shape in ("box", "bar"):
                return Group("edge", "", tuple(self.fan(source, target)))
        if levels is not None and levels[source] != levels[target]:
            return Group("edge", "", tuple(self.vertical(source, target)))
        start, end = self.exit(source), self.entry(target)
        colour = self.theme.skip if skips else self.theme.line
        stroke = Stroke(colour, 1.6 if skips else 1.1)
        if straight or route is None:
            return Group("edge", "", tuple(_arrow(start, end, stroke)))
        # The route ends at the boxes around the solids; the curve ends at the solids in them.
        curve = Curve((start, *route[1:-1], end), stroke)
        return Group("skip" if skips else "edge", "", (curve, arrow_head(route[-2], end, colour, ARROW)))

    def pyramid(self, source: int, target: int, kernel: tuple[int, ...]) -> list[Shape]:
        """A window on the source, and lines from its corners to the target."""
        item, (x, y) = self.items[source], self.corners[source]
        sizes = item.solid.counts
        corners = window_corners(item.solid, x, y, kernel, sizes or (1,))
        tip = self.entry(target)
        thin = Stroke(self.theme.faint, 0.7)
        return [
            *(Line((c, tip), thin) for c in corners),
            Polygon(corners, WINDOW, Stroke(self.theme.text, 0.8)),
        ]

    def fan(self, source: int, target: int) -> list[Shape]:
        """An area between two solids: every unit reads the whole source."""
        (x, y), solid = self.corners[source], self.items[source].solid
        (u, v), bar = self.corners[target], self.items[target].solid
        right = x + solid.across + solid.lean[0]
        thin = Stroke(self.theme.faint, 0.7)
        area = ((right, y - solid.lean[1]), (u, v), (u, v + bar.down), (right, y - solid.lean[1] + solid.down))
        return [Polygon(area, self.theme.faint + "22"), Line(area[:2], thin), Line(area[2:], thin)]

    def across(self, source: int, target: int) -> list[Shape]:
        """A horizontal arrow from one arm of the U to the other."""
        start, end = self.exit(source), self.entry(target)
        height = self.centres[target][1]
        return _arrow((start[0], height), (end[0], height), Stroke(self.theme.skip, 1.7))

    def vertical(self, source: int, target: int) -> list[Shape]:
        """An arrow to the level below or above."""
        tx, ty = self.centres[target]
        item, other = self.items[source], self.items[target]
        down = ty > self.centres[source][1]
        if down:
            start = (tx, self.centres[source][1] + item.below + 2)
            end = (tx, ty - other.above + 2)
        else:
            start = (tx, self.centres[source][1] - item.above)
            end = (tx, ty + other.below + 4)
        return _arrow(start, end, Stroke(self.theme.line, 1.4))

    def exit(self, i: int) -> Point:
        """Where lines leave a solid: the middle of its right side."""
        solid, (x, _) = self.items[i].solid, self.corners[i]
        return x + solid.across + solid.lean[0] / 2, self.centres[i][1]

    def entry(self, i: int) -> Point:
        """Where lines reach a solid: the middle of the left edge of its front."""
        solid, (x, y) = self.items[i].solid, self.corners[i]
        return x, y + solid.down / 2 - (solid.lean[1] / 2 if solid.shape == "joint" else 0)


def _is_straight(route: tuple[Point, ...], a: Point, b: Point) -> bool:
    """Whether a route is almost straight."""
    return all(_distance_from_line(p, a, b) < 14 for p in route)


def _distance_from_line(p: Point, a: Point, b: Point) -> float:
    length = math.dist(a, b) or 1.0
    return abs((b[0] - a[0]) * (a[1] - p[1]) - (a[0] - p[0]) * (b[1] - a[1])) / length


def _arrow(start: Point, end: Point, stroke: Stroke) -> list[Shape]:
    return [Line((start, end), stroke), arrow_head(start, end, stroke.colour, ARROW)]
