"""Draws fans as ladders: one branch per row, between two rails."""

from __future__ import annotations

from collections.abc import Sequence

from .arrangement import arrange
from .cells import Cell
from .simplify import CellGraph, Edges, merging


def with_ladders(cells: Sequence[Cell], edges: Edges) -> tuple[list[Cell], Edges, list[int]] | None:
    """Replaces each fan whose branches are all chains by a ladder cell; returns None if there is no such fan.

    Returns:
        The cells, the edges, and the previous number of each cell (-1 for a ladder).
    """
    fans = [fan for fan in arrange(cells, edges).fans if fan.is_ladder]
    if not fans:
        return None
    graph = CellGraph([*cells], edges)
    numbers = {id(cell): i for i, cell in enumerate(cells)}
    gone: set[int] = set()
    for fan in fans:
        rows = [[layer[0] for layer in branch] for branch in fan.branches]
        inside = {i for row in rows for i in row}
        first = min(inside)
        graph.cells[first] = Cell(
            "",
            "ladder",
            branches=tuple(tuple(cells[i] for i in row) for row in rows),
            params=sum(cells[i].params for i in inside),
        )
        graph.redirect(merging(inside, first))
        gone |= inside - {first}
    graph = graph.without(gone)
    return graph.cells, graph.edges, [numbers.get(id(cell), -1) for cell in graph.cells]
