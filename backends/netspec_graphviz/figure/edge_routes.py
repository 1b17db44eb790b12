"""The ways of the edges: which columns and gaps each of them uses.

Vertical lines run in columns that are clear of cells, or on tracks beside all of them. Horizontal lines run in the gaps
between rows, or in the middle of a row that is clear. So no line meets a cell, whatever the graph.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

from .arrangement import Arrangement
from .cell_columns import Columns
from .look import ARC, ARROW, TRACK, Look

MERGES = frozenset(("concat",))
Net: TypeAlias = tuple[str, int]
"""Lines that may lie on each other: those that leave one cell below (``s``), or enter one from above (``t``)."""


@dataclass(slots=True)
class Way:
    """The way of an edge."""

    tail: int
    head: int
    skips: bool = False
    """Whether it is the shorter way into a join."""
    x: float | None = None
    """Position of the vertical line between tail and head; None for a horizontal line in one row."""
    source_gap: bool = False
    """Whether it moves to that line in the gap below its tail."""
    side: bool = False
    """Whether it enters its head from the side; otherwise from above."""


@dataclass(slots=True)
class Routing:
    """The ways of all edges, and the horizontal lines in each gap."""

    ways: list[Way] = field(default_factory=list[Way])
    gaps: dict[int, dict[Net, tuple[float, float]]] = field(default_factory=dict[int, dict[Net, tuple[float, float]]])
    """For the gap below each row, the lines with their extents."""
    tracks: dict[tuple[int, Net], int] = field(default_factory=dict[tuple[int, Net], int])
    """The number of the track of each line, from above."""
    left: float = 0.0
    right: float = 0.0
    """Extents of the tracks beside all cells."""

    def track_count(self, gap: int) -> int:
        """The number of tracks in a gap."""
        return 1 + max((self.tracks[gap, net] for net in self.gaps.get(gap, {})), default=-1)


def route(arrangement: Arrangement, columns: Columns) -> Routing:
    """The ways of all edges."""
    out = Routing()
    chain_of = {i: chain for chain in arrangement.chains for i in chain.cells}
    dashed = _skip_edges(arrangement)
    blocked: list[Way] = []
    for a, b in arrangement.edges:
        way = Way(a, b, (a, b) in dashed)
        out.ways.append(way)
        if not _direct(way, arrangement, columns, chain_of[b].side if b in chain_of else ""):
            blocked.append(way)
    out.left = min((columns.left(i) for i in columns.centre), default=0.0)
    out.right = max((columns.right(i) for i in columns.centre), default=0.0)
    trunk = set(arrangement.trunk)
    _beside(out, [w for w in blocked if w.tail in trunk and w.head in trunk], arrangement, columns, -1)
    _beside(out, [w for w in blocked if not (w.tail in trunk and w.head in trunk)], arrangement, columns, 1)
    for way in out.ways:
        _occupy(out, way, arrangement, columns)
    for gap, nets in out.gaps.items():
        _assign_tracks(out, gap, nets)
    return out


def _skip_edges(arrangement: Arrangement) -> set[tuple[int, int]]:
    """The edges of skip connections: past boxes of the trunk into a sum or a concatenation, or by a shorter chain."""
    position = {t: n for n, t in enumerate(arrangement.trunk)}

    def is_join(i: int) -> bool:
        cell = arrangement.cells[i]
        return bool(cell.symbol) or cell.operation in MERGES or cell.kind == "block"

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


def _direct(way: Way, arrangement: Arrangement, columns: Columns, side: str) -> bool:
    """Finds a way in the columns of the two cells; whether there is one."""
    a, b = way.tail, way.head
    row_a, row_b = arrangement.row[a], arrangement.row[b]
    xa, xb = columns.centre[a], columns.centre[b]
    if row_a == row_b:
        return columns.is_clear_beside(row_a, xa, xb, (a, b))
    if side == "near" and abs(xa) < 0.1 and columns.is_clear_below(xa, row_a, row_b):
        way.x, way.side = xa, True
        return True
    if abs(xa - xb) < 0.1 or (b in columns.wide and columns.left(b) <= xa <= columns.right(b)):
        way.x = xa
        return columns.is_clear_below(xa, row_a, row_b)
    is_circle = bool(arrangement.cells[b].symbol)
    down_first = columns.is_clear_below(xa, row_a, row_b)
    outside = not columns.left(b) < xa < columns.right(b)
    if down_first and outside and (is_circle or row_b - row_a > 1 or len(arrangement.tails[b]) > 1):
        way.side = not _crosses(columns, row_b, xa, b) and (is_circle or arrangement.cells[b].operation in MERGES)
        if way.side:
            way.x = xa
            return True
    if columns.is_clear_below(xb, row_a, row_b):
        way.x, way.source_gap = xb, True
        return True
    way.x, way.side = xa, False
    return down_first


def _crosses(columns: Columns, row: int, x: float, b: int) -> bool:
    """Whether a line from a column to the side of a cell in a row meets a cell."""
    edge = columns.right(b) if x > columns.centre[b] else columns.left(b)
    return not columns.is_clear_beside(row, x, edge, (b,))


def _beside(out: Routing, ways: list[Way], arrangement: Arrangement, columns: Columns, sign: int) -> None:
    """Leads edges along tracks left (-1) or right (1) of all cells; edges from one cell share a track."""
    row = arrangement.row
    by_tail: dict[int, list[Way]] = {}
    for way in ways:
        by_tail.setdefault(way.tail, []).append(way)
    spans = [(row[t], max(row[w.head] for w in group), group) for t, group in by_tail.items()]
    levels: list[list[tuple[int, int]]] = []
    base = out.left if sign < 0 else out.right
    for low, high, group in sorted(spans, key=lambda s: (s[1] - s[0], s[0])):
        free = (n for n, have in enumerate(levels) if all(high <= a or low >= b for a, b in have))
        level = next(free, len(levels))
        if level == len(levels):
            levels.append([])
        levels[level].append((low, high))
        x = base + sign * (ARC + ARC * level)
        for way in group:
            way.x, way.source_gap = x, True
            clear = not _crosses(columns, row[way.head], x, way.head)
            way.side = clear and not arrangement.cells[way.head].port and way.head not in columns.wide
            if clear and way.head in columns.wide:
                way.side = True
        if sign < 0:
            out.left = min(out.left, x)
        else:
            out.right = max(out.right, x)


def _occupy(out: Routing, way: Way, arrangement: Arrangement, columns: Columns) -> None:
    """Notes the horizontal lines of a way in the gaps."""
    if way.x is None:
        return
    row = arrangement.row
    if way.source_gap and abs(way.x - columns.centre[way.tail]) > 0.1:
        _extend(out, row[way.tail], ("s", way.tail), columns.centre[way.tail], way.x)
    target = columns.centre[way.head]
    if not way.side and abs(way.x - target) > 0.1 and not _lands(way, columns):
        _extend(out, row[way.head] - 1, ("t", way.head), way.x, target)


def _lands(way: Way, columns: Columns) -> bool:
    """Whether a way meets the top of a wide join."""
    b = way.head
    return way.x is not None and b in columns.wide and columns.left(b) <= way.x <= columns.right(b)


def landing(way: Way, columns: Columns) -> float:
    """Where a way meets the top of its head."""
    assert way.x is not None
    return way.x if _lands(way, columns) else columns.centre[way.head]


def _extend(out: Routing, gap: int, net: Net, a: float, b: float) -> None:
    nets = out.gaps.setdefault(gap, {})
    low, high = nets.get(net, (a, a))
    nets[net] = min(low, a, b), max(high, a, b)


def _assign_tracks(out: Routing, gap: int, nets: dict[Net, tuple[float, float]]) -> None:
    """Gives lines that would lie on each other tracks of their own: those that leave cells above the others."""
    used: list[list[tuple[float, float]]] = []
    first_target = 0
    for net, (low, high) in sorted(nets.items(), key=lambda item: (item[0][0], item[1][1] - item[1][0], item[0][1])):
        start = first_target if net[0] == "t" else 0
        for track in range(start, len(used) + 1):
            if track == len(used):
                used.append([])
            if all(high < a - 2 or low > b + 2 for a, b in used[track]):
                used[track].append((low, high))
                out.tracks[gap, net] = track
                break
        if net[0] == "s":
            first_target = max(first_target, 0)


def gap_height(routing: Routing, gap: int, look: Look) -> float:
    """Height of the gap below a row, without extras."""
    tracks = routing.track_count(gap)
    return max(look.gap, look.gap * 0.38 + TRACK * (tracks - 1) + ARROW + 1.2)
