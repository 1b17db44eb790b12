"""The table for a terminal: a line for each layer, then the figures of the whole."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from ..diagnostics import clean, paint
from ..shapes.types import shown
from .amounts import short
from .columns import COLUMNS, DEFAULT_COLUMNS
from .totals import totals
from .view import View

GAP = "  "
LEAST_NAME, LEAST_TEXT = 12, 8
"""Narrowest widths of the column of names and of other texts."""
EASY_NAME, EASY_TEXT = 22, 15
"""Widths that they keep until numbers have been shortened."""
GIVING = ("name", "op", "inputs", "receptive_field")
"""Columns of texts that may be cut."""
FULL, NARROW, SHORT = range(3)
"""How figures are written: in full, shapes narrow (``64×56×56``), numbers short as well (``15.5 G``)."""


def render(
    view: View, *, columns: Sequence[str] = DEFAULT_COLUMNS, width: int = 80, colour: bool = False, heading: bool = True
) -> str:
    """The table as text of lines no wider than ``width``, as far as that can be done.

    What is too wide gives way in this order: long names are shortened in the middle and operations at their end, then
    shapes lose their brackets, then numbers are given to three digits (``15.5 G``), then operations and at last names
    are shortened further.

    Args:
        view: what to show.
        columns: names from :data:`~netspec.report.columns.COLUMNS`.
        width: characters in a line.
        colour: whether to use a terminal's colours; without it the text has no control characters.
        heading: whether the network's name stands above.

    Raises:
        KeyError: there is no column of that name.
    """
    for level in (FULL, NARROW, SHORT):
        cells = _cells(view, columns, level)
        widths = _squeezed(columns, _natural(columns, cells), width, EASY_NAME, EASY_TEXT)
        if _total(widths) <= width:
            break
    else:
        widths = _squeezed(columns, widths, width, EASY_NAME, LEAST_TEXT)
        widths = _squeezed(columns, widths, width, LEAST_NAME, LEAST_TEXT)
    rule = paint("─" * min(width, max(_total(widths), 48)), "dim", colour)
    out: list[str] = []
    if heading:
        out += [*_heading(view, width, colour), ""]
    titles = [COLUMNS[c].title for c in columns]
    out += [paint(_line(columns, titles, widths), "bold", colour), rule]
    for i, row in enumerate(cells):
        line = _line(columns, row, widths)
        out.append(paint(line, "dim", colour) if i < len(cells) - len(view.rows) else line)
    out += [rule, *_totals(view, width, colour)]
    return "\n".join(out) + "\n"


def _cells(view: View, columns: Sequence[str], level: int) -> list[list[str]]:
    """What stands in the lines: first the inputs, where the order is the network's, then the rows."""
    out: list[list[str]] = []
    if view.in_order and "name" in columns and "output" in columns:
        for name, t in view.analysis.inputs.items():
            dtype = "input" if t.dtype == "float32" else f"input, {t.dtype}"
            shape = view.shape(t.shape)
            given = {"name": name, "op": dtype, "output": shown(shape) if level == FULL else "×".join(map(str, shape))}
            out.append([given.get(c, "") for c in columns])
    for row in view.rows:
        line: list[str] = []
        for c in columns:
            narrow = None if level == FULL else COLUMNS[c].narrow
            value = COLUMNS[c].value(view, row) if narrow is None else narrow(view, row)
            if isinstance(value, str):
                line.append(clean(value))
            else:
                line.append("-" if not value else short(value) if level == SHORT else f"{value:,}")
        out.append(line)
    return out


def _natural(columns: Sequence[str], cells: list[list[str]]) -> list[int]:
    widths = [len(COLUMNS[c].title) for c in columns]
    for row in cells:
        for i, cell in enumerate(row):
            widths[i] = max(widths[i], _wide(cell))
    return widths


def _total(widths: list[int]) -> int:
    return sum(widths) + len(GAP) * (len(widths) - 1)


def _squeezed(columns: Sequence[str], widths: list[int], width: int, name: int, text: int) -> list[int]:
    """Widths of texts taken down to some least ones, the widest first, as far as needed."""
    out = list(widths)
    floors = {i: name if c == "name" else text for i, c in enumerate(columns) if c in GIVING}
    over = _total(out) - width
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


def _line(columns: Sequence[str], cells: Sequence[str], widths: list[int]) -> str:
    parts: list[str] = []
    for c, cell, width in zip(columns, cells, widths, strict=True):
        if _wide(cell) > width:
            cell = _shortened(cell, width) if c == "name" else _cut(cell, width)  # noqa: PLW2901 - to fit
        space = " " * (width - _wide(cell))
        parts.append(space + cell if COLUMNS[c].number else cell + space)
    return GAP.join(parts).rstrip()


def _heading(view: View, width: int, colour: bool) -> list[str]:
    graph = view.analysis.graph
    name = clean(graph.name) + (f"@{clean(graph.variant)}" if graph.variant else "")
    out = [paint(name, "bold", colour)]
    doc = " ".join(clean(graph.doc.replace("\n", " ")).split()) if graph.doc else ""
    if doc:
        out.append(paint(_cut(doc, width), "dim", colour))
    return out


def _totals(view: View, width: int, colour: bool) -> list[str]:
    lines = totals(view)
    label = max(len(t.label) for t in lines)
    value = max(len(t.value) for t in lines if t.number)
    shape = max((len(t.value) for t in lines if not t.number), default=0)
    out: list[str] = []
    for t in lines:
        head = f"{t.label:<{label}}{GAP}"
        shown = t.value.rjust(value) if t.number else t.value.ljust(max(value, shape))
        note = _cut(clean(t.note), max(width - len(head) - len(shown) - len(GAP), LEAST_TEXT))
        out.append((head + paint(shown, "bold", colour) + (GAP + paint(note, "dim", colour) if note else "")).rstrip())
    return out


def _wide(text: str) -> int:
    """Columns that a text takes in a terminal."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.combining(c) else 1 for c in text)


def _cut(text: str, width: int) -> str:
    """The beginning of a text."""
    if _wide(text) <= width:
        return text
    while text and _wide(text) > width - 1:
        text = text[:-1]
    return text.rstrip() + "…"


def _shortened(text: str, width: int) -> str:
    """Both ends of a name: the numbers of its blocks stand early, what it is stands last."""
    tail = text
    while tail and _wide(tail) > (width - 1) // 2:
        tail = tail[1:]
    head = text
    while head and _wide(head) > width - 1 - _wide(tail):
        head = head[:-1]
    return f"{head}…{tail}"
