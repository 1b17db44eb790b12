"""The report as Markdown with GitHub's tables, for a README or a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..analysis.network_figures import Line
from ..diagnostics import clean
from . import sizes_table
from .check_result import CheckResult
from .figure_formulas import formula_lines
from .number_format import figure_text
from .row_selection import RowSelection
from .table_columns import COLUMNS, DEFAULT_COLUMNS
from .table_lines import EACH, HEADINGS, note, table_lines
from .total_lines import total_lines

_SPACE = "&emsp;"
_SPECIAL = re.compile(r"([\\`*_\[\]#|<>&~])")


def render(results: Iterable[CheckResult], columns: Sequence[str] = DEFAULT_COLUMNS, *, formulas: bool = False) -> str:
    """Returns a section for each result: heading, layers, totals, requested formulas, and diagnostics.

    Raises:
        KeyError: there is no column of that name.
    """
    return "\n".join(_section(r, columns, formulas) for r in results)


def _section(result: CheckResult, columns: Sequence[str], formulas: bool) -> str:
    variant = f"@{result.variant}" if result.variant else ""
    out = [f"## {escape(result.name + variant)}", ""]
    if result.selection is not None:
        out += [*layers(result.selection, columns), ""]
        if words := note(table_lines(result.selection, columns)):
            out += [words, ""]
        out += [*_totals(result.selection), ""]
        if formulas and result.selection.analysis.graph.dims:
            out += ["```text", *formula_lines(result.selection), "```", ""]
    out += _diagnostics([result])
    return "\n".join(out)


def render_sizes(groups: Iterable[Sequence[CheckResult]]) -> str:
    """Returns a section for each network: its cost at several sizes of its named dimensions, and diagnostics."""
    sections: list[str] = []
    for results in groups:
        variant = f"@{results[0].variant}" if results[0].variant else ""
        name = next((r.name for r in results if r.selection is not None), results[0].name)
        lines = [f"## {escape(name + variant)}", ""]
        if any(r.selection is not None for r in results):
            lines += [*sizes_table.markdown(results), ""]
        sections.append("\n".join(lines + _diagnostics(results)))
    return "\n".join(sections)


def _diagnostics(results: Sequence[CheckResult]) -> list[str]:
    """Returns the distinct diagnostics as a list, followed by an empty line; without notes at several sizes."""
    out: list[str] = []
    for result in results:
        for d in result.diagnostics:
            if len(results) > 1 and d.severity == "note":
                continue
            places = [_where(result, d.location.file, d.location.line)] if d.location is not None else []
            if len(results) > 1 and d.severity == "error":
                places.insert(0, ", ".join(f"{name} = {n}" for name, n in result.sizes.items()))
            where = f" ({', '.join(map(code_span, places))})" if places else ""
            out.append(f"- **{d.severity} {d.code}**{where}: {escape(d.message)}")
    return [*dict.fromkeys(out), ""] if out else []


def layers(selection: RowSelection, columns: Sequence[str] = DEFAULT_COLUMNS) -> list[str]:
    """Returns the lines of the table of layers, indented below their blocks."""
    chosen = [COLUMNS[c] for c in columns]
    out = [_row(c.title for c in chosen), _row("---:" if c.number else "---" for c in chosen)]
    for line in table_lines(selection, columns):
        cells: list[str] = []
        for key, column in zip(columns, chosen, strict=True):
            value = column.value(selection, line.row) if line.kind != "part" else ""
            if key == "name":
                cells.append(_name(line))
            elif isinstance(value, str):
                cells.append(code_span(value) if key == "inputs" and value else escape(value))
            else:
                cells.append(figure_text(value))
        out.append(_row(cells))
    return out


def _name(line: Line) -> str:
    """Returns the name of a line: bold for the heading of a block, indented by a wide space per enclosing block."""
    name = code_span(line.label) if line.label else ""
    if line.kind == "each":
        name = f"{EACH} {name}".rstrip()
    return _SPACE * line.level + (f"**{name}**" if line.kind in HEADINGS else name)


def _totals(selection: RowSelection) -> list[str]:
    out = [_row(("total", "", "")), _row(("---", "---:", "---"))]
    return out + [_row((t.label, escape(t.value), escape(t.note))) for t in total_lines(selection)]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _where(result: CheckResult, file: int, line: int) -> str:
    return f"{result.sources.names[file]}:{line}"


def escape(text: str) -> str:
    """Returns a text in one line, with the special characters of Markdown escaped."""
    return _SPECIAL.sub(r"\\\1", " ".join(clean(text.replace("\n", " ")).split()))


def code_span(text: str) -> str:
    """Returns a text as code. Bars are escaped for the enclosing table, backticks removed."""
    return f"`{clean(text).replace('`', '').replace('|', chr(92) + '|')}`"
