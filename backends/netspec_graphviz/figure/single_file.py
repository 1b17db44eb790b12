"""Narrow arrangements: cells beside the trunk are moved to its line, in rows of their own.

Edges between cells that are not adjacent run on tracks beside all cells. The figure is hardly wider than its widest
box, and higher by a row for each cell that was moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from .arrangement import Arrangement, Chain, arrange
from .cells import Cell
from .simplify import Edges


class Filing(IntEnum):
    """Which cells have rows of their own. The first gives the widest arrangement, the last the narrowest."""

    TRUNK = 0
    """Only those of the trunk."""
    ALL_BUT_SOURCES = 1
    """All cells except those without inputs that one cell reads; these are placed to the right of that cell."""
    ALL = 2


def filed(cells: Sequence[Cell], edges: Edges, filing: Filing, trunk: Sequence[int] | None = None) -> Arrangement:
    """Arranges a graph with these cells in rows of their own. The other arguments are those of :func:`arrange`."""
    usual = arrange(cells, edges, trunk)
    if filing is Filing.TRUNK or len(usual.trunk) == len(cells):
        return usual
    out = Arrangement(cells, edges, usual.trunk, tails=usual.tails, heads=usual.heads)
    line = set(usual.trunk)
    sources = dict[int, int]()
    for i, cell in enumerate(cells):
        if i in line:
            continue
        if cell.port == "out" and len(out.tails[i]) == 1 and out.tails[i][0] not in out.beside.values():
            out.beside[i] = out.tails[i][0]
        elif filing is Filing.ALL_BUT_SOURCES and not out.tails[i] and len(out.heads[i]) == 1:
            head = out.heads[i][0]
            if head not in sources.values() and head not in out.beside.values():
                sources[i] = head
    for row, i in enumerate(_in_order(out, sources.keys() | out.beside.keys())):
        out.row[i] = row
        if i not in line:
            out.inserted.append(i)
    out.rows = len(out.row)
    for source, head in sources.items():
        row = out.row[source] = out.row[head]
        out.chains.append(Chain([source], "lane", row, row, row))
    for port, box in out.beside.items():
        out.row[port] = out.row[box]
    return out


def _in_order(arrangement: Arrangement, but: set[int]) -> list[int]:
    """Orders cells topologically: inputs of the trunk just above the cell that reads them, ends below their fork."""
    tails, heads = arrangement.tails, arrangement.heads
    needed = set(arrangement.trunk)
    for i in reversed(range(len(arrangement.cells))):
        if not needed.isdisjoint(heads[i]):
            needed.add(i)
    out: list[int] = []
    placed = set(but)

    def place(last: int) -> None:
        """Adds a cell after everything that it depends on, depth first, and the ends that fork from these cells."""
        pending = [last]
        while pending:
            i = pending[-1]
            missing = [a for a in tails[i] if a not in placed]
            if missing:
                pending += reversed(missing)
                continue
            pending.pop()
            if i not in placed:
                placed.add(i)
                out.append(i)
                pending += [b for b in reversed(heads[i]) if b not in needed and placed.issuperset(tails[b])]

    for i in (*arrangement.trunk, *range(len(arrangement.cells))):
        place(i)
    return out
