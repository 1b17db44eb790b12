"""Horizontal positions of the cells of a graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from netspec_picture.typefaces import text_width

from .arrangement import Arrangement, Chain, Fan
from .cells import Cell
from .figure_style import FigureStyle
from .labels import cell_height, cell_width

NAME_GAP = 1.5
"""Distance from a line to the name of an input, in points."""
BESIDE = 9.0
"""Distance from a box to an output that is written to its right, in points."""


@dataclass(slots=True)
class Columns:
    """Widths, heights and centres of cells. The trunk line is at x = 0."""

    arrangement: Arrangement
    width: dict[int, float] = field(default_factory=dict[int, float])
    height: dict[int, float] = field(default_factory=dict[int, float])
    centre: dict[int, float] = field(default_factory=dict[int, float])
    by_row: list[list[int]] = field(default_factory=list[list[int]])
    wide: set[int] = field(default_factory=set[int])
    """Joins of fans, which are as wide as their branches."""
    names: dict[tuple[int, int], str] = field(default_factory=dict[tuple[int, int], str])
    """The input names written beside edges."""
    name_size: float = 0.0
    """Font size of these names."""

    def name_width(self, a: int, b: int) -> float:
        """Returns the width of the name beside an edge; 0 without a name."""
        name = self.names.get((a, b), "")
        return text_width(name, self.name_size) if name else 0.0

    def left(self, i: int) -> float:
        """Left edge of a cell."""
        return self.centre[i] - self.width[i] / 2

    def right(self, i: int) -> float:
        """Returns the right edge of a cell, including the sheets behind it."""
        return self.centre[i] + self.width[i] / 2 + (3.0 if self.arrangement.cells[i].is_stacked else 0.0)

    def is_clear_below(self, x: float, above: int, below: int, but: Sequence[int] = ()) -> bool:
        """Whether a vertical line between two rows crosses no cell."""
        return not any(
            self.left(i) - 1.5 < x < self.right(i) + 1.5
            for r in range(above + 1, below)
            for i in self.by_row[r]
            if i not in but
        )

    def is_clear_beside(self, row: int, x0: float, x1: float, but: Sequence[int]) -> bool:
        """Whether a horizontal line in the middle of a row crosses no cell."""
        low, high = min(x0, x1), max(x0, x1)
        return not any(self.left(i) < high and low < self.right(i) for i in self.by_row[row] if i not in but)


def place_columns(arrangement: Arrangement, style: FigureStyle, inset: bool) -> Columns:
    """Computes the sizes and horizontal positions of all cells."""
    out = Columns(arrangement, names=written_names(arrangement), name_size=style.detail)
    for i, cell in enumerate(arrangement.cells):
        out.width[i] = cell_width(cell, style, inset)
    out.by_row = [[] for _ in range(arrangement.rows)]
    for i, row in arrangement.row.items():
        out.by_row[row].append(i)
    branches = {i for fan in arrangement.fans for branch in fan.branches for layer in branch for i in layer}
    _place_trunk(out, arrangement, branches)
    for fan in arrangement.fans:
        _place_fan(out, fan, style)
    _place_near(out, arrangement, style)
    _place_lanes(out, arrangement, style)
    for i, cell in enumerate(arrangement.cells):
        out.height[i] = cell_height(cell, style, out.width[i])
    return out


def written_names(arrangement: Arrangement) -> dict[tuple[int, int], str]:
    """Returns the input names to write: those of boxes with several inputs, unless all equal the names of tails."""
    cells = arrangement.cells
    by_head: dict[int, dict[tuple[int, int], str]] = {}
    for (a, b), name in arrangement.edges.items():
        if name and cells[b].is_plain and not cells[b].branches and len(arrangement.tails[b]) > 1:
            by_head.setdefault(b, {})[a, b] = name
    out: dict[tuple[int, int], str] = {}
    for names in by_head.values():
        if any(name != cells[a].name for (a, _), name in names.items()):
            out |= names
    return out


def _is_ordinary(cell: Cell) -> bool:
    return cell.is_plain and not cell.branches and not cell.is_concatenation


def _place_trunk(out: Columns, arrangement: Arrangement, branches: set[int]) -> None:
    """Gives all boxes on the line of the trunk the same width."""
    line = [*arrangement.trunk, *arrangement.inserted]
    boxes = [i for i in line if i not in branches and _is_ordinary(arrangement.cells[i])]
    common = max((out.width[i] for i in boxes), default=0.0)
    for i in boxes:
        out.width[i] = common
    for i in line:
        out.centre[i] = 0.0


def _place_fan(out: Columns, fan: Fan, style: FigureStyle) -> None:
    """Places the branches of a fan side by side; the join becomes as wide as all of them."""
    widths: list[float] = []
    for branch in fan.branches:
        rows = [sum(out.width[i] for i in layer) + style.branches * (len(layer) - 1) for layer in branch]
        widths.append(max(rows))
    total = sum(widths) + style.branches * (len(widths) - 1)
    x = -total / 2
    for branch, width in zip(fan.branches, widths, strict=True):
        for layer in branch:
            room = sum(out.width[i] for i in layer) + style.branches * (len(layer) - 1)
            if len(layer) == 1 and not out.arrangement.cells[layer[0]].symbol:
                out.width[layer[0]] = room = width
            at = x + (width - room) / 2
            for i in layer:
                out.centre[i] = at + out.width[i] / 2
                at += out.width[i] + style.branches
        x += width + style.branches
    out.width[fan.join] = max(total, out.width[fan.join])
    out.wide.add(fan.join)


def _place_near(out: Columns, arrangement: Arrangement, style: FigureStyle) -> None:
    """Places ends right of the trunk line, and outputs to the right of their boxes."""
    for chain in arrangement.chains:
        if chain.side == "near":
            common = max(out.width[i] for i in chain.cells)
            for i in chain.cells:
                out.width[i] = common
                out.centre[i] = style.lanes + out.width[i] / 2
    for port, box in arrangement.beside.items():
        if box in out.centre:
            out.centre[port] = out.right(box) + BESIDE + out.width[port] / 2


def _place_lanes(out: Columns, arrangement: Arrangement, style: FigureStyle) -> None:
    """Places chains as close to the trunk as the cells placed so far allow, those that span the fewest rows first.

    In a tight layout, a chain may be placed below or above a wider box of the trunk.
    """
    placed = list(out.centre)
    left_edge = min((out.left(i) for i in placed), default=0.0)
    edge = 0.0 if style.is_tight else max((out.right(i) for i in placed), default=0.0)
    rights = [max([edge, *(out.right(i) for i in row if i in out.centre)]) for row in out.by_row]
    ports = {box: port for port, box in arrangement.beside.items()}
    lanes = [chain for chain in arrangement.chains if chain.side == "lane"]
    trunk = set(arrangement.trunk)

    def order(chain: Chain) -> tuple[bool, int, int]:
        """Sort key: chains connected only to other chains come last, so that they are placed to the right of them."""
        neighbours = {x for i in chain.cells for x in (*arrangement.tails[i], *arrangement.heads[i])}
        return trunk.isdisjoint(neighbours), chain.high - chain.low, chain.low

    for chain in sorted(lanes, key=order):
        # The line from the fork leaves it downwards.
        rows = range(chain.low + (chain.low < chain.first), chain.high + 1)
        half = dict.fromkeys(rows, max(out.width[i] for i in chain.cells) / 2)
        if style.is_tight:
            half |= dict.fromkeys(rows, 0.0) | {arrangement.row[i]: out.width[i] / 2 for i in chain.cells}
        centre = max((rights[row] + half[row] for row in rows), default=edge) + style.lanes
        centre += _room_for_names(out, arrangement, chain, style)
        right = centre
        for i in chain.cells:
            out.centre[i] = centre
            right = max(right, out.right(i))
            if i in ports:
                port = ports[i]
                out.centre[port] = out.right(i) + BESIDE + out.width[port] / 2
                right = max(right, out.right(port))
        for row in rows:
            here = [out.right(i) for i in out.by_row[row] if i in out.centre]
            rights[row] = max([centre, *here]) if style.is_tight else right
    lefts = [left_edge] * len(out.by_row)
    # The line of a chain must not cross the cells of a chain that ends further down.
    for chain in sorted(arrangement.chains, key=lambda c: c.high):
        if chain.side == "left":
            width = max(out.width[i] for i in chain.cells)
            right = min(lefts[chain.first : chain.high + 1], default=left_edge) - style.lanes
            right -= _room_for_names(out, arrangement, chain, style)
            for i in chain.cells:
                out.centre[i] = right - width / 2
            lefts[chain.first : chain.high + 1] = [right - width] * (chain.high + 1 - chain.first)


def _room_for_names(out: Columns, arrangement: Arrangement, chain: Chain, style: FigureStyle) -> float:
    """Returns the width of the names on lines from a chain to cells in the same rows; 0 in a tight layout."""
    row = arrangement.row
    beside = [(i, b) for i in chain.cells for b in arrangement.heads[i] if row[b] == row[i]]
    if style.is_tight:
        for edge in beside:
            out.names.pop(edge, None)
        return 0.0
    widest = max((out.name_width(*edge) for edge in beside), default=0.0)
    return widest + NAME_GAP if widest else 0.0
