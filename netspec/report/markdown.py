"""The report as Markdown with GitHub's tables, for a README or a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..diagnostics import clean
from .columns import COLUMNS, DEFAULT_COLUMNS
from .result import Result
from .totals import totals
from .view import View

_SPECIAL = re.compile(r"([\\`*_\[\]#|<>&~])")


def render(results: Iterable[Result], columns: Sequence[str] = DEFAULT_COLUMNS) -> str:
    """A section for each result: heading, layers, totals, and what is wrong.

    Raises:
        KeyError: there is no column of that name.
    """
    return "\n".join(_section(r, columns) for r in results)


def _section(result: Result, columns: Sequence[str]) -> str:
    variant = f"@{result.variant}" if result.variant else ""
    out = [f"## {escaped(result.name + variant)}", ""]
    if result.view is not None:
        out += [*layers(result.view, columns), "", *_totals(result.view), ""]
    for d in result.diagnostics:
        where = f" ({code(_where(result, d.location.file, d.location.line))})" if d.location is not None else ""
        out.append(f"- **{d.severity} {d.code}**{where}: {escaped(d.message)}")
    if result.diagnostics:
        out.append("")
    return "\n".join(out)


def layers(view: View, columns: Sequence[str] = DEFAULT_COLUMNS) -> list[str]:
    """The lines of the table of layers."""
    chosen = [COLUMNS[c] for c in columns]
    out = [_row(c.title for c in chosen), _row("---:" if c.number else "---" for c in chosen)]
    for row in view.rows:
        cells: list[str] = []
        for key, column in zip(columns, chosen, strict=True):
            value = column.value(view, row)
            if isinstance(value, str):
                cells.append(code(value) if key in ("name", "inputs") and value else escaped(value))
            else:
                cells.append(f"{value:,}")
        out.append(_row(cells))
    return out


def _totals(view: View) -> list[str]:
    out = [_row(("total", "", "")), _row(("---", "---:", "---"))]
    return out + [_row((t.label, escaped(t.value), escaped(t.note))) for t in totals(view)]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _where(result: Result, file: int, line: int) -> str:
    return f"{result.sources.names[file]}:{line}"


def escaped(text: str) -> str:
    """Text that Markdown shows as it is, in one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(clean(text.replace("\n", " ")).split()))


def code(text: str) -> str:
    """Text in the letters of code; a bar is escaped for the table around it, backticks are left out."""
    return f"`{clean(text).replace('`', '').replace('|', chr(92) + '|')}`"
