"""Breaks the text of boxes into lines, only between arguments, and measures it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from netspec_picture.typefaces import Typefaces, text_width, typefaces_in_use

from .cells import Cell, Run, joined, value_runs
from .look import SEGMENT_INSIDE, Look

RUNG = 9.0
"""Distance between the boxes in a row of a ladder, and from its rails to them, in points."""
RUNG_GAP = 4.0
"""Distance between the rows of a ladder, in points."""


Fonts: TypeAlias = tuple[tuple[str, int], ...]
"""The files and face numbers of the fonts that are used to measure text, as a cache key."""


_last: list[tuple[Typefaces, Fonts]] = []
"""The fonts last in use, cached because they are needed for every text."""


def _fonts_in_use() -> Fonts:
    faces = typefaces_in_use()
    if not _last or _last[0][0] is not faces:
        fonts = tuple((str(face.file), face.number) for face in (*faces.plain, *faces.bold, *faces.italic))
        _last[:] = [(faces, fonts)]
    return _last[0][1]


class Piece(NamedTuple):
    """A part of a label that is never broken across lines."""

    runs: tuple[Run, ...]
    before: str
    """The separator from the previous piece in the same line; at a line break, only its comma is kept."""


def runs_width(runs: Sequence[Run], size: float) -> float:
    """Width of a text."""
    return sum(text_width(run.text, size, run.bold, run.italic) for run in runs)


def label_pieces(cell: Cell, look: Look) -> tuple[Piece, ...]:
    """Returns the text of a box in pieces: its name, its operation and its arguments."""
    return _pieces(cell, look.arguments, look.names)


@lru_cache(4096)
def _pieces(cell: Cell, arguments: int | None, names: bool) -> tuple[Piece, ...]:
    parts = cell.parts(arguments)
    out: list[Piece] = []
    if cell.name and (names or not parts):
        out.append(Piece((Run(cell.name, bold=True),), ""))
    for n, part in enumerate(parts):
        is_operation = n == 0 and bool(cell.operation)
        comma = n > bool(cell.operation) and part != cell.multiplier
        out.append(Piece(part, "" if not out else "  " if is_operation else ", " if comma else " "))
    return tuple(out)


def label_lines(cell: Cell, look: Look, width: float) -> list[tuple[Run, ...]]:
    """Breaks a label into the lines of a box of the given width."""
    return _lines(label_pieces(cell, look), _room(cell, look, width))


def _room(cell: Cell, look: Look, width: float) -> float:
    """Returns the width available for text in a box, relative to the font size."""
    return round((width - 2 * look.inside - segments_width(cell, look)) / look.text + 0.002, 3)


def box_width(cell: Cell, look: Look) -> float:
    """Returns the smallest width with which the label has at most the permitted number of lines."""
    return (
        2 * look.inside
        + look.text * _least_width(label_pieces(cell, look), look.lines, _fonts_in_use())
        + segments_width(cell, look)
    )


def box_height(cell: Cell, look: Look, width: float) -> float:
    """Returns the height of a box of the given width."""
    if look.lines == 1:
        return look.box
    return (
        look.box + (len(_breaks(label_pieces(cell, look), _room(cell, look, width), _fonts_in_use())) - 1) * look.line
    )


def segment_widths(cell: Cell, look: Look) -> list[float]:
    """Returns the widths of a box's segments; empty if segments are not drawn."""
    if not look.segments:
        return []
    return [width * look.detail + 2 * SEGMENT_INSIDE for width in _segment_texts(cell, _fonts_in_use())]


@lru_cache(4096)
def _segment_texts(cell: Cell, fonts: Fonts) -> list[float]:
    return [runs_width(value_runs(segment.value), 1.0) for segment in cell.segments]


def segments_width(cell: Cell, look: Look) -> float:
    """Width of all segments of a box."""
    widths = segment_widths(cell, look)
    return sum(widths) + 1.0 if widths else 0.0


def cell_width(cell: Cell, look: Look, inset: bool) -> float:
    """Width of a cell."""
    if cell.port:
        return text_width(cell.name, look.text, bold=not inset, italic=inset)
    if cell.branches:
        return max(sum(ladder_widths(row, look)) + RUNG * (len(row) + 1) for row in cell.branches)
    if cell.symbol:
        return max(2 * look.radius, sum(segment_widths(cell, look)))
    return box_width(cell, look)


def cell_height(cell: Cell, look: Look, width: float) -> float:
    """Height of a cell of that width."""
    if cell.port:
        return look.text + 1.0
    if cell.branches:
        return sum(ladder_heights(cell, look)) + RUNG_GAP * (len(cell.branches) + 1)
    if cell.symbol:
        return 2 * look.radius + (1.4 + look.pill if segment_widths(cell, look) else 0.0)
    return box_height(cell, look, width)


def ladder_widths(row: Sequence[Cell], look: Look) -> list[float]:
    """Widths of the boxes in a row of a ladder."""
    return [cell_width(cell, look, True) for cell in row]


def ladder_heights(ladder: Cell, look: Look) -> list[float]:
    """Heights of the rows of a ladder."""
    out: list[float] = []
    for row in ladder.branches:
        widths = ladder_widths(row, look)
        out.append(max(cell_height(cell, look, w) for cell, w in zip(row, widths, strict=True)))
    return out


@lru_cache(4096)
def _least_width(pieces: tuple[Piece, ...], lines: int, fonts: Fonts) -> float:
    """Returns the smallest width of a label at font size 1."""
    widths = _widths(pieces, fonts)
    if lines == 1:
        return sum(before + width for before, width, _ in widths)
    spans = sorted(
        sum(before + width for before, width, _ in widths[i:j]) - widths[i][0] + widths[j - 1][2]
        for i in range(len(pieces))
        for j in range(i + 1, len(pieces) + 1)
    )
    widest = max((width + comma for _, width, comma in widths), default=0.0)
    return next((w for w in spans if w >= widest and len(_breaks(pieces, w + 0.001, fonts)) <= lines), 0.0)


@lru_cache(4096)
def _widths(pieces: tuple[Piece, ...], fonts: Fonts) -> tuple[tuple[float, float, float], ...]:
    """Returns for each piece, at font size 1, the widths of its separator, the piece, and a comma after it."""
    comma = text_width(",", 1.0)
    out: list[tuple[float, float, float]] = []
    for n, piece in enumerate(pieces):
        before = text_width(piece.before, 1.0) if n else 0.0
        ends_with_comma = n + 1 < len(pieces) and pieces[n + 1].before == ", "
        out.append((before, runs_width(piece.runs, 1.0), comma if ends_with_comma else 0.0))
    return tuple(out)


@lru_cache(16384)
def _breaks(pieces: tuple[Piece, ...], room: float, fonts: Fonts) -> tuple[int, ...]:
    """Breaks pieces greedily into lines of width ``room`` at font size 1; returns the first index of each line."""
    out: list[int] = []
    used = 0.0
    for n, (before, width, comma) in enumerate(_widths(pieces, fonts)):
        if out and used + before + width + comma <= room:
            used += before + width
        else:
            out.append(n)
            used = width
    return tuple(out)


def _lines(pieces: tuple[Piece, ...], room: float) -> list[tuple[Run, ...]]:
    """Breaks pieces into lines of at most the width ``room``."""
    starts = _breaks(pieces, room, _fonts_in_use())
    out: list[tuple[Run, ...]] = []
    for start, end in zip(starts, (*starts[1:], len(pieces)), strict=True):
        runs = _in_one_line(pieces[start:end])
        ends_with_comma = end < len(pieces) and pieces[end].before == ", "
        out.append(joined([*runs, Run(",")]) if ends_with_comma else runs)
    return out


def _in_one_line(pieces: Sequence[Piece]) -> tuple[Run, ...]:
    runs: list[Run] = []
    for n, piece in enumerate(pieces):
        runs += [Run(piece.before if n else ""), *piece.runs]
    return joined(runs)
