"""The report as HTML, for notebooks (``_repr_html_``)."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ..diagnostics import clean
from .row_selection import RowSelection
from .table_columns import COLUMNS, DEFAULT_COLUMNS
from .total_lines import total_lines

_RIGHT = ' style="text-align:right"'
_LEFT = ' style="text-align:left"'


def render(selection: RowSelection, columns: Sequence[str] = (*DEFAULT_COLUMNS, "receptive_field")) -> str:
    """An HTML fragment with the table of layers and the totals. All text is escaped; nothing external is loaded.

    Raises:
        KeyError: there is no column of that name.
    """
    graph = selection.analysis.graph
    name = graph.name + (f"@{graph.variant}" if graph.variant else "")
    chosen = [COLUMNS[c] for c in columns]
    out = ['<div class="netspec">', f"<p><strong>{_text(name)}</strong>{_doc(graph.doc)}</p>"]
    for d in graph.warnings:
        help_ = f"<br>help: {_text(d.help)}" if d.help else ""
        out.append(f"<p><strong>{d.severity} {d.code}</strong>: {_text(d.message)}{help_}</p>")
    out += ["<table>", "<thead><tr>"]
    out += [f"<th{_RIGHT if c.number else _LEFT}>{_text(c.title)}</th>" for c in chosen]
    out.append("</tr></thead>")
    out.append("<tbody>")
    for row in selection.rows:
        cells: list[str] = []
        for c in chosen:
            value = c.value(selection, row)
            text = _text(value) if isinstance(value, str) else f"{value:,}"
            cells.append(f"<td{_RIGHT if c.number else _LEFT}>{text}</td>")
        title = f' title="{_text(row.doc)}"' if row.doc else ""
        out.append(f"<tr{title}>{''.join(cells)}</tr>")
    out += ["</tbody>", "</table>", "<table>", "<tbody>"]
    for t in total_lines(selection):
        out.append(
            f"<tr><th{_LEFT}>{_text(t.label)}</th><td{_RIGHT}>{_text(t.value)}</td><td{_LEFT}>{_text(t.note)}</td></tr>"
        )
    return "\n".join([*out, "</tbody>", "</table>", "</div>", ""])


def _doc(doc: str | None) -> str:
    return f"<br>{_text(doc)}" if doc else ""


def _text(text: str) -> str:
    return escape(clean(text.replace("\n", " ")))
