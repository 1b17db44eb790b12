"""Places maps in the layers of a directed graph, for networks whose paths fork and join again."""

from __future__ import annotations

from collections.abc import Sequence

from netspec_picture.scene import Point, Shape

from ..edge_roles import Edge, combined_role
from ..read_roles import ReadRole
from .captions import Wording
from .layered_placement import place_in_layers
from .maps import Map
from .placed_figures import CaptionStyle, PlacedMaps
from .row import CAPTION_GAP, groups_of, item_group, item_of
from .solid_shapes import Brush, caption_size
from .solid_sizes import Scale

BENT = 1.0
"""Distance in points above which a line is drawn as a curve."""


def place_layers(maps: Sequence[Map], scale: Scale, style: CaptionStyle, wording: Wording) -> PlacedMaps:
    """Places each group of maps in the layer after all its sources."""
    items = [item_of(group, scale, style, wording) for group in groups_of(maps, _ends(maps))]
    home = {m.number: i for i, item in enumerate(items) for m in item.maps}
    roles: dict[tuple[int, int], list[ReadRole]] = {}
    for m in maps:
        for source, role in m.role_of.items():
            if home[source] != home[m.number]:
                roles.setdefault((home[source], home[m.number]), []).append(role)
    edges = [Edge(*ends, "", combined_role(each)) for ends, each in roles.items()]
    captions = [caption_size(item.caption, style.text) for item in items]
    sizes = [
        (max(item.width, width) / 2 + 1.0, item.height / 2 + (CAPTION_GAP + height if height else 0.0))
        for item, (width, height) in zip(items, captions, strict=True)
    ]
    centres, routes = place_in_layers(sizes, edges)
    left = min(x - size[0] for (x, _), size in zip(centres, sizes, strict=True))
    top = min(
        [y - item.height / 2 for (_, y), item in zip(centres, items, strict=True)]
        + [y for route in routes.values() for _, y in route]
    )
    right = max(x + size[0] for (x, _), size in zip(centres, sizes, strict=True))
    bottom = max(
        [y + size[1] for (_, y), size in zip(centres, sizes, strict=True)]
        + [y for route in routes.values() for _, y in route]
    )

    def draw(brush: Brush, x: float, y: float) -> list[Shape]:
        def at(point: Point) -> Point:
            return point[0] + x - left, point[1] + y - top

        out: list[Shape] = []
        for edge in edges:
            route = [at(p) for p in routes[edge.tail, edge.head]]
            tail, head = items[edge.tail], items[edge.head]
            (a, b), (c, d) = at(centres[edge.tail]), at(centres[edge.head])
            start, end = (a - tail.width / 2 + tail.exit, b), (c - head.width / 2 + head.entry, d)
            title = f"{tail.maps[-1].name} to {head.maps[0].name}"
            if all(abs(q - b) < BENT for _, q in route) and abs(b - d) < BENT:
                out.append(brush.arrow((start, end), edge.role, title=title))
            else:
                out.append(brush.curve(_with_ends(route, start, end), edge.role, title))
        for item, centre, (_, height) in zip(items, centres, captions, strict=True):
            cx, cy = at(centre)
            out.append(item_group(item, brush, cx - item.width / 2, cy))
            if height:
                out += brush.caption(item.caption, cx, cy + item.height / 2 + CAPTION_GAP, style.text)
        return out

    return PlacedMaps(right - left, bottom - top, draw)


def _ends(maps: Sequence[Map]) -> set[int]:
    """Returns the maps that are read by others than the next one."""
    return {source for m in maps for source in m.sources if source != m.number - 1}


def _with_ends(route: Sequence[Point], start: Point, end: Point) -> list[Point]:
    """Returns Bézier points of a route, extended straight at both ends from the edge of the layer to the solid."""
    first, last = route[0], route[-1]
    return [start, *_straight(start, first), *route[1:], *_straight(last, end)]


def _straight(a: Point, b: Point) -> tuple[Point, Point, Point]:
    """Returns the control points and the end of a straight segment."""
    third = ((b[0] - a[0]) / 3, (b[1] - a[1]) / 3)
    return (a[0] + third[0], a[1] + third[1]), (b[0] - third[0], b[1] - third[1]), b
