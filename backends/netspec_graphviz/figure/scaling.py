"""Scales shapes."""

from __future__ import annotations

from dataclasses import replace

from netspec_picture.scene import Bitmap, Circle, Curve, Group, Line, Point, Polygon, Rect, Shape, Stroke, Text


def scaled(shape: Shape, factor: float) -> Shape:
    """Multiplies all lengths of a shape by a factor."""
    if factor == 1.0:
        return shape
    match shape:
        case Group():
            return replace(shape, children=tuple(scaled(child, factor) for child in shape.children))
        case Rect():
            return Rect(
                shape.x * factor,
                shape.y * factor,
                shape.width * factor,
                shape.height * factor,
                shape.fill,
                _stroke(shape.stroke, factor),
                shape.radius * factor,
            )
        case Polygon():
            return Polygon(_points(shape.points, factor), shape.fill, _stroke(shape.stroke, factor))
        case Line():
            return Line(_points(shape.points, factor), _scaled_stroke(shape.stroke, factor))
        case Curve():
            return Curve(_points(shape.points, factor), _scaled_stroke(shape.stroke, factor))
        case Circle():
            stroke = _stroke(shape.stroke, factor)
            return Circle(shape.x * factor, shape.y * factor, shape.radius * factor, shape.fill, stroke)
        case Text():
            return replace(shape, x=shape.x * factor, y=shape.y * factor, size=shape.size * factor)
        case Bitmap():
            width, height = shape.width * factor, shape.height * factor
            x, y, rise = shape.x * factor, shape.y * factor, shape.rise * factor
            return replace(shape, x=x, y=y, width=width, height=height, rise=rise)


def _points(points: tuple[Point, ...], factor: float) -> tuple[Point, ...]:
    return tuple((x * factor, y * factor) for x, y in points)


def _scaled_stroke(stroke: Stroke, factor: float) -> Stroke:
    return Stroke(stroke.colour, stroke.width * factor, tuple(d * factor for d in stroke.dashes))


def _stroke(stroke: Stroke | None, factor: float) -> Stroke | None:
    return None if stroke is None else _scaled_stroke(stroke, factor)
