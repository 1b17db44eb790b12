"""The volume style: feature maps as solids, from left to right, the windows of convolutions laid on what they read."""

from __future__ import annotations

import math
from dataclasses import dataclass

from netspec.analysis.network import Analysis
from netspec.diagnostics import clean

from ..colours import DARK, KINDS, LIGHT, PLAIN_COLOUR, WINDOW, Theme, mixed
from ..diagram import Edge, mark
from ..graphviz_program import POINTS_PER_INCH, run_engine
from ..options import Options
from ..picture.scene import Curve, Group, Line, Point, Polygon, Scene, Shape, Stroke, Text
from ..picture.text_width import width
from ..placement import read_placement
from ..title_and_legend import headline, legend, said
from .feature_maps import Map, feature_maps
from .solids import Measure, Solid, draw, measure, numbers, room, window
from .u_shape import levels, place_u

MARGIN = 26.0
NAME, CAPTION = 10.5, 9.5
BELOW = 17.0
"""Between a solid and its caption; a number stands there."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A map's solid, where its front's top left corner is, and the room it needs about its middle."""

    map: Map
    solid: Solid
    half_width: float
    above: float
    below: float

    def corner(self, middle: Point) -> Point:
        """The front's top left corner, where the solid's middle is."""
        w, h = self.solid.size
        return middle[0] - w / 2, middle[1] - h / 2 + self.solid.lean[1]


def volume_scene(analysis: Analysis, options: Options) -> Scene:
    """The figure of a network.

    Raises:
        BackendError: NS722, there are too many maps; NS723, there is no engine.
    """
    theme = DARK if options.dark else LIGHT
    maps = feature_maps(analysis, options)
    measured = measure([m.type for m in maps if not m.joint])
    spots = [_spot(m, measured) for m in maps]
    edges = [Edge(source, m.number) for m in maps for source in m.sources]
    mark(len(maps), edges)
    skips = {(e.tail, e.head) for e in edges if e.skips}
    heights = levels(maps)
    routes: dict[tuple[int, int], tuple[Point, ...]] = {}
    if heights is not None:
        middles = place_u(maps, heights, [(s.half_width, s.above, s.below) for s in spots])
    else:
        middles, routes = _place(spots, edges)
    head, head_width, head_height = headline(analysis, theme, MARGIN, MARGIN)
    left = min((m[0] - s.half_width for m, s in zip(middles, spots, strict=True)), default=0.0)
    top = min((m[1] - s.above for m, s in zip(middles, spots, strict=True)), default=0.0)
    for way in routes.values():
        top = min(top, *(p[1] for p in way))
    right = max((m[0] + s.half_width for m, s in zip(middles, spots, strict=True)), default=0.0)
    bottom = max((m[1] + s.below for m, s in zip(middles, spots, strict=True)), default=0.0)
    for way in routes.values():
        bottom = max(bottom, *(p[1] for p in way))
    inner = max(right - left, head_width)
    shift = (MARGIN - left + (inner - right + left) / 2, MARGIN + head_height + 10 - top)
    high = MARGIN + head_height + 10 + bottom - top
    entries = _entries(maps, bool(skips)) if options.legend else []
    foot, foot_height = legend(entries, theme, MARGIN, high + 16, inner)
    scene = Scene(
        inner + 2 * MARGIN, high + (foot_height and 16 + foot_height) + MARGIN, theme.paper,
        clean(analysis.graph.name), said(analysis),
    )
    scene.shapes.extend(head)
    painter = _Painter(spots, [_moved(m, shift) for m in middles], theme, skips)
    moved = {key: tuple(_moved(p, shift) for p in way) for key, way in routes.items()}
    scene.shapes.extend(painter.shapes(moved, heights))
    scene.shapes.extend(foot)
    return scene


def _entries(maps: list[Map], skips: bool) -> list[tuple[str, str]]:
    """What the legend explains."""
    used = {m.kind for m in maps if not m.block and not m.joint} | {"activation" for m in maps if m.activated}
    out = [(k.title, k.name) for k in KINDS.values() if k.name in used]
    if any(m.block for m in maps):
        out.append(("block", "block"))
    if any(m.window for m in maps):
        out.append(("window", "window"))
    if skips:
        out.append(("skip connection", "skip"))
    return out


def _spot(m: Map, measured: Measure) -> Spot:
    solid = measured.solid(m.type, bool(m.joint))
    w, h = solid.size
    lines = _caption(m)
    text = max((width(t, size, bold) for t, size, bold in lines), default=0.0)
    out_left, out_right = room(solid)
    half = max(w / 2 + max(out_left, out_right), text / 2) + 4
    below = h / 2 + (BELOW if not m.joint else 4) + 13 * len(lines)
    return Spot(m, solid, half, h / 2 + 6, below)


def _caption(m: Map) -> list[tuple[str, float, bool]]:
    if m.joint:
        return []
    name = f"{m.caption[0]} {m.copies}".strip()
    return [(name, NAME, True), *((t, CAPTION, False) for t in m.caption[1:] if t)]


def _moved(point: Point, by: Point) -> Point:
    return point[0] + by[0], point[1] + by[1]


def _place(spots: list[Spot], edges: list[Edge]) -> tuple[list[Point], dict[tuple[int, int], tuple[Point, ...]]]:
    """Middles of the solids, and ways of the edges past others, as an engine lays them out from left to right."""
    lines = [
        "digraph { rankdir=LR; nodesep=0.25; ranksep=0.42; pad=0; margin=0;",
        'node [shape=box, fixedsize=true, label=""];',
    ]
    for i, s in enumerate(spots):
        # The solid's middle is the node's, so that edges meet it.
        high = 2 * max(s.above, s.below)
        lines.append(f'n{i} [width="{2 * s.half_width / POINTS_PER_INCH:.4f}", height="{high / POINTS_PER_INCH:.4f}"];')
    for edge in edges:
        lines.append(f"n{edge.tail} -> n{edge.head} [weight={edge.weight}];")
    placed = read_placement(run_engine("\n".join([*lines, "}"]), "json0"))
    middles = [placed.boxes[i] for i in range(len(spots))]
    return middles, {key: routes[0].points for key, routes in placed.routes.items()}


class _Painter:
    def __init__(self, spots: list[Spot], middles: list[Point], theme: Theme, skips: set[tuple[int, int]]) -> None:
        self.skips = skips
        self.spots = spots
        self.middles = middles
        self.theme = theme
        self.corners = [s.corner(m) for s, m in zip(spots, middles, strict=True)]

    def shapes(self, routes: dict[tuple[int, int], tuple[Point, ...]], heights: list[int] | None) -> list[Shape]:
        """Everything: what goes past solids first, each other line before the solid that it comes to."""
        far: list[Shape] = []
        near: list[Shape] = []
        for i, spot in enumerate(self.spots):
            for k, source in enumerate(spot.map.sources):
                skips = (source, i) in self.skips
                (far if skips else near).append(self.link(source, i, k == 0, skips, routes.get((source, i)), heights))
            near.append(self.solid(i))
        return far + near

    def solid(self, i: int) -> Group:
        """A map's solid with its sizes and caption."""
        spot, (x, y) = self.spots[i], self.corners[i]
        m, theme = spot.map, self.theme
        colour = KINDS[m.kind].colour if m.kind else PLAIN_COLOUR
        if m.block:
            colour = mixed(colour, PLAIN_COLOUR, 0.5)
        shapes = draw(spot.solid, x, y, colour, theme, parts=m.parts, active=m.activated, sign=m.joint)
        shapes += numbers(spot.solid, x, y, theme)
        cx, cy = self.middles[i]
        at = cy + spot.solid.size[1] / 2 + BELOW + 8
        for text, size, bold in _caption(m):
            shapes.append(Text(cx, at, clean(text), size, theme.ink if bold else theme.faint, bold, "middle"))
            at += 13
        return Group("map", m.name, tuple(shapes), clean(m.name))

    def link(
        self, source: int, target: int, follows: bool, skips: bool, route: tuple[Point, ...] | None,
        heights: list[int] | None,
    ) -> Group:
        """The lines from a map to one made from it."""
        m = self.spots[target].map
        straight = route is None or _is_near(route, self.middles[source], self.middles[target])
        if heights is not None and not follows:
            return Group("skip", "", tuple(self.across(source, target)))
        if follows and straight and (heights is None or heights[source] == heights[target]):
            if m.window and self.spots[source].solid.form in ("box", "strip"):
                return Group("edge", "", tuple(self.pyramid(source, target, m.window)))
            if self.spots[target].solid.form == "bar" and self.spots[source].solid.form in ("box", "bar"):
                return Group("edge", "", tuple(self.fan(source, target)))
        if heights is not None and heights[source] != heights[target]:
            return Group("edge", "", tuple(self.upright(source, target)))
        start, end = self.exit(source), self.entry(target)
        colour = self.theme.skip if skips else self.theme.line
        stroke = Stroke(colour, 1.6 if skips else 1.1)
        if straight or route is None:
            return Group("edge", "", tuple(_arrow_line(start, end, stroke)))
        curve = Curve(_smooth(start, route, end), stroke)
        return Group("skip" if skips else "edge", "", (curve, *_head(route[-2], end, colour)))

    def pyramid(self, source: int, target: int, kernel: tuple[int, ...]) -> list[Shape]:
        """A window on the source, and lines from its corners to the target."""
        spot, (x, y) = self.spots[source], self.corners[source]
        sizes = tuple(int(n) for n in spot.solid.numbers[1:] if n.isdigit())
        corners = window(spot.solid, x, y, kernel, sizes or (1,))
        tip = self.entry(target)
        thin = Stroke(self.theme.faint, 0.7)
        return [
            *(Line((c, tip), thin) for c in corners),
            Polygon(corners, WINDOW, Stroke(self.theme.text, 0.8)),
        ]

    def fan(self, source: int, target: int) -> list[Shape]:
        """Lines that say: every unit reads everything."""
        (x, y), solid = self.corners[source], self.spots[source].solid
        (u, v), bar = self.corners[target], self.spots[target].solid
        far = x + solid.across + solid.lean[0]
        thin = Stroke(self.theme.faint, 0.7)
        ground = ((far, y - solid.lean[1]), (u, v), (u, v + bar.down), (far, y - solid.lean[1] + solid.down))
        return [Polygon(ground, self.theme.faint + "22"), Line(ground[:2], thin), Line(ground[2:], thin)]

    def across(self, source: int, target: int) -> list[Shape]:
        """An arrow from one arm of the U to the other."""
        start, end = self.exit(source), self.entry(target)
        middle = self.middles[target][1]
        return _arrow_line((start[0], middle), (end[0], middle), Stroke(self.theme.skip, 1.7))

    def upright(self, source: int, target: int) -> list[Shape]:
        """An arrow to the level below or above."""
        tx, ty = self.middles[target]
        spot, other = self.spots[source], self.spots[target]
        down = ty > self.middles[source][1]
        if down:
            start = (tx, self.middles[source][1] + spot.below + 2)
            end = (tx, ty - other.above + 2)
        else:
            start = (tx, self.middles[source][1] - spot.above)
            end = (tx, ty + other.below + 4)
        return _arrow_line(start, end, Stroke(self.theme.line, 1.4))

    def exit(self, i: int) -> Point:
        """Where lines leave a solid: the middle of its right side."""
        solid, (x, _) = self.spots[i].solid, self.corners[i]
        return x + solid.across + solid.lean[0] / 2, self.middles[i][1]

    def entry(self, i: int) -> Point:
        """Where lines come to a solid: the middle of its front's left edge."""
        solid, (x, y) = self.spots[i].solid, self.corners[i]
        return x, y + solid.down / 2 - (solid.lean[1] / 2 if solid.form == "joint" else 0)


def _is_near(route: tuple[Point, ...], a: Point, b: Point) -> bool:
    """Whether an edge's way is about straight."""
    return all(_off(p, a, b) < 14 for p in route)


def _off(p: Point, a: Point, b: Point) -> float:
    length = math.dist(a, b) or 1.0
    return abs((b[0] - a[0]) * (a[1] - p[1]) - (a[0] - p[0]) * (b[1] - a[1])) / length


def _smooth(start: Point, route: tuple[Point, ...], end: Point) -> tuple[Point, ...]:
    """An engine's way between where the solids are, which is within the boxes that it knows."""
    return (start, *route[1:-1], end)


def _arrow_line(start: Point, end: Point, stroke: Stroke) -> list[Shape]:
    return [Line((start, end), stroke), *_head(start, end, stroke.colour)]


def _head(start: Point, tip: Point, colour: str) -> list[Shape]:
    dx, dy = tip[0] - start[0], tip[1] - start[1]
    length = math.hypot(dx, dy) or 1.0
    dx, dy = dx / length * 6.5, dy / length * 6.5
    return [Polygon((tip, (tip[0] - dx - dy * 0.42, tip[1] - dy + dx * 0.42),
                     (tip[0] - dx + dy * 0.42, tip[1] - dy - dx * 0.42)), colour)]
