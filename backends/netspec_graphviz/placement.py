"""The layout of a diagram: positions and routes, read from the JSON output of Graphviz."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from netspec_picture.scene import Point


@dataclass(frozen=True, slots=True)
class Route:
    """The route of an edge."""

    points: tuple[Point, ...]
    """Bézier points: one, then three for each segment."""
    tip: Point
    """Tip of the arrow."""
    label: Point | None
    """Centre of the label."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Positions in points; y increases downwards."""

    width: float
    height: float
    boxes: dict[int, Point]
    """Centres, by the number of the box."""
    frames: dict[int, tuple[float, float, float, float]]
    """Left, top, right and bottom, by the number of the frame."""
    routes: dict[tuple[int, int], list[Route]]
    """By the numbers of tail and head; parallel edges in their order."""


def read_placement(text: bytes) -> Placement:
    """Reads the layout from the output of Graphviz (``-Tjson0``)."""
    data: dict[str, Any] = json.loads(text)
    left, bottom, right, top = _floats(data["bb"])

    def point(text: str) -> Point:
        x, y = _floats(text)
        return x - left, top - y

    boxes: dict[int, Point] = {}
    frames: dict[int, tuple[float, float, float, float]] = {}
    numbers: dict[int, int] = {}
    for item in data.get("objects", []):
        name: str = item["name"]
        if name.startswith("cluster"):
            x0, y0, x1, y1 = _floats(item["bb"])
            frames[int(name[7:])] = (x0 - left, top - y1, x1 - left, top - y0)
        elif name.startswith("n") and "pos" in item:
            numbers[item["_gvid"]] = int(name[1:])
            boxes[int(name[1:])] = point(item["pos"])
    routes: dict[tuple[int, int], list[Route]] = {}
    for edge in data.get("edges", []):
        tip: Point | None = None
        points: list[Point] = []
        for part in edge["pos"].split(";")[0].split():
            if part.startswith("e,"):
                tip = point(part[2:])
            elif not part.startswith("s,"):
                points.append(point(part))
        label = point(edge["lp"]) if "lp" in edge else None
        key = numbers[edge["tail"]], numbers[edge["head"]]
        routes.setdefault(key, []).append(Route(tuple(points), tip or points[-1], label))
    return Placement(right - left, top - bottom, boxes, frames, routes)


def _floats(text: str) -> tuple[float, ...]:
    return tuple(map(float, text.split(",")))
