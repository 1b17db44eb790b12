"""The report as Markdown with GitHub's tables, for a README or a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..diagnostics import clean
from .check_result import CheckResult
from .row_selection import RowSelection
from .table_columns import COLUMNS, DEFAULT_COLUMNS
from .total_lines import total_lines

_SPECIAL = re.compile(r"([\\`*_\[\]#|<>&~])")


def render(results: Iterable[CheckResult], columns: Sequence[str] = DEFAULT_COLUMNS) -> str:
    """A section for each result: heading, layers, totals, and diagnostics.

    Raises:
        KeyError: there is no column of that name.
    """
    return "\n".join(_section(r, columns) for r in results)


def _section(result: CheckResult, columns: Sequence[str]) -> str:
    variant = f"@{result.variant}" if result.variant else ""
    out = [f"## {escape(result.name + variant)}", ""]
    if result.selection is not None:
        out += [*layers(result.selection, columns), "", *_totals(result.selection), ""]
    for d in result.diagnostics:
        where = f" ({code_span(_where(result, d.location.file, d.location.line))})" if d.location is not None else ""
        out.append(f"- **{d.severity} {d.code}**{where}: {escape(d.message)}")
    if result.diagnostics:
        out.append("")
    return "\n".join(out)


def layers(selection: RowSelection, columns: Sequence[str] = DEFAULT_COLUMNS) -> list[str]:
    """The lines of the table of layers."""
    chosen = [COLUMNS[c] for c in columns]
    out = [_row(c.title for c in chosen), _row("---:" if c.number else "---" for c in chosen)]
    for row in selection.rows:
        cells: list[str] = []
        for key, column in zip(columns, chosen, strict=True):
            value = column.value(selection, row)
            if isinstance(value, str):
                cells.append(code_span(value) if key in ("name", "inputs") and value else escape(value))
            else:
                cells.append(f"{value:,}")
        out.append(_row(cells))
    return out


def _totals(selection: RowSelection) -> list[str]:
    out = [_row(("total", "", "")), _row(("---", "---:", "---"))]
    return out + [_row((t.label, escape(t.value), escape(t.note))) for t in total_lines(selection)]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _where(result: CheckResult, file: int, line: int) -> str:
    return f"{result.sources.names[file]}:{line}"


def escape(text: str) -> str:
    """Text in one line, with the special characters of Markdown escaped."""
    return _SPECIAL.sub(r"\\\1", " ".join(clean(text.replace("\n", " ")).split()))


def code_span(text: str) -> str:
    """Text as code. Bars are escaped for the table around it, backticks removed."""
    return f"`{clean(text).replace('`', '').replace('|', chr(92) + '|')}`"
