"""Rounded rectangles and circles as Bézier curves, for formats that lack them."""

from __future__ import annotations

from .scene import Point, Rect

HANDLE = 0.5523
"""Distance of the control points of a quarter circle from its ends, in radii."""


def rounded_rectangle(rect: Rect) -> tuple[Point, ...]:
    """A rounded rectangle, clockwise: one point, then three for each side and corner."""
    x, y, w, h = rect.x, rect.y, rect.width, rect.height
    r = min(rect.radius, w / 2, h / 2)
    k = r * (1 - HANDLE)
    right, bottom = x + w, y + h
    pieces: tuple[tuple[Point, Point, Point, Point], ...] = (
        ((right - r, y), (right - k, y), (right, y + k), (right, y + r)),
        ((right, bottom - r), (right, bottom - k), (right - k, bottom), (right - r, bottom)),
        ((x + r, bottom), (x + k, bottom), (x, bottom - k), (x, bottom - r)),
        ((x, y + r), (x, y + k), (x + k, y), (x + r, y)),
    )
    out: list[Point] = [(x + r, y)]
    for start, control_1, control_2, end in pieces:
        out += [out[-1], start, start, control_1, control_2, end]
    return tuple(out)


def circle(x: float, y: float, r: float) -> tuple[Point, ...]:
    """A circle as a Bézier curve."""
    return rounded_rectangle(Rect(x - r, y - r, 2 * r, 2 * r, radius=r))
