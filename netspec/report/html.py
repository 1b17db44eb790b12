"""The report as HTML, for notebooks (``_repr_html_``)."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ..analysis.network_figures import Line
from ..diagnostics import clean
from .number_format import figure_text
from .row_selection import RowSelection
from .table_columns import COLUMNS, WIDE_COLUMNS
from .table_lines import HEADINGS, line_name, note, table_lines
from .total_lines import total_lines

_RIGHT = ' style="text-align:right"'
_LEFT = ' style="text-align:left"'
_INDENT = 1.5
"""Indentation of a name below a heading, in em."""


def render(selection: RowSelection, columns: Sequence[str] | None = None) -> str:
    """Returns an HTML fragment with the table of layers and the totals. Text is escaped; nothing external is loaded.

    By default it has the columns of a wide terminal, and receptive fields if equal copies agree in them.

    Raises:
        KeyError: there is no column of that name.
    """
    graph = selection.analysis.graph
    name = graph.name + (f"@{graph.variant}" if graph.variant else "")
    if columns is None:
        folded = any(line.kind == "copies" for line in table_lines(selection, WIDE_COLUMNS))
        columns = WIDE_COLUMNS if folded else (*WIDE_COLUMNS, "receptive_field")
    chosen = [COLUMNS[c] for c in columns]
    out = ['<div class="netspec">', f"<p><strong>{_text(name)}</strong>{_doc(graph.doc)}</p>"]
    for d in graph.warnings:
        help_ = f"<br>help: {_text(d.help)}" if d.help else ""
        out.append(f"<p><strong>{d.severity} {d.code}</strong>: {_text(d.message)}{help_}</p>")
    out += ["<table>", "<thead><tr>"]
    out += [f"<th{_RIGHT if c.number else _LEFT}>{_text(c.title)}</th>" for c in chosen]
    out.append("</tr></thead>")
    out.append("<tbody>")
    lines = table_lines(selection, columns)
    for line in lines:
        cells: list[str] = []
        for key, c in zip(columns, chosen, strict=True):
            value = c.value(selection, line.row) if line.kind != "part" else ""
            text = _text(value) if isinstance(value, str) else figure_text(value)
            cells.append(_name(line) if key == "name" else f"<td{_RIGHT if c.number else _LEFT}>{text}</td>")
        title = f' title="{_text(line.row.doc)}"' if line.row.doc and line.kind != "part" else ""
        out.append(f"<tr{title}>{''.join(cells)}</tr>")
    out += ["</tbody>", "</table>", *(f"<p>{_text(words)}</p>" for words in (note(lines),) if words)]
    out += ["<table>", "<tbody>"]
    for t in total_lines(selection):
        out.append(
            f"<tr><th{_LEFT}>{_text(t.label)}</th><td{_RIGHT}>{_text(t.value)}</td><td{_LEFT}>{_text(t.note)}</td></tr>"
        )
    return "\n".join([*out, "</tbody>", "</table>", "</div>", ""])


def _name(line: Line) -> str:
    """Returns the cell of a name: with the full name as its title, bold for blocks, indented below headings."""
    label = _text(line_name(line))
    if line.kind in HEADINGS:
        label = f"<strong>{label}</strong>"
    indent = f";padding-left:{_INDENT * line.level + 0.5}em" if line.level else ""
    title = f' title="{_text(line.row.name)}"' if line.label != line.row.name and line.kind != "part" else ""
    return f'<td style="text-align:left{indent}"{title}>{label}</td>'


def _doc(doc: str | None) -> str:
    return f"<br>{_text(doc)}" if doc else ""


def _text(text: str) -> str:
    return escape(clean(text.replace("\n", " ")))
