"""Selects the rows of a network to show, and their order."""

from __future__ import annotations

from dataclasses import replace

from ..analysis.network_figures import Analysis
from .row_selection import RowSelection
from .table_columns import COLUMNS


def select_rows(
    analysis: Analysis,
    *,
    depth: int | None = None,
    sort: str | None = None,
    batch: int | None = None,
    unfold: bool = False,
) -> RowSelection:
    """Returns the rows of an analysis to show.

    Args:
        analysis: the analysis of the network.
        depth: levels of scopes to show; deeper ones are summed up. None shows every layer.
        sort: name of a column (see :data:`~netspec.report.table_columns.COLUMNS`) to sort by: numbers in descending
            order, texts from A to Z. None keeps the order of the network.
        batch: batch size.
        unfold: whether tables show all equal copies.

    Raises:
        KeyError: there is no column of that name.
    """
    if depth is None:
        rows = analysis.layers
    else:
        from ..analysis.collapse import collapse_blocks  # not needed by a plain check

        rows = collapse_blocks(analysis, depth)
    selection = RowSelection(analysis, rows, batch, depth=depth, unfold=unfold)
    if sort is None:
        return selection
    column = COLUMNS[sort]
    rows = tuple(sorted(selection.rows, key=lambda row: column.order(selection, row)))
    return replace(selection, rows=rows, in_order=False)
