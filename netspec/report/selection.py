"""Which rows of a network to show, and in which order."""

from __future__ import annotations

from ..analysis.outline import outline
from ..analysis.summary import Analysis
from .columns import COLUMNS
from .view import View


def select(
    analysis: Analysis, *, depth: int | None = None, sort: str | None = None, batch: int | None = None
) -> View:
    """What to show of an analysis.

    Args:
        analysis: the network.
        depth: levels of scopes to show; deeper ones are summed up. None shows every layer.
        sort: name of a column (see :data:`~netspec.report.columns.COLUMNS`) to sort by: the greatest number first,
            texts from A to Z. None keeps the network's order.
        batch: number of examples.

    Raises:
        KeyError: there is no column of that name.
    """
    shown = View(analysis, outline(analysis, depth), batch)
    if sort is None:
        return shown
    column = COLUMNS[sort]
    rows = tuple(sorted(shown.rows, key=lambda row: column.order(shown, row)))
    return View(analysis, rows, batch, in_order=False)
