"""Breaks the text of boxes into lines, only between arguments, and measures it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from netspec_picture.typefaces import Typefaces, text_width, typefaces_in_use

from .cells import Cell, Run, joined, value_runs
from .figure_style import SEGMENT_INSIDE, FigureStyle

RUNG = 9.0
"""Distance between the boxes in a row of a ladder, and from its rails to them, in points."""
RUNG_GAP = 4.0
"""Distance between the rows of a ladder, in points."""


class Piece(NamedTuple):
    """A part of a label that is never broken across lines."""

    runs: tuple[Run, ...]
    before: str
    """The separator from the previous piece in the same line; at a line break, only its comma is kept."""


def runs_width(runs: Sequence[Run], size: float) -> float:
    """Width of a text."""
    return sum(text_width(run.text, size, run.bold, run.italic) for run in runs)


class Label:
    """The text of a box in parts, measured once. All widths are those at font size 1.

    Args:
        pieces: its parts.
    """

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = pieces
        comma = text_width(",", 1.0)
        self._widths: list[tuple[float, float, float]] = []
        """For each part: the widths of the separator before it, of the part, and of a comma after it."""
        for n, piece in enumerate(pieces):
            before = text_width(piece.before, 1.0) if n else 0.0
            ends_with_comma = n + 1 < len(pieces) and pieces[n + 1].before == ", "
            self._widths.append((before, runs_width(piece.runs, 1.0), comma if ends_with_comma else 0.0))
        self._least: dict[int, float] = {}
        self._breaks: dict[float, tuple[int, ...]] = {}

    def least_width(self, lines: int) -> float:
        """Returns the smallest width with which the text has at most that number of lines."""
        if lines not in self._least:
            self._least[lines] = self._least_width(lines)
        return self._least[lines]

    def _least_width(self, lines: int) -> float:
        widths = self._widths
        if lines == 1:
            return sum(before + width for before, width, _ in widths)
        count = len(widths)
        spans = sorted(
            sum(before + width for before, width, _ in widths[i:j]) - widths[i][0] + widths[j - 1][2]
            for i in range(count)
            for j in range(i + 1, count + 1)
        )
        widest = max((width + comma for _, width, comma in widths), default=0.0)
        return next((w for w in spans if w >= widest and len(self.breaks(w + 0.001)) <= lines), 0.0)

    def breaks(self, room: float) -> tuple[int, ...]:
        """Breaks the text greedily into lines of width ``room``; returns the index of the first part of each line."""
        if room not in self._breaks:
            out: list[int] = []
            used = 0.0
            for n, (before, width, comma) in enumerate(self._widths):
                if out and used + before + width + comma <= room:
                    used += before + width
                else:
                    out.append(n)
                    used = width
            self._breaks[room] = tuple(out)
        return self._breaks[room]

    def lines(self, room: float) -> list[tuple[Run, ...]]:
        """Breaks the text into lines of at most the width ``room``."""
        starts = self.breaks(room)
        out: list[tuple[Run, ...]] = []
        for start, end in zip(starts, (*starts[1:], len(self.pieces)), strict=True):
            runs = _in_one_line(self.pieces[start:end])
            ends_with_comma = end < len(self.pieces) and self.pieces[end].before == ", "
            out.append(joined([*runs, Run(",")]) if ends_with_comma else runs)
        return out


def label_of(cell: Cell, style: FigureStyle) -> Label:
    """Returns the text of a box: its name, its operation and its arguments."""
    return _label(cell, style.arguments, style.names, typefaces_in_use())


@lru_cache(8192)
def _label(cell: Cell, arguments: int | None, names: bool, typefaces: Typefaces) -> Label:
    """Returns the label of a cell; the fonts, which are those in use, are part of the cache key."""
    parts = cell.parts(arguments)
    out: list[Piece] = []
    if cell.name and (names or not parts):
        out.append(Piece((Run(cell.name, bold=True),), ""))
    for n, part in enumerate(parts):
        is_operation = n == 0 and bool(cell.operation)
        comma = n > bool(cell.operation) and part != cell.multiplier
        out.append(Piece(part, "" if not out else "  " if is_operation else ", " if comma else " "))
    return Label(out)


def label_lines(cell: Cell, style: FigureStyle, width: float) -> list[tuple[Run, ...]]:
    """Breaks a label into the lines of a box of the given width."""
    return label_of(cell, style).lines(_room(cell, style, width))


def _room(cell: Cell, style: FigureStyle, width: float) -> float:
    """Returns the width available for text in a box, relative to the font size."""
    return round((width - 2 * style.inside - segments_width(cell, style)) / style.text + 0.002, 3)


def box_width(cell: Cell, style: FigureStyle) -> float:
    """Returns the smallest width of a box with which its label has at most the permitted number of lines."""
    text = style.text * label_of(cell, style).least_width(style.lines)
    return 2 * style.inside + text + segments_width(cell, style)


def box_height(cell: Cell, style: FigureStyle, width: float) -> float:
    """Returns the height of a box of the given width."""
    if style.lines == 1:
        return style.box
    return style.box + (len(label_of(cell, style).breaks(_room(cell, style, width))) - 1) * style.line


def segment_widths(cell: Cell, style: FigureStyle) -> list[float]:
    """Returns the widths of a box's segments; empty if segments are not drawn."""
    if not style.segments:
        return []
    return [width * style.detail + 2 * SEGMENT_INSIDE for width in _segment_texts(cell, typefaces_in_use())]


@lru_cache(4096)
def _segment_texts(cell: Cell, typefaces: Typefaces) -> list[float]:
    return [runs_width(value_runs(segment.value), 1.0) for segment in cell.segments]


def segments_width(cell: Cell, style: FigureStyle) -> float:
    """Width of all segments of a box."""
    widths = segment_widths(cell, style)
    return sum(widths) + 1.0 if widths else 0.0


def cell_width(cell: Cell, style: FigureStyle, inset: bool) -> float:
    """Width of a cell."""
    if cell.port:
        return text_width(cell.name, style.text, bold=not inset, italic=inset)
    if cell.branches:
        return max(sum(ladder_widths(row, style)) + RUNG * (len(row) + 1) for row in cell.branches)
    if cell.symbol:
        return max(2 * style.radius, sum(segment_widths(cell, style)))
    return box_width(cell, style)


def cell_height(cell: Cell, style: FigureStyle, width: float) -> float:
    """Height of a cell of that width."""
    if cell.port:
        return style.text + 1.0
    if cell.branches:
        return sum(ladder_heights(cell, style)) + RUNG_GAP * (len(cell.branches) + 1)
    if cell.symbol:
        return 2 * style.radius + (1.4 + style.pill if segment_widths(cell, style) else 0.0)
    return box_height(cell, style, width)


def ladder_widths(row: Sequence[Cell], style: FigureStyle) -> list[float]:
    """Widths of the boxes in a row of a ladder."""
    return [cell_width(cell, style, True) for cell in row]


def ladder_heights(ladder: Cell, style: FigureStyle) -> list[float]:
    """Heights of the rows of a ladder."""
    out: list[float] = []
    for row in ladder.branches:
        widths = ladder_widths(row, style)
        out.append(max(cell_height(cell, style, w) for cell, w in zip(row, widths, strict=True)))
    return out


def _in_one_line(pieces: Sequence[Piece]) -> tuple[Run, ...]:
    runs: list[Run] = []
    for n, piece in enumerate(pieces):
        runs += [Run(piece.before if n else ""), *piece.runs]
    return joined(runs)
