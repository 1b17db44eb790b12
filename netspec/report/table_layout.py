"""The layout of a table: column widths that fit into a line, and cells shortened to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..output.characters import CharacterSet, character_width, display_width
from .table_columns import COLUMNS

GAP = "  "
SHRINKABLE = ("name", "op", "inputs", "receptive_field")
"""Text columns that may be shortened."""
_UNCUT = 1 << 20


class TableWidth(NamedTuple):
    """A level of compactness of a table; each level needs fewer characters than the one before it."""

    narrow: bool
    """Whether shapes have no brackets: ``64×56×56``."""
    short: bool
    """Whether numbers are shortened to three digits: ``15.5 G``."""
    name: int
    """Minimum width of the column of names."""
    text: int
    """Minimum width of the other text columns."""
    numbers: bool = False
    """Whether sizes are shown at the defaults of the names."""


STEPS = (
    TableWidth(False, False, _UNCUT, _UNCUT),
    TableWidth(True, False, _UNCUT, _UNCUT),
    TableWidth(True, False, 22, 15),
    TableWidth(True, True, 22, 15),
    TableWidth(True, True, 22, 15, numbers=True),
    TableWidth(True, True, 16, 12, numbers=True),
    TableWidth(True, True, 12, 8, numbers=True),
)
"""Levels from the full table to the narrowest one."""


def widest(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> list[int]:
    """Returns the widths of the widest cells of the columns."""
    titles = [COLUMNS[c].title for c in columns]
    return [max(map(display_width, column)) for column in zip(titles, *cells, strict=True)]


def fitting_widths(columns: Sequence[str], widths: Sequence[int], step: TableWidth, width: int) -> list[int]:
    """Returns column widths, with text columns narrowed as much as the step allows."""
    widths = list(widths)
    floors = {i: step.name if c == "name" else step.text for i, c in enumerate(columns) if c in SHRINKABLE}
    over = table_width(widths) - width
    while over > 0:
        room = {i: widths[i] - floor for i, floor in floors.items() if widths[i] > floor}
        if not room:
            break
        i = max(room, key=lambda i: (room[i], widths[i]))
        second = sorted(room.values())[-2] if len(room) > 1 else 0
        reduction = min(over, max(1, room[i] - second))
        widths[i] -= reduction
        over -= reduction
    return widths


def table_width(widths: Sequence[int]) -> int:
    """Returns the width of a line."""
    return sum(widths) + len(GAP) * (len(widths) - 1)


def line(columns: Sequence[str], cells: Sequence[str], widths: Sequence[int], characters: CharacterSet) -> str:
    """Returns a line of cells: names are shortened in the middle, other texts at the end; numbers are right-aligned."""
    parts: list[str] = []
    for c, cell, width in zip(columns, cells, widths, strict=True):
        text = cell
        if display_width(cell) > width:
            text = _CUTS.get(c, cut_end)(cell, width, characters.ellipsis)
        space = " " * (width - display_width(text))
        parts.append(space + text if COLUMNS[c].number else text + space)
    return GAP.join(parts).rstrip()


def cut_end(text: str, width: int, ellipsis: str) -> str:
    """Cuts a text at its end to fit, with an ellipsis."""
    return text if display_width(text) <= width else _prefix(text, width - len(ellipsis)).rstrip() + ellipsis


def cut_middle(text: str, width: int, ellipsis: str) -> str:
    """Cuts a name in the middle to fit, since its blocks are first and the layer is last; indentation is kept."""
    label = text.lstrip(" ")
    indent = min(len(text) - len(label), width // 2)
    room = width - indent - len(ellipsis)
    tail = _prefix(reversed(label), room // 2)[::-1]
    return f"{' ' * indent}{_prefix(label, room - display_width(tail))}{ellipsis}{tail}"


def cut_operation(text: str, width: int, ellipsis: str) -> str:
    """Cuts an operation to fit; the number of copies at its end is kept."""
    head, times, count = text.rpartition(" × ")
    if not times:
        head, times, count = text.rpartition(" x ")
    tail = times + count
    return cut_end(head, width - len(tail), ellipsis) + tail if times else cut_end(text, width, ellipsis)


_CUTS = {"name": cut_middle, "op": cut_operation}


def _prefix(characters: Iterable[str], width: int) -> str:
    """Returns the longest prefix that occupies at most ``width`` columns."""
    out: list[str] = []
    for c in characters:
        width -= character_width(c)
        if width < 0:
            break
        out.append(c)
    return "".join(out)
