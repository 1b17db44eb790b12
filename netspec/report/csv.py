"""The report as comma-separated values (RFC 4180): one line per layer of each spec."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from .check_result import CheckResult
from .table_columns import COLUMNS, spreadsheet_cell

ALL = tuple(COLUMNS)


def render(results: Iterable[CheckResult], columns: Sequence[str] = ALL) -> str:
    """Returns a heading and the layers; numbers without separators. A spec without a network has no lines.

    Raises:
        KeyError: there is no column of that name.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["spec", "variant", *columns])
    chosen = [COLUMNS[c] for c in columns]
    for result in results:
        selection = result.selection
        if selection is not None:
            for row in selection.rows:
                cells = [result.spec, result.variant or "", *(c.value(selection, row) for c in chosen)]
                writer.writerow(map(spreadsheet_cell, cells))
    return out.getvalue()
