"""Heads of arrows."""

from __future__ import annotations

import math

from .scene import Point, Polygon


def arrow_head(start: Point, tip: Point, colour: str, length: float) -> Polygon:
    """The head of an arrow that points from ``start`` to ``tip``."""
    dx, dy = tip[0] - start[0], tip[1] - start[1]
    distance = math.hypot(dx, dy) or 1.0
    dx, dy = dx / distance * length, dy / distance * length
    back = (tip[0] - dx, tip[1] - dy)
    dx, dy = dx * 0.42, dy * 0.42
    return Polygon((tip, (back[0] - dy, back[1] + dx), (back[0] + dy, back[1] - dx)), colour)
