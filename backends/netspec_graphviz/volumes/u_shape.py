"""Networks that reduce the resolution and increase it again, with connections across: placed as a U."""

from __future__ import annotations

import math

from ..picture.scene import Point
from .feature_maps import Map

GAP = 20.0
"""Distance between maps side by side."""
STEP = 30.0
"""Distance between levels."""


def u_levels(maps: list[Map]) -> list[int] | None:
    """The level of each map, that is, how often its resolution was halved; None if the network is not a U.

    It is a U if the resolution is halved at least twice and increases again, each map follows the previous one, and
    every further source is on the other arm, at the same level.
    """
    out: list[int] = []
    across = 0
    for i, m in enumerate(maps):
        if not m.sources:
            if i:
                return None
            out.append(0)
            continue
        before = m.sources[0]
        if before != i - 1 or m.type.rank < 3:
            return None
        level = out[before] + _halvings(maps[before], m)
        out.append(level)
        for other in m.sources[1:]:
            if out[other] != level:
                return None
            across += min(out[other : i + 1]) == level and max(out[other : i + 1]) > level
    if not out or max(out) < 2 or out[-1] >= max(out) - 1 or not across:
        return None
    return out


def _halvings(a: Map, b: Map) -> int:
    """How often the resolution of ``a`` is halved to give that of ``b``; negative if it increases."""
    n, m = (x.type.shape[-1] if x.type.channel == 0 else x.type.shape[0] for x in (a, b))
    return round(math.log2(n / m))


def place_as_u(maps: list[Map], heights: list[int], rooms: list[tuple[float, float, float]]) -> list[Point]:
    """Centres of the maps. Maps of one level are at one height, from left to right; a change of level is vertical.

    Args:
        maps: in order.
        heights: their levels.
        rooms: for each, half its width, and the space above and below its centre.
    """
    above = [0.0] * (max(heights) + 1)
    below = [0.0] * (max(heights) + 1)
    for level, (_, up, down) in zip(heights, rooms, strict=True):
        above[level], below[level] = max(above[level], up), max(below[level], down)
    middle: list[float] = []
    for level in range(len(above)):
        middle.append(middle[-1] + below[level - 1] + STEP + above[level] if level else above[0])
    out: list[Point] = []
    ends: dict[int, float] = {}
    for i, level in enumerate(heights):
        half = rooms[i][0]
        if i and heights[i - 1] != level:
            x = out[-1][0]
        elif i:
            x = out[-1][0] + rooms[i - 1][0] + GAP + half
        else:
            x = half
        x = max(x, ends.get(level, -math.inf) + GAP + half)
        ends[level] = x + half
        out.append((x, middle[level]))
    return out
