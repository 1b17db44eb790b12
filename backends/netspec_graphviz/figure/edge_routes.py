"""Routes edges through columns and gaps.

Vertical segments run in columns that are free of cells, or on tracks beside all cells. Horizontal segments run in the
gaps between rows, or in the middle of a row if it is free. Hence no edge crosses a cell, whatever the graph.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

from .arrangement import Arrangement
from .cell_columns import Columns
from .figure_style import ARC, ARROW, TRACK, FigureStyle

Net: TypeAlias = tuple[str, int, int]
"""Lines that may overlap: those that leave a cell at its bottom (``s``), or enter a cell from above (``t``) at the same
entry point, given by its number.
"""
NAMES = 6.0
"""Distance from the name of an input to the next line, in points."""
LEAST_NAMES = 4.4
"""The same distance for narrow boxes."""
NAME_ROOM = 3.0
"""Distance from a line to the name beside it, and from the name to the edge of the box."""


@dataclass(slots=True)
class Route:
    """The route of an edge."""

    tail: int
    head: int
    skips: bool = False
    """Whether it is the shorter path into a join (a skip connection)."""
    x: float | None = None
    """Position of the vertical segment between tail and head; None for a horizontal line within one row."""
    source_gap: bool = False
    """Whether it moves to the vertical segment in the gap below its tail."""
    side: bool = False
    """Whether it enters its head from the side instead of from above."""
    entry: int = 0
    """The number of the entry point at the top of a head whose inputs are named."""
    landing: float | None = None
    """The position of this entry point; None for the default one."""


@dataclass(slots=True)
class Routing:
    """The routes of all edges, and the horizontal lines in each gap."""

    routes: list[Route] = field(default_factory=list[Route])
    gaps: dict[int, dict[Net, tuple[float, float]]] = field(default_factory=dict[int, dict[Net, tuple[float, float]]])
    """For the gap below each row, the horizontal segments with their extents."""
    tracks: dict[tuple[int, Net], int] = field(default_factory=dict[tuple[int, Net], int])
    """The track number of each segment, counted from above."""
    left: float = 0.0
    right: float = 0.0
    """Extents of the tracks beside all cells."""
    named: set[int] = field(default_factory=set[int])
    """Gaps above boxes whose inputs are named."""

    def track_count(self, gap: int) -> int:
        """Returns the number of tracks in a gap."""
        return 1 + max((self.tracks[gap, net] for net in self.gaps.get(gap, {})), default=-1)


def route_edges(arrangement: Arrangement, columns: Columns) -> Routing:
    """Finds routes for all edges."""
    out = Routing()
    chain_of = {i: chain for chain in arrangement.chains for i in chain.cells}
    dashed = _skip_edges(arrangement)
    blocked: list[Route] = []
    for a, b in arrangement.edges:
        route = Route(a, b, (a, b) in dashed)
        out.routes.append(route)
        if not _direct(route, arrangement, columns, chain_of[b].side if b in chain_of else ""):
            blocked.append(route)
    out.left = min((columns.left(i) for i in columns.centre), default=0.0)
    out.right = max((columns.right(i) for i in columns.centre), default=0.0)
    trunk = set(arrangement.trunk)
    _beside(out, [w for w in blocked if w.tail in trunk and w.head in trunk], arrangement, columns, -1)
    _beside(out, [w for w in blocked if not (w.tail in trunk and w.head in trunk)], arrangement, columns, 1)
    _spread_entries(out, arrangement, columns)
    for route in out.routes:
        _occupy(out, route, arrangement, columns)
    for gap, nets in out.gaps.items():
        _assign_tracks(out, gap, nets)
    return out


def _spread_entries(out: Routing, arrangement: Arrangement, columns: Columns) -> None:
    """Spreads the lines that enter a box with named inputs over separate entry points, in their order.

    Names that do not fit are omitted, and so are those of several lines that enter the box from the same side.
    """
    by_head: dict[int, list[Route]] = {}
    by_side: dict[tuple[int, bool], list[Route]] = {}
    for route in out.routes:
        if route.head in columns.wide and (route.tail, route.head) in columns.names:
            out.named.add(arrangement.row[route.head] - 1)
        elif route.x is not None and not route.side:
            by_head.setdefault(route.head, []).append(route)
        else:
            start = columns.centre[route.tail] if route.x is None else route.x
            by_side.setdefault((route.head, start < columns.centre[route.head]), []).append(route)
    for head in columns.wide:
        _enter_beside_branches([route for route in out.routes if route.head == head], arrangement, columns)
    for routes in by_side.values():
        if len(routes) > 1:
            _drop_names(routes, columns)
    for head, routes in by_head.items():
        has_names = any((route.tail, head) in columns.names for route in routes)
        if has_names and not _spread(routes, head, arrangement, columns):
            _drop_names(routes, columns)
        elif has_names:
            out.named.add(arrangement.row[head] - 1)


def _drop_names(routes: Sequence[Route], columns: Columns) -> None:
    for route in routes:
        columns.names.pop((route.tail, route.head), None)


def _enter_beside_branches(routes: Sequence[Route], arrangement: Arrangement, columns: Columns) -> None:
    """Assigns entry points between the branches to the other lines that enter a box as wide as its branches.

    Takes the nearest point with room for the name, or the nearest one at all, without the name.
    """
    above = [route for route in routes if route.x is not None and not route.side and route.landing is None]
    straight = [r for r in above if _lands(r, columns) and (r.x == columns.centre[r.tail] or not r.source_gap)]
    name_widths = {landing(route, columns): columns.name_width(route.tail, route.head) for route in straight}
    if not any(name_widths.values()):
        return
    for number, route in enumerate((route for route in above if route not in straight), 1):
        points = sorted(name_widths)
        ends = [*points[1:], columns.right(route.head)]
        gaps = [(x + name_widths[x] + NAME_ROOM, end - NAME_ROOM) for x, end in zip(points, ends, strict=True)]
        name = columns.name_width(route.tail, route.head)
        if not any(high - low >= name for low, high in gaps):
            _drop_names([route], columns)
            name = 0.0
        free = [(low + high - name) / 2 for low, high in gaps if high - low >= name]
        if not free:
            continue
        start = columns.centre[route.tail] if route.source_gap else landing(route, columns)
        at = min((abs(x - start), x) for x in free)[1]
        route.landing, route.entry = at, len(straight) + number
        if route.source_gap and columns.is_clear_below(at, arrangement.row[route.tail], arrangement.row[route.head]):
            route.x = at
        name_widths[at] = name


def _spread(routes: Sequence[Route], head: int, arrangement: Arrangement, columns: Columns) -> bool:
    """Spreads the entry points of lines into a box around its centre. Returns False if there is too little room."""
    centre = columns.centre[head]

    def start(route: Route) -> float:
        """Returns the horizontal position from which a line comes."""
        assert route.x is not None
        return columns.centre[route.tail] if route.source_gap and abs(route.x - centre) < 0.1 else route.x

    left = sorted((route for route in routes if start(route) < centre - 0.1), key=lambda route: -start(route))
    right = sorted((route for route in routes if start(route) > centre + 0.1), key=start)
    middle = [route for route in routes if route not in left and route not in right]
    first = 1 if middle or (left and right) else 0
    outermost = (right or middle or left[::-1])[-1]
    width = columns.name_width(outermost.tail, head)
    inner = max((columns.name_width(route.tail, head) for route in routes if route is not outermost), default=0.0)
    room = columns.width[head] / 2 - width - NAME_ROOM
    rooms = [(room, right), (columns.width[head] / 2 - NAME_ROOM, left)]
    step = min([inner + NAMES, *(size / n for size, side in rooms if side and (n := len(side) - 1 + first))])
    if room < 0 or (len(routes) > 1 and step < inner + LEAST_NAMES):
        return False
    entries = [(route, sign * (n + first)) for side, sign in ((left, -1), (right, 1)) for n, route in enumerate(side)]
    # Lines that would come down above the centre come down above their entry points instead.
    moved = [(route, centre + entry * step) for route, entry in entries if start(route) != route.x]
    row = arrangement.row
    if not all(columns.is_clear_below(x, row[route.tail], row[head]) for route, x in moved):
        return False
    for route, entry in entries:
        route.entry, route.landing = entry, centre + entry * step
    for route, x in moved:
        route.x = x
    return True


def _skip_edges(arrangement: Arrangement) -> set[tuple[int, int]]:
    """Returns the edges of skip connections: shorter paths into a join, or bypasses into a sum or concatenation."""
    position = {t: n for n, t in enumerate(arrangement.trunk)}

    def is_join(i: int) -> bool:
        cell = arrangement.cells[i]
        return bool(cell.symbol) or cell.is_concatenation or cell.kind == "block"

    out = {
        (a, b)
        for a, b in arrangement.edges
        if a in position and b in position and position[b] - position[a] > 1 and is_join(b)
    }
    for chain in arrangement.chains:
        first, last = chain.cells[0], chain.cells[-1]
        for a in arrangement.tails[first]:
            for b in arrangement.heads[last]:
                if a in position and b in position and is_join(b) and position[b] - position[a] - 1 > len(chain.cells):
                    out |= {(a, first), (last, b), *pairwise(chain.cells)}
    return out


def _direct(route: Route, arrangement: Arrangement, columns: Columns, side: str) -> bool:
    """Routes an edge in the columns of its two cells. Returns False if that is impossible."""
    a, b = route.tail, route.head
    row_a, row_b = arrangement.row[a], arrangement.row[b]
    xa, xb = columns.centre[a], columns.centre[b]
    if row_a == row_b:
        return columns.is_clear_beside(row_a, xa, xb, (a, b))
    if side == "near" and abs(xa) < 0.1 and columns.is_clear_below(xa, row_a, row_b):
        route.x, route.side = xa, True
        return True
    if abs(xa - xb) < 0.1 or (b in columns.wide and columns.left(b) <= xa <= columns.right(b)):
        route.x = xa
        return columns.is_clear_below(xa, row_a, row_b)
    is_circle = bool(arrangement.cells[b].symbol)
    down_first = columns.is_clear_below(xa, row_a, row_b)
    outside = not columns.left(b) < xa < columns.right(b)
    if down_first and outside and (is_circle or row_b - row_a > 1 or len(arrangement.tails[b]) > 1):
        route.side = not _crosses(columns, row_b, xa, b) and (is_circle or arrangement.cells[b].is_concatenation)
        if route.side:
            route.x = xa
            return True
    if columns.is_clear_below(xb, row_a, row_b):
        route.x, route.source_gap = xb, True
        return True
    route.x, route.side = xa, False
    return down_first


def _crosses(columns: Columns, row: int, x: float, b: int) -> bool:
    """Whether a horizontal line from a column to the side of a cell crosses a cell."""
    edge = columns.right(b) if x > columns.centre[b] else columns.left(b)
    return not columns.is_clear_beside(row, x, edge, (b,))


def _beside(out: Routing, routes: list[Route], arrangement: Arrangement, columns: Columns, sign: int) -> None:
    """Routes edges along tracks to the left (-1) or right (1) of all cells. Edges from the same cell share a track."""
    row = arrangement.row
    by_tail: dict[int, list[Route]] = {}
    for route in routes:
        by_tail.setdefault(route.tail, []).append(route)
    spans = [(row[t], max(row[w.head] for w in group), group) for t, group in by_tail.items()]
    levels: list[list[tuple[int, int]]] = []
    base = out.left if sign < 0 else out.right
    base += sign * max((columns.name_width(route.tail, route.head) for route in routes), default=0.0)
    for low, high, group in sorted(spans, key=lambda s: (s[1] - s[0], s[0])):
        free = (n for n, have in enumerate(levels) if all(high <= a or low >= b for a, b in have))
        level = next(free, len(levels))
        if level == len(levels):
            levels.append([])
        levels[level].append((low, high))
        x = base + sign * (ARC + ARC * level)
        for route in group:
            route.x, route.source_gap = x, True
            clear = not _crosses(columns, row[route.head], x, route.head)
            route.side = clear and not arrangement.cells[route.head].port and route.head not in columns.wide
            if clear and route.head in columns.wide:
                route.side = True
        if sign < 0:
            out.left = min(out.left, x)
        else:
            out.right = max(out.right, x)


def _occupy(out: Routing, route: Route, arrangement: Arrangement, columns: Columns) -> None:
    """Records the horizontal segments of a route in the gaps."""
    if route.x is None:
        return
    row = arrangement.row
    if route.source_gap and abs(route.x - columns.centre[route.tail]) > 0.1:
        _extend(out, row[route.tail], ("s", route.tail, 0), columns.centre[route.tail], route.x)
    target = landing(route, columns)
    if not route.side and abs(route.x - target) > 0.1:
        _extend(out, row[route.head] - 1, ("t", route.head, route.entry), route.x, target)


def _lands(route: Route, columns: Columns) -> bool:
    """Whether a route comes down on top of a wide join."""
    b = route.head
    return route.x is not None and b in columns.wide and columns.left(b) <= route.x <= columns.right(b)


def landing(route: Route, columns: Columns) -> float:
    """Returns the position at which a route meets the top of its head."""
    assert route.x is not None
    if route.landing is not None:
        return route.landing
    return route.x if _lands(route, columns) else columns.centre[route.head]


def _extend(out: Routing, gap: int, net: Net, a: float, b: float) -> None:
    nets = out.gaps.setdefault(gap, {})
    low, high = nets.get(net, (a, a))
    nets[net] = min(low, a, b), max(high, a, b)


def _assign_tracks(out: Routing, gap: int, nets: dict[Net, tuple[float, float]]) -> None:
    """Assigns overlapping segments to separate tracks; segments that leave cells get the upper tracks."""
    used: list[list[tuple[float, float]]] = []
    for net, (low, high) in sorted(nets.items(), key=lambda item: (item[0][0], item[1][1] - item[1][0], item[0][1])):
        for track in range(len(used) + 1):
            if track == len(used):
                used.append([])
            if all(high < a - 2 or low > b + 2 for a, b in used[track]):
                used[track].append((low, high))
                out.tracks[gap, net] = track
                break


def gap_height(routing: Routing, gap: int, style: FigureStyle) -> float:
    """Returns the height of the gap below a row, without extra space."""
    tracks = routing.track_count(gap)
    height = max(style.gap, style.gap * 0.38 + TRACK * (tracks - 1) + ARROW + 1.2)
    return height + (style.detail * 0.85 if gap in routing.named else 0.0)
