"""The report as comma-separated values (RFC 4180): a line for each layer of each spec."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from .columns import COLUMNS
from .result import Result

ALL = tuple(COLUMNS)


def render(results: Iterable[Result], columns: Sequence[str] = ALL) -> str:
    """A heading, then the layers; numbers without separators. Specs whose network could not be made have none.

    Raises:
        KeyError: there is no column of that name.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["spec", "variant", *columns])
    chosen = [COLUMNS[c] for c in columns]
    for result in results:
        if result.view is not None:
            view = result.view
            for row in view.rows:
                writer.writerow([result.spec, result.variant or "", *(c.value(view, row) for c in chosen)])
    return out.getvalue()
