"""Rows with branches: each branch has its own row below the row from which it branches off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netspec_picture.scene import Shape

from .captions import Wording
from .maps import Map
from .placed_figures import CaptionStyle, PlacedMaps
from .row import Row, groups_of, item_of
from .solid_shapes import Brush
from .solid_sizes import Scale

BETWEEN = 9.0
"""Distance between rows."""
INDENT = 13.0
"""Distance from the line that leads down to the first map of a branch."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A chain of maps, and the map from which it branches off; -1 for an input of the network."""

    fork: int
    maps: tuple[Map, ...]


def branches_of(maps: Sequence[Map]) -> list[Branch] | None:
    """Divides the maps into chains, the longest first; None if chains join other than by skip connections."""
    children: dict[int, list[int]] = {m.number: [] for m in maps}
    parent: dict[int, int] = {}
    for m in maps:
        tensors = [s for s, role in m.role_of.items() if role == "tensor"] or list(m.sources[:1])
        if len(tensors) > 1:
            return None
        if tensors:
            parent[m.number] = tensors[0]
            children[tensors[0]].append(m.number)
    depth = {m.number: 1 for m in maps}
    for m in reversed(maps):
        if m.number in parent:
            depth[parent[m.number]] = max(depth[parent[m.number]], depth[m.number] + 1)
    by_number = {m.number: m for m in maps}
    out: list[Branch] = []
    pending = [(-1, m.number) for m in maps if m.number not in parent]
    pending.sort(key=lambda start: -depth[start[1]])
    while pending:
        fork, number = pending.pop(0)
        chain: list[Map] = []
        while True:
            chain.append(by_number[number])
            following = sorted(children[number], key=lambda n: -depth[n])
            if not following:
                break
            pending += [(number, n) for n in following[1:]]
            number = following[0]
        out.append(Branch(fork, tuple(chain)))
    home = {m.number: i for i, branch in enumerate(out) for m in branch.maps}
    if any(home[s] != home[m.number] for m in maps for s, role in m.role_of.items() if role != "tensor"):
        return None
    return out


class _PlacedRow:
    """A branch with its position."""

    def __init__(self, branch: Branch, row: Row) -> None:
        self.branch = branch
        self.row = row
        self.x = 0.0
        self.middle = 0.0

    def line_after(self, number: int) -> float:
        """Returns the position of the line that leads down after a map."""
        i = next(i for i, item in enumerate(self.row.items) if number in item.numbers)
        return self.x + self.row.lines[i]


def place_branches(branches: Sequence[Branch], scale: Scale, style: CaptionStyle, wording: Wording) -> PlacedMaps:
    """Places the rows, starting with the branch at the last fork, so that no line crosses a row."""
    forks = {branch.fork for branch in branches}
    rows = [
        _PlacedRow(
            branch, Row([item_of(g, scale, style, wording) for g in groups_of(branch.maps, forks)], style, forks)
        )
        for branch in branches
    ]
    home = {m.number: row for row in rows for m in row.branch.maps}
    y = 0.0
    placed: list[_PlacedRow] = []

    def place(row: _PlacedRow) -> None:
        nonlocal y
        row.middle = y - row.row.top
        y = row.middle + row.row.bottom + BETWEEN
        placed.append(row)
        order = {m.number: i for i, m in enumerate(row.branch.maps)}
        leaving = [other for other in rows if other.branch.fork in order]
        for other in sorted(leaving, key=lambda o: -order[o.branch.fork]):
            first = other.row.items[0]
            caption = other.row.captions[0].left if first.caption else 0.0
            other.x = row.line_after(other.branch.fork) + INDENT - min(first.x, caption, 0.0)
            place(other)

    for row in rows:
        if row.branch.fork < 0:
            place(row)
    width = max(row.x + row.row.width for row in placed)

    def draw(brush: Brush, x: float, top: float) -> list[Shape]:
        out: list[Shape] = []
        for row in placed:
            if row.branch.fork >= 0:
                source = home[row.branch.fork]
                line = x + source.line_after(row.branch.fork)
                middle, first = top + row.middle, row.row.items[0]
                points = ((line, top + source.middle), (line, middle), (x + row.x + first.x + first.entry, middle))
                out.append(brush.arrow(points))
        for row in placed:
            out += row.row.draw(brush, x + row.x, top + row.middle)
        return out

    return PlacedMaps(width, y - BETWEEN, draw)
