"""Shapes in terms of simpler ones."""

from __future__ import annotations

from .scene import Point, Rect

ROUND = 0.5523
"""How far the handles of a Bézier quarter circle are from its ends, in radii."""


def rounded(rect: Rect) -> tuple[Point, ...]:
    """A rectangle with round corners, clockwise, as Bézier pieces: a point, then three for each side and corner."""
    x, y, w, h = rect.x, rect.y, rect.width, rect.height
    r = min(rect.radius, w / 2, h / 2)
    k = r * (1 - ROUND)
    right, bottom = x + w, y + h
    pieces: tuple[tuple[Point, Point, Point, Point], ...] = (
        ((right - r, y), (right - k, y), (right, y + k), (right, y + r)),
        ((right, bottom - r), (right, bottom - k), (right - k, bottom), (right - r, bottom)),
        ((x + r, bottom), (x + k, bottom), (x, bottom - k), (x, bottom - r)),
        ((x, y + r), (x, y + k), (x + k, y), (x + r, y)),
    )
    out: list[Point] = [(x + r, y)]
    for start, one, two, end in pieces:
        out += [out[-1], start, start, one, two, end]
    return tuple(out)


def circle(x: float, y: float, r: float) -> tuple[Point, ...]:
    """A circle as Bézier pieces."""
    return rounded(Rect(x - r, y - r, 2 * r, 2 * r, radius=r))
