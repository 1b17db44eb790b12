"""A graph with positions for its cells and points for its edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from netspec_picture.scene import Point

from .arrangement import Arrangement
from .cell_columns import Columns, place_columns
from .edge_routes import Net, Route, Routing, gap_height, landing, route_edges
from .figure_style import SHEET, TRACK, FigureStyle

FAN_GAP = 3.5
"""Extra space below the fork of a fan."""


@dataclass(frozen=True, slots=True)
class Place:
    """The frame of a cell."""

    x: float
    y: float
    width: float
    height: float
    entry: float
    """Vertical position at which lines enter from the side."""

    @property
    def centre(self) -> float:
        """Horizontal centre."""
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class Path:
    """An edge, as a list of points; the last one is the tip of the arrow."""

    tail: int
    head: int
    points: tuple[Point, ...]
    skips: bool
    name: str = ""
    """The name of the head's input."""
    name_at: Point = (0.0, 0.0)
    """Left end of that name's baseline."""


class PlacedGraph:
    """A placed graph, with the origin in its upper left corner.

    Args:
        arrangement: the graph.
        style: sizes.
        inset: whether it is a block drawn once, whose inputs and outputs are italic.
    """

    def __init__(self, arrangement: Arrangement, style: FigureStyle, *, inset: bool = False) -> None:
        if inset and any(arrangement.cells[fan.join].is_concatenation for fan in arrangement.fans):
            style = replace(style, names=False)
        self.arrangement = arrangement
        self.style = style
        self.inset = inset
        columns = place_columns(arrangement, style, inset)
        routing = route_edges(arrangement, columns)
        left = min(routing.left, *(columns.left(i) for i in columns.centre))
        right = max(routing.right, *(columns.right(i) for i in columns.centre))
        self.width = right - left
        self.trunk_x = -left
        self.heights = [max((columns.height[i] for i in row), default=0.0) for row in columns.by_row]
        self.tops = self._tops(columns, routing)
        self.height = self.tops[-1] + self.heights[-1] if self.tops else 0.0
        self._columns, self._routing = columns, routing

    @cached_property
    def places(self) -> dict[int, Place]:
        """The frames of all cells."""
        return {i: self._place(i, self._columns) for i in self._columns.centre}

    @cached_property
    def paths(self) -> list[Path]:
        """All edges."""
        return [self._path(route, self._columns, self._routing) for route in self._routing.routes]

    def _tops(self, columns: Columns, routing: Routing) -> list[float]:
        forks = {self.arrangement.row[fan.fork] for fan in self.arrangement.fans}
        out: list[float] = []
        y = 0.0
        for row, height in enumerate(self.heights):
            out.append(y)
            gap = gap_height(routing, row, self.style) + (FAN_GAP if row in forks else 0.0)
            if any(self.arrangement.cells[i].is_stacked for i in columns.by_row[row]):
                gap += 2 * SHEET - 1.0
            y += height + gap
        return out

    def _place(self, i: int, columns: Columns) -> Place:
        row = self.arrangement.row[i]
        width, height = columns.width[i], columns.height[i]
        y = self.tops[row] + (self.heights[row] - height) / 2
        cell = self.arrangement.cells[i]
        if cell.symbol:
            others = [columns.height[k] for k in columns.by_row[row] if k != i and not self.arrangement.cells[k].symbol]
            y = self.tops[row] if not others else max(y, self.tops[row])
            return Place(columns.left(i) + self.trunk_x, y, width, height, y + self.style.radius)
        return Place(columns.left(i) + self.trunk_x, y, width, height, y + height / 2)

    def _path(self, route: Route, columns: Columns, routing: Routing) -> Path:
        a, b = self.places[route.tail], self.places[route.head]
        if route.x is None:
            start, end = (a.x + a.width, b.x) if a.centre < b.centre else (a.x, b.x + b.width)
            y = b.entry
            return self._named(route, ((start, y), (self._rim(route.head, end, a.centre), y)), columns)
        x = route.x + self.trunk_x
        bottom = a.y + a.height + (0.8 if self.arrangement.cells[route.tail].port else 0.0)
        row = self.arrangement.row
        points: list[Point] = []
        if route.source_gap and abs(x - a.centre) > 0.1:
            y = self._track_y(routing, row[route.tail], ("s", route.tail, 0))
            points += [(a.centre, bottom), (a.centre, y), (x, y)]
        else:
            points.append((x, bottom))
        if route.side:
            edge = b.x if x < b.centre else b.x + b.width
            points += [(x, b.entry), (self._rim(route.head, edge, x), b.entry)]
        else:
            target = landing(route, columns) + self.trunk_x
            if abs(target - x) > 0.1:
                y = self._track_y(routing, row[route.head] - 1, ("t", route.head, route.entry))
                points += [(x, y), (target, y)]
            points.append((target, b.y))
        return self._named(route, points, columns)

    def _named(self, route: Route, points: Sequence[Point], columns: Columns) -> Path:
        """Returns the path of an edge with the input name beside the arrow, or above a horizontal edge."""
        name = columns.names.get((route.tail, route.head), "")
        (x0, y0), (x, y) = points[-2:]
        if abs(y - y0) > 0.1:
            at = x + 2.2, y - 1.9
        else:
            at = (x + 1.5, y - 3.0) if x0 > x else (x - 1.5 - columns.name_width(route.tail, route.head), y - 3.0)
        return Path(route.tail, route.head, tuple(points), route.skips, name, at)

    def _rim(self, head: int, edge: float, x: float) -> float:
        """Returns the position at which a line in the middle of a row meets a cell: its circle, box or sheets."""
        place, radius = self.places[head], self.style.radius
        if not self.arrangement.cells[head].symbol:
            return edge + (2 * SHEET if x > place.centre and self.arrangement.cells[head].is_stacked else 0.0)
        return place.centre + (radius if x > place.centre else -radius)

    def _track_y(self, routing: Routing, gap: int, net: Net) -> float:
        """Returns the vertical position of a horizontal line in a gap."""
        track = routing.tracks[gap, net]
        top = self.tops[gap] + self.heights[gap]
        if any(self.arrangement.cells[i].is_stacked for i, row in self.arrangement.row.items() if row == gap):
            top += 2 * SHEET - 1.0
        return top + self.style.gap * 0.38 + TRACK * track
