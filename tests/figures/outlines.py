"""The outlines of shapes as points, and their distances and intersections."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from netspec_picture.scene import Circle, Curve, Line, Point, Polygon, Rect, Shape

Rectangle: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom."""
STEPS = 12
"""Straight pieces of a segment of a curve."""
CORNERS = 24
"""Corners of the polygon that stands for a circle."""


@dataclass(frozen=True)
class Outline:
    """The outline of a shape; that of a closed one ends where it begins."""

    points: tuple[Point, ...]
    closed: bool
    bounds: Rectangle

    @property
    def middle(self) -> Point:
        """The centre of its bounds."""
        left, top, right, bottom = self.bounds
        return (left + right) / 2, (top + bottom) / 2

    def near(self, box: Rectangle) -> bool:
        """Whether its bounds overlap a rectangle."""
        left, top, right, bottom = self.bounds
        return left <= box[2] and box[0] <= right and top <= box[3] and box[1] <= bottom

    def meets(self, other: Outline) -> bool:
        """Whether the bounds of both overlap."""
        return self.near(other.bounds)

    def contains(self, point: Point) -> bool:
        """Whether a point is inside (even-odd rule); only closed outlines contain points."""
        x, y = point
        inside = False
        for (x0, y0), (x1, y1) in self.sides():
            if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
                inside = not inside
        return self.closed and inside

    def covers(self, box: Rectangle) -> bool:
        """Whether a rectangle is completely inside; outlines are convex."""
        return all(self.contains(corner) for corner in corners(box))

    def overlaps(self, box: Rectangle) -> bool:
        """Whether a rectangle and the inside have a point in common."""
        return (
            any(self.contains(corner) for corner in corners(box))
            or any(box[0] < x < box[2] and box[1] < y < box[3] for x, y in self.points)
            or crosses_rectangle(self, box)
        )

    def sides(self) -> Iterator[tuple[Point, Point]]:
        """Its straight pieces."""
        yield from pairwise(self.points)


def outline_of(shape: Shape) -> Outline:
    """The outline of a shape; corners of rectangles are not rounded."""
    closed = True
    if isinstance(shape, Rect):
        x, y, right, bottom = shape.x, shape.y, shape.x + shape.width, shape.y + shape.height
        points: tuple[Point, ...] = ((x, y), (right, y), (right, bottom), (x, bottom), (x, y))
    elif isinstance(shape, Circle):
        angles = [2 * math.pi * k / CORNERS for k in range(CORNERS + 1)]
        points = tuple((shape.x + shape.radius * math.cos(a), shape.y + shape.radius * math.sin(a)) for a in angles)
    elif isinstance(shape, Polygon):
        points = (*shape.points, shape.points[0])
    elif isinstance(shape, Line):
        points, closed = shape.points, False
    elif isinstance(shape, Curve):
        points, closed = tuple(_curve_points(shape.points)), False
    else:
        raise TypeError(f"{type(shape).__name__} has no outline")
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return Outline(points, closed, (min(xs), min(ys), max(xs), max(ys)))


def _curve_points(points: tuple[Point, ...]) -> Iterator[Point]:
    yield points[0]
    for i in range(0, len(points) - 1, 3):
        a, b, c, d = points[i : i + 4]
        for k in range(1, STEPS + 1):
            t, s = k / STEPS, 1 - k / STEPS
            weights = s**3, 3 * s * s * t, 3 * s * t * t, t**3
            yield (
                sum(w * p[0] for w, p in zip(weights, (a, b, c, d), strict=True)),
                sum(w * p[1] for w, p in zip(weights, (a, b, c, d), strict=True)),
            )


def corners(box: Rectangle) -> tuple[Point, ...]:
    """The corners of a rectangle."""
    left, top, right, bottom = box
    return (left, top), (right, top), (right, bottom), (left, bottom)


def crosses_rectangle(outline: Outline, box: Rectangle) -> bool:
    """Whether a piece of the outline has a point in the rectangle."""
    return any(_share_inside(a, b, box) is not None for a, b in outline.sides())


def _share_inside(a: Point, b: Point, box: Rectangle) -> tuple[float, float] | None:
    """The part of a straight piece that is in a rectangle, from 0 to 1 (Liang and Barsky 1984)."""
    low, high = 0.0, 1.0
    dx, dy = b[0] - a[0], b[1] - a[1]
    for step, room in ((-dx, a[0] - box[0]), (dx, box[2] - a[0]), (-dy, a[1] - box[1]), (dy, box[3] - a[1])):
        if step == 0:
            if room <= 0:
                return None
        elif step < 0:
            low = max(low, room / step)
        else:
            high = min(high, room / step)
    return (low, high) if low < high else None


def distance(point: Point, outline: Outline) -> float:
    """The distance from a point to an outline."""
    return min((_distance_to_piece(point, a, b) for a, b in outline.sides()), default=math.inf)


def _distance_to_piece(p: Point, a: Point, b: Point) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    t = 0.0 if square == 0 else max(0.0, min(1.0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / square))
    return math.dist(p, (a[0] + t * dx, a[1] + t * dy))


def length_inside(a: Point, b: Point, outline: Outline) -> float:
    """The length of a straight piece inside a closed outline, which is at least 0.4 points from its border."""
    length = math.dist(a, b)
    steps = max(int(length / 0.5), 1)
    inside = 0
    for k in range(steps + 1):
        p = (a[0] + (b[0] - a[0]) * k / steps, a[1] + (b[1] - a[1]) * k / steps)
        left, top, right, bottom = outline.bounds
        if left <= p[0] <= right and top <= p[1] <= bottom and outline.contains(p) and distance(p, outline) > 0.4:
            inside += 1
    return inside * length / (steps + 1)
