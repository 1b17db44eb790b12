"""The table for a terminal: one line per layer, below headings of blocks, then the figures of the whole network."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import replace

from ..analysis.network_figures import Line
from ..diagnostics import clean, paint
from ..output.characters import UNICODE, CharacterSet
from ..shapes.types import compact_shape, shape_text
from .number_format import figure_text, short_number
from .row_selection import RowSelection
from .table_columns import COLUMNS, DEFAULT_COLUMNS, WIDE_COLUMNS
from .table_layout import GAP, STEPS, TableWidth, cut_end, fitting_widths, line, table_width, widest
from .table_lines import line_name, note, table_lines
from .total_lines import SIZES, total_lines

LEAST_RULE = 48
"""Minimum width of the rules of a table."""
LEAST_NOTE = 8
WIDE = 100
"""Minimum number of terminal columns for showing percentages, if they fit."""


def render(
    selection: RowSelection,
    *,
    columns: Sequence[str] | None = None,
    width: int = 80,
    colour: bool = False,
    heading: bool = True,
    characters: CharacterSet = UNICODE,
    hint: str = "",
    formulas: bool = False,
) -> str:
    """Returns the table as text, in lines no wider than ``width`` if possible.

    A table that is too wide is narrowed in this order: shapes lose their brackets, long names are shortened in the
    middle and operations at their end, numbers are rounded to three digits (``15.5 G``), sizes become those at the
    defaults of the names, then operations and names are shortened further.

    Args:
        selection: the rows to show.
        columns: names from :data:`~netspec.report.table_columns.COLUMNS`; by default as many as fit.
        width: characters per line.
        colour: whether to use terminal colours; without it the text has no control characters.
        heading: whether to print the name of the network above the table.
        characters: the characters that the output can show.
        hint: how to show all equal copies, if some are folded.
        formulas: whether to add figures as formulas of named dimensions.

    Raises:
        KeyError: there is no column of that name.
    """
    chosen = list(columns) if columns is not None else _default_columns(selection, width, characters)
    lines = table_lines(selection, chosen)
    inputs, cells, widths = _layout(selection, lines, chosen, width, characters)
    rule = paint(characters.fit("─") * min(width, max(table_width(widths), LEAST_RULE)), "dim", colour)
    out: list[str] = []
    if heading:
        out += [*_heading(selection, width, colour, characters), ""]
    titles = [COLUMNS[c].title for c in chosen]
    out += [paint(line(chosen, titles, widths, characters), "bold", colour), rule]
    out += [paint(line(chosen, row, widths, characters), "dim", colour) for row in inputs]
    for x, row in zip(lines, cells, strict=True):
        text = line(chosen, row, widths, characters)
        style = {"layer": "", "each": "dim"}.get(x.kind, "bold")
        out.append(paint(text, style, colour) if style else text)
    out.append(rule)
    if words := note(lines):
        if hint and any(x.kind == "copies" for x in lines):
            words = f"{words} {hint}"
        out += [paint(text, "dim", colour) for text in textwrap.wrap(words, min(width, 80))]
        out.append("")
    out += _totals(selection, width, colour, characters)
    if formulas and selection.analysis.graph.dims:
        from .figure_formulas import formula_lines  # loaded only on request

        out += ["", *formula_lines(selection, width)]
    return "\n".join(out) + "\n"


def _default_columns(selection: RowSelection, width: int, characters: CharacterSet) -> list[str]:
    """Returns the columns with percentages if the terminal is wide enough to show everything in full."""
    if width >= WIDE:
        lines = table_lines(selection, WIDE_COLUMNS)
        _, _, widths = _layout(selection, lines, WIDE_COLUMNS, width, characters, STEPS[:1])
        if table_width(widths) <= width:
            return list[str](WIDE_COLUMNS)
    return list[str](DEFAULT_COLUMNS)


def _layout(
    selection: RowSelection,
    lines: Sequence[Line],
    columns: Sequence[str],
    width: int,
    characters: CharacterSet,
    steps: Sequence[TableWidth] = STEPS,
) -> tuple[list[list[str]], list[list[str]], list[int]]:
    """Returns the cells of the inputs and of the lines, and the column widths, by the first step that fits."""
    texts: tuple[bool, bool, bool] | None = None
    inputs: list[list[str]] = []
    cells: list[list[str]] = []
    natural: list[int] = []
    for step in steps:
        if texts != (step.narrow, step.short, step.numbers):
            texts = step.narrow, step.short, step.numbers
            of_step = replace(selection, numbers=step.numbers)
            inputs = _input_cells(of_step, columns, step, characters)
            cells = [_cells(of_step, x, columns, step, characters) for x in lines]
            natural = widest(columns, [*inputs, *cells])
        widths = fitting_widths(columns, natural, step, width)
        if table_width(widths) <= width or step is steps[-1]:
            return inputs, cells, widths
    raise AssertionError("a table has at least one step")


def _input_cells(
    selection: RowSelection, columns: Sequence[str], step: TableWidth, characters: CharacterSet
) -> list[list[str]]:
    """Returns the cells of the network's inputs, which come first if rows are in the order of the network."""
    out: list[list[str]] = []
    if selection.in_order and "name" in columns and "output" in columns:
        for name, t in selection.analysis.graph.input_types.items():
            dtype = "input" if t.dtype == "float32" else f"input, {t.dtype}"
            shape = selection.shape(t.shape)
            sizes = compact_shape(shape) if step.narrow else shape_text(shape)
            cell = {"name": name, "op": dtype, "output": sizes}
            out.append([characters.fit(cell.get(c, "")) for c in columns])
    return out


def _cells(
    selection: RowSelection, x: Line, columns: Sequence[str], step: TableWidth, characters: CharacterSet
) -> list[str]:
    """Returns the cells of a line; the name is indented below its headings."""
    if x.kind == "part":
        return [characters.fit("  " * x.level + clean(x.label)) if c == "name" else "" for c in columns]
    out: list[str] = []
    for c in columns:
        column = COLUMNS[c]
        if c == "name":
            out.append(characters.fit("  " * x.level + clean(line_name(x))))
        elif column.narrow is not None and step.narrow:
            out.append(characters.fit(clean(column.narrow(selection, x.row))))
        else:
            value = column.value(selection, x.row)
            if isinstance(value, str):
                out.append(characters.fit(clean(value)))
            elif isinstance(value, int) and step.short and value:
                out.append(short_number(value))
            else:
                out.append(figure_text(value) if value else "-")
    return out


def _heading(selection: RowSelection, width: int, colour: bool, characters: CharacterSet) -> list[str]:
    graph = selection.analysis.graph
    name = clean(graph.name) + (f"@{clean(graph.variant)}" if graph.variant else "")
    out = [paint(characters.fit(name), "bold", colour)]
    doc = " ".join(clean(graph.doc.replace("\n", " ")).split()) if graph.doc else ""
    if doc:
        out.append(paint(cut_end(characters.fit(doc), width, characters.ellipsis), "dim", colour))
    return out


def _totals(selection: RowSelection, width: int, colour: bool, characters: CharacterSet) -> list[str]:
    lines = total_lines(selection)
    label = max(len(t.label) for t in lines)
    value = max(len(t.value) for t in lines if t.number)
    shape = max((len(t.value) for t in lines if not t.number and t.label != SIZES), default=0)
    out: list[str] = []
    for t in lines:
        head = f"{t.label:<{label}}{GAP}"
        figure = t.value.rjust(value) if t.number else t.value.ljust(max(value, shape))
        room = max(width - len(head) - len(figure) - len(GAP), LEAST_NOTE)
        words = cut_end(characters.fit(clean(t.note)), room, characters.ellipsis)
        text = head + paint(figure, "bold", colour) + (GAP + paint(words, "dim", colour) if words else "")
        out.append(text.rstrip())
    return out
