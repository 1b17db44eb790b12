"""Maps as stacked planes with windows between them, as LeNet-5 was published: for networks with few channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from netspec.diagnostics import clean
from netspec_picture.scene import Group, Line, Point, Polygon, Rect, Shape, Stroke

from .captions import LINE, CaptionLine, Wording
from .maps import Map
from .placed_figures import CaptionStyle, PlacedMaps
from .solid_shapes import Brush, caption_size
from .solid_sizes import BAR, Scale, is_vector

MOST_CHANNELS = 24
"""Maximum number of channels of a map that is drawn as planes."""
GAP = 17.0
BAR_GAP = 13.0


@dataclass(slots=True)
class Plane:
    """A map with its position: the upper left corner of its front plane, relative to the middle of the row."""

    map: Map
    above: tuple[CaptionLine, ...]
    """Name and shape."""
    below: tuple[CaptionLine, ...]
    """The operation that computes it, written below the preceding gap."""
    down: float
    across: float
    step: float
    """Offset of each plane from the previous one, to the right and up."""
    x: float = 0.0
    gap: float = 0.0
    """The middle of the preceding gap."""

    @property
    def count(self) -> int:
        """Number of planes."""
        return 1 if is_vector(self.map) else self.map.channels

    @property
    def spread(self) -> float:
        """Offset of the last plane from the first."""
        return self.step * (self.count - 1)

    @property
    def width(self) -> float:
        """Width of all planes."""
        return self.across + self.spread

    @property
    def height(self) -> float:
        """Height of all planes."""
        return self.down + self.spread


def has_planes(maps: Sequence[Map]) -> bool:
    """Whether all image-like maps of a chain have few channels."""
    images = [m for m in maps if not is_vector(m)]
    return len(images) > 1 and all(m.channels <= MOST_CHANNELS and len(m.sides) == 2 and not m.joint for m in images)


def place_planes(maps: Sequence[Map], scale: Scale, style: CaptionStyle, wording: Wording) -> PlacedMaps:
    """Places the maps in a row."""
    planes = [_plane(m, scale, style) for m in maps]
    for before, plane in pairwise(planes):
        _place(before, plane, style.text)
    size = style.text
    left = min(p.x + min(0.0, (p.width - caption_size(p.above, size)[0]) / 2) for p in planes)
    right = max(p.x + max(p.width, (p.width + caption_size(p.above, size)[0]) / 2) for p in planes)
    half = max(p.height for p in planes) / 2
    head = max(caption_size(p.above, size)[1] for p in planes) + 3.0
    foot = max(caption_size(p.below, size)[1] for p in planes) + (6.0 if any(p.below for p in planes) else 0.0)

    def draw(brush: Brush, x: float, y: float) -> list[Shape]:
        return _shapes(planes, brush, x - left, y + head + half, half, size)

    return PlacedMaps(right - left, head + 2 * half + foot, draw)


def _plane(m: Map, scale: Scale, style: CaptionStyle) -> Plane:
    text = clean(f"{m.label} {m.letters}".strip())
    name = (CaptionLine(text, "name"),) if text else ()
    if is_vector(m):
        above = (*name, CaptionLine(str(m.channels), "shape"))
        return Plane(m, above, _operation(m, style), scale.bar(m), BAR, 0.0)
    high, wide = m.sides
    at = "×".join(map(str, m.sides))
    above = (*name, CaptionLine(at if m.channels == 1 else f"{m.channels}@{at}", "shape"))
    step = min(3.4, 26.0 / m.channels)
    return Plane(m, above, _operation(m, style), scale.side(high), scale.side(wide), step)


def _operation(m: Map, style: CaptionStyle) -> tuple[CaptionLine, ...]:
    if not m.sources:
        return ()
    texts = [m.operation, *list(m.arguments.values())[: style.arguments], *m.segments]
    return tuple(CaptionLine(clean(text), "shape" if i == 0 else "argument") for i, text in enumerate(texts))


def _place(before: Plane, plane: Plane, size: float) -> None:
    """Places a plane after another, such that captions above and operations below the gap do not overlap."""
    bars = is_vector(before.map) and is_vector(plane.map)
    x = before.x + before.width + (BAR_GAP if bars else GAP)
    above = (caption_size(before.above, size)[0] + caption_size(plane.above, size)[0]) / 2 + 5.0
    x = max(x, before.x + before.width / 2 + above - plane.width / 2)
    below = (caption_size(before.below, size)[0] + caption_size(plane.below, size)[0]) / 2 + 5.0
    # The operation is centred below the gap.
    if before.below:
        x = max(x, 2 * (before.gap + below) - before.x - before.width)
    plane.x = x
    plane.gap = (before.x + before.width + x) / 2


def _shapes(planes: Sequence[Plane], brush: Brush, x: float, middle: float, half: float, size: float) -> list[Shape]:
    out: list[Shape] = []
    for before, plane in pairwise(planes):
        if is_vector(plane.map):
            out.append(brush.fan(_fan(before, plane, x, middle)))
    for plane in planes:
        out.append(_planes(plane, brush, x, middle))
        top = middle - half - 3.0 - len(plane.above) * size * LINE
        out += brush.caption(plane.above, x + plane.x + plane.width / 2, top, size)
    for before, plane in pairwise(planes):
        gap = x + plane.gap
        if not is_vector(plane.map):
            out += _window(before, plane, brush, x, middle)
        if plane.below:
            tick = middle + half + 1.5
            out.append(Line(((gap, tick), (gap, tick + 3.0)), Stroke(brush.shades.faint, 0.4)))
            out += brush.caption(plane.below, gap, tick + 4.0, size)
    return out


def _planes(plane: Plane, brush: Brush, x: float, middle: float) -> Group:
    colour = brush.colour(plane.map)
    shapes: list[Shape] = []
    if is_vector(plane.map):
        shapes += brush.bar(plane.map, x + plane.x, middle, BAR, plane.down)
    else:
        paper = brush.shades.paper if plane.map.kind is None else colour
        left, top = x + plane.x, middle - plane.height / 2 + plane.spread
        for k in range(plane.count - 1, -1, -1):
            at = k * plane.step
            shapes.append(Rect(left + at, top - at, plane.across, plane.down, paper, brush.outline(colour)))
            shapes += brush.face(plane.map, left + at, top - at, plane.across, plane.down, channel=k)
    return Group("map", plane.map.name, tuple(shapes), clean(plane.map.name))


def _window(before: Plane, plane: Plane, brush: Brush, x: float, middle: float) -> list[Shape]:
    """Draws a window on the front plane of a map, with lines from it to a point of the next map."""
    if not plane.map.window:
        start = (x + before.x + before.width, middle)
        return [brush.arrow((start, (x + plane.x, middle)))]
    window, sides = plane.map.window, before.map.sides
    wide = max(before.across * window[-1] / sides[-1], 3.0)
    high = max(before.down * window[0] / sides[0], 3.0)
    left = x + before.x + before.across * 0.52
    front = middle - before.height / 2 + before.spread
    top = front + (before.down - high) * 0.52
    target: Point = (x + plane.x + plane.across * 0.25, middle - plane.height / 2 + plane.spread + plane.down * 0.6)
    thin = Stroke(brush.shades.text, 0.4)
    corners = ((left, top), (left + wide, top), (left + wide, top + high), (left, top + high))
    shapes: list[Shape] = [
        Polygon(corners, "#ffffff" if before.map.picture is None else None, Stroke(brush.shades.text, 0.7)),
        Line(((left + wide, top), target), thin),
        Line(((left + wide, top + high), target), thin),
    ]
    return [Group("window", "", tuple(shapes))]


def _fan(before: Plane, plane: Plane, x: float, middle: float) -> tuple[Point, ...]:
    left, right = x + before.x + before.width, x + plane.x
    if is_vector(before.map):
        top, bottom = middle - before.down / 2, middle + before.down / 2
    else:
        top, bottom = middle - before.height / 2, middle + before.height / 2 - before.spread
    return ((left, top), (right, middle - plane.down / 2), (right, middle + plane.down / 2), (left, bottom))
