"""Marks that distinguish kinds of layers without colour (hatching and dotted outlines), and conversion to grey.

The marks are added to a finished scene, on every area that has exactly the colour of a kind.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Final

from netspec_picture.paint import grey_of, luminance, mix
from netspec_picture.scene import Bitmap, Circle, Curve, Group, Line, Point, Polygon, Rect, Scene, Shape, Stroke, Text

from .palettes import DARKENED, TEXT, palette_in_use

SPACING: Final = 5.0
"""Distance between the lines of a hatching, measured to the right."""
INSET: Final = 1.6
"""Distance of a dotted outline from the edge of its area."""
DOTS: Final = (0.9, 1.8)
LEAST_DOTTED: Final = 15.0
"""Minimum height of an area in which a dotted outline fits."""


def mark_kinds(scene: Scene) -> Scene:
    """Adds the marks of the current palette to a scene."""
    palette = palette_in_use()
    hatched = _both_grounds(palette.colours[kind] for kind in palette.hatched)
    dotted = _both_grounds([palette.colours["learned"]])
    shapes = list(_marked(scene.shapes, hatched, dotted))
    if palette.grey:
        return replace(scene, paper=grey_of(scene.paper), shapes=[_in_grey(shape) for shape in shapes])
    return replace(scene, shapes=shapes)


def _both_grounds(colours: Iterable[str]) -> frozenset[str]:
    """Returns the colours for both light and dark backgrounds."""
    return frozenset(c for colour in colours for c in (colour, mix(colour, "#000000", DARKENED)))


def _marked(shapes: Iterable[Shape], hatched: frozenset[str], dotted: frozenset[str]) -> Iterable[Shape]:
    for shape in shapes:
        if isinstance(shape, Group):
            yield replace(shape, children=tuple(_marked(shape.children, hatched, dotted)))
            continue
        yield shape
        if isinstance(shape, Rect | Polygon) and shape.fill is not None:
            if shape.fill in hatched:
                stroke = Stroke(_hatching_colour(shape.fill), 0.6)
                yield from (Line(ends, stroke) for ends in hatch_lines(_outline(shape)))
            if shape.fill in dotted and not (shape.stroke and shape.stroke.dashes) and _height(shape) >= LEAST_DOTTED:
                yield _dotted_outline(shape)


def _in_grey(shape: Shape) -> Shape:
    """Converts all colours of a shape to grey."""
    match shape:
        case Group():
            return replace(shape, children=tuple(_in_grey(child) for child in shape.children))
        case Text():
            return replace(shape, fill=grey_of(shape.fill))
        case Line() | Curve():
            return replace(shape, stroke=_grey_stroke(shape.stroke))
        case Rect() | Polygon() | Circle():
            fill = grey_of(shape.fill) if shape.fill is not None else None
            return replace(shape, fill=fill, stroke=_grey_stroke(shape.stroke) if shape.stroke is not None else None)
        case Bitmap():
            return shape


def _grey_stroke(stroke: Stroke) -> Stroke:
    return replace(stroke, colour=grey_of(stroke.colour))


def _outline(shape: Rect | Polygon) -> tuple[Point, ...]:
    """Returns the corners of an area; rounded corners are cut off."""
    if isinstance(shape, Polygon):
        return shape.points
    x, y, right, bottom = shape.x, shape.y, shape.x + shape.width, shape.y + shape.height
    r = min(shape.radius, shape.width / 2, shape.height / 2) * 0.6
    return (
        (x + r, y), (right - r, y), (right, y + r), (right, bottom - r),
        (right - r, bottom), (x + r, bottom), (x, bottom - r), (x, y + r),
    )  # fmt: skip


def hatch_lines(outline: tuple[Point, ...]) -> list[tuple[Point, Point]]:
    """Returns lines from the lower left to the upper right, :data:`SPACING` apart, within a polygon.

    They lie on fixed lines of the page (x + y is a multiple of the spacing), so that the hatching continues across
    adjacent areas.
    """
    sums = [x + y for x, y in outline]
    out: list[tuple[Point, Point]] = []
    for k in range(int(min(sums) // SPACING) + 1, int(max(sums) // SPACING) + 1):
        level = k * SPACING
        crossings: list[Point] = []
        for (x0, y0), (x1, y1) in pairwise((*outline, outline[0])):
            a, b = x0 + y0 - level, x1 + y1 - level
            if (a < 0) != (b < 0):
                share = a / (a - b)
                crossings.append((x0 + (x1 - x0) * share, y0 + (y1 - y0) * share))
        crossings.sort()
        out += zip(crossings[::2], crossings[1::2], strict=False)
    return out


def _hatching_colour(fill: str) -> str:
    """Returns a colour for hatching: lighter than dark areas, to keep text readable, and darker than light ones."""
    return mix(fill, "#ffffff", 0.4) if luminance(fill) < 0.6 else mix(fill, TEXT, 0.18)


def _height(shape: Rect | Polygon) -> float:
    if isinstance(shape, Rect):
        return shape.height
    return max(y for _, y in shape.points) - min(y for _, y in shape.points)


def _dotted_outline(shape: Rect | Polygon) -> Shape:
    stroke = Stroke(TEXT, 0.8, DOTS)
    if isinstance(shape, Polygon):
        return Polygon(shape.points, None, stroke)
    inset = min(INSET, shape.width / 4, shape.height / 4)
    return Rect(
        shape.x + inset, shape.y + inset, shape.width - 2 * inset, shape.height - 2 * inset,
        None, stroke, max(shape.radius - inset, 0.0),
    )  # fmt: skip
