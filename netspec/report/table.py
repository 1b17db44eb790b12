"""The table for a terminal: one line per layer, then the figures of the whole network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..characters import UNICODE, CharacterSet, character_width, display_width
from ..diagnostics import clean, paint
from ..shapes.types import shape_text
from .number_format import short_number
from .row_selection import RowSelection
from .table_columns import COLUMNS, DEFAULT_COLUMNS
from .total_lines import total_lines

GAP = "  "
LEAST_NAME, LEAST_TEXT = 12, 8
"""Narrowest widths of the column of names and of other texts."""
EASY_NAME, EASY_TEXT = 22, 15
"""Widths that they keep until numbers have been shortened."""
SHRINKABLE = ("name", "op", "inputs", "receptive_field")
"""Text columns that may be shortened."""
FULL, NARROW, SHORT = range(3)
"""How figures are written: in full, with narrow shapes (``64×56×56``), with short numbers as well (``15.5 G``)."""


def render(
    selection: RowSelection,
    *,
    columns: Sequence[str] = DEFAULT_COLUMNS,
    width: int = 80,
    colour: bool = False,
    heading: bool = True,
    characters: CharacterSet = UNICODE,
) -> str:
    """The table as text, in lines no wider than ``width`` if possible.

    A table that is too wide is narrowed in this order: long names are shortened in the middle and operations at their
    end, then shapes lose their brackets, then numbers are rounded to three digits (``15.5 G``), then operations and
    finally names are shortened further.

    Args:
        selection: what to show.
        columns: names from :data:`~netspec.report.table_columns.COLUMNS`.
        width: characters per line.
        colour: whether to use terminal colours; without it the text has no control characters.
        heading: whether to print the name of the network above the table.
        characters: what the output can show.

    Raises:
        KeyError: there is no column of that name.
    """
    for level in (FULL, NARROW, SHORT):
        cells = _cells(selection, columns, level, characters)
        widths = _fit(columns, _natural_widths(columns, cells), width, EASY_NAME, EASY_TEXT)
        if _table_width(widths) <= width:
            break
    else:
        widths = _fit(columns, widths, width, EASY_NAME, LEAST_TEXT)
        widths = _fit(columns, widths, width, LEAST_NAME, LEAST_TEXT)
    rule = paint(characters.fit("─") * min(width, max(_table_width(widths), 48)), "dim", colour)
    out: list[str] = []
    if heading:
        out += [*_heading(selection, width, colour, characters), ""]
    titles = [COLUMNS[c].title for c in columns]
    out += [paint(_line(columns, titles, widths, characters), "bold", colour), rule]
    for i, row in enumerate(cells):
        line = _line(columns, row, widths, characters)
        out.append(paint(line, "dim", colour) if i < len(cells) - len(selection.rows) else line)
    out += [rule, *_totals(selection, width, colour, characters)]
    return "\n".join(out) + "\n"


def _cells(selection: RowSelection, columns: Sequence[str], level: int, characters: CharacterSet) -> list[list[str]]:
    """The cells of each line: the inputs first, if rows are in the order of the network, then the rows."""
    out: list[list[str]] = []
    if selection.in_order and "name" in columns and "output" in columns:
        for name, t in selection.analysis.graph.input_types.items():
            dtype = "input" if t.dtype == "float32" else f"input, {t.dtype}"
            shape = selection.shape(t.shape)
            sizes = shape_text(shape) if level == FULL else "×".join(map(str, shape))
            cell = {"name": name, "op": dtype, "output": sizes}
            out.append([characters.fit(cell.get(c, "")) for c in columns])
    for row in selection.rows:
        line: list[str] = []
        for c in columns:
            narrow = None if level == FULL else COLUMNS[c].narrow
            value = COLUMNS[c].value(selection, row) if narrow is None else narrow(selection, row)
            if isinstance(value, str):
                line.append(characters.fit(clean(value)))
            else:
                line.append("-" if not value else short_number(value) if level == SHORT else f"{value:,}")
        out.append(line)
    return out


def _natural_widths(columns: Sequence[str], cells: list[list[str]]) -> list[int]:
    widths = [len(COLUMNS[c].title) for c in columns]
    for row in cells:
        for i, cell in enumerate(row):
            widths[i] = max(widths[i], display_width(cell))
    return widths


def _table_width(widths: list[int]) -> int:
    return sum(widths) + len(GAP) * (len(widths) - 1)


def _fit(columns: Sequence[str], widths: list[int], width: int, name: int, text: int) -> list[int]:
    """Column widths that fit, if possible: text columns are narrowed to their minimum, the widest first."""
    out = list(widths)
    floors = {i: name if c == "name" else text for i, c in enumerate(columns) if c in SHRINKABLE}
    over = _table_width(out) - width
    while over > 0:
        room = {i: out[i] - floor for i, floor in floors.items() if out[i] > floor}
        if not room:
            break
        i = max(room, key=lambda i: (room[i], out[i]))
        second = sorted(room.values())[-2] if len(room) > 1 else 0
        step = min(over, max(1, room[i] - second))
        out[i] -= step
        over -= step
    return out


def _line(columns: Sequence[str], cells: Sequence[str], widths: list[int], characters: CharacterSet) -> str:
    parts: list[str] = []
    for c, cell, width in zip(columns, cells, widths, strict=True):
        if display_width(cell) > width:
            cut = _cut_middle if c == "name" else _cut
            cell = cut(cell, width, characters.ellipsis)  # noqa: PLW2901 - to fit
        space = " " * (width - display_width(cell))
        parts.append(space + cell if COLUMNS[c].number else cell + space)
    return GAP.join(parts).rstrip()


def _heading(selection: RowSelection, width: int, colour: bool, characters: CharacterSet) -> list[str]:
    graph = selection.analysis.graph
    name = clean(graph.name) + (f"@{clean(graph.variant)}" if graph.variant else "")
    out = [paint(characters.fit(name), "bold", colour)]
    doc = " ".join(clean(graph.doc.replace("\n", " ")).split()) if graph.doc else ""
    if doc:
        out.append(paint(_cut(characters.fit(doc), width, characters.ellipsis), "dim", colour))
    return out


def _totals(selection: RowSelection, width: int, colour: bool, characters: CharacterSet) -> list[str]:
    lines = total_lines(selection)
    label = max(len(t.label) for t in lines)
    value = max(len(t.value) for t in lines if t.number)
    shape = max((len(t.value) for t in lines if not t.number), default=0)
    out: list[str] = []
    for t in lines:
        head = f"{t.label:<{label}}{GAP}"
        figure = t.value.rjust(value) if t.number else t.value.ljust(max(value, shape))
        room = max(width - len(head) - len(figure) - len(GAP), LEAST_TEXT)
        note = _cut(characters.fit(clean(t.note)), room, characters.ellipsis)
        out.append((head + paint(figure, "bold", colour) + (GAP + paint(note, "dim", colour) if note else "")).rstrip())
    return out


def _prefix(characters: Iterable[str], width: int) -> str:
    """The longest run of characters from the start that occupies at most ``width`` columns."""
    out: list[str] = []
    for c in characters:
        width -= character_width(c)
        if width < 0:
            break
        out.append(c)
    return "".join(out)


def _cut(text: str, width: int, ellipsis: str) -> str:
    """A text cut at its end to fit, with an ellipsis."""
    return text if display_width(text) <= width else _prefix(text, width - len(ellipsis)).rstrip() + ellipsis


def _cut_middle(text: str, width: int, ellipsis: str) -> str:
    """A name cut in the middle to fit: its blocks come first, what it is comes last."""
    room = width - len(ellipsis)
    tail = _prefix(reversed(text), room // 2)[::-1]
    return f"{_prefix(text, room - display_width(tail))}{ellipsis}{tail}"
