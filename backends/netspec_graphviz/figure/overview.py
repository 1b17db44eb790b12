"""The overview of a figure: its rows, in one or several parts side by side, and the table beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Literal, NamedTuple

from netspec.report.number_format import short_number
from netspec_picture.arrows import arrow_head
from netspec_picture.scene import Point, Rect, Shape, Stroke, Text
from netspec_picture.typefaces import text_width

from .arrangement import Arrangement
from .contents import Contents
from .figure_style import ARROW, FigureStyle
from .ladders import with_ladders
from .painting import BASELINE, Painter, rounded
from .placed_graph import PlacedGraph
from .single_file import Filing, filed

PARTS = 16.0
"""Distance between two parts of the trunk."""
TOLERANCE = 0.35
"""Maximum deviation of a cut from an even one, relative to the height of a part."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of the table; texts by cell number."""

    title: str
    texts: dict[int, str]
    is_letter: bool = False

    def width(self, size: float) -> float:
        """Width of the column."""
        widest = max([text_width(text, 1.0) for text in self.texts.values()], default=0.0)
        return max(text_width(self.title, size, italic=True) + (4.0 if self.is_letter else 0.0), widest * size)


class PlacedPart(NamedTuple):
    """A part of the overview, with the numbers of its cells."""

    graph: PlacedGraph
    numbers: list[int]


class OverviewRows:
    """The rows of an overview, with a cache of the ways to divide them into parts.

    Args:
        contents: what the figure shows.
        ladders: whether fans are drawn as ladders.
        filing: which cells have rows of their own.
    """

    def __init__(self, contents: Contents, ladders: bool, filing: Filing = Filing.TRUNK) -> None:
        self.contents = contents
        self.cells, self.edges, self.numbers = contents.cells, contents.edges, list(range(len(contents.cells)))
        changed = with_ladders(contents.cells, contents.edges) if ladders else None
        if changed is not None:
            self.cells, self.edges, self.numbers = changed
        self.filing = filing
        self.arrangement = filed(self.cells, self.edges, filing)
        self.arrangements = cache(self._arrangements)
        self._tables: dict[tuple[int, bool, bool], list[TableColumn]] = {}
        self._widths: dict[tuple[int, float], list[float]] = {}

    def columns(self, parts: Sequence[PlacedPart], shapes: bool, params: bool) -> list[TableColumn]:
        """Returns the columns of the table. They depend on the number of parts, but not on sizes."""
        key = len(parts), shapes, params
        if key not in self._tables:
            self._tables[key] = _columns(self.contents, parts, shapes, params)
        return self._tables[key]

    def widths(self, columns: list[TableColumn], size: float) -> list[float]:
        """Returns the widths of the columns that :meth:`columns` returned."""
        key = id(columns), size
        if key not in self._widths:
            self._widths[key] = [column.width(size) for column in columns]
        return self._widths[key]

    def _arrangements(self, count: int) -> list[tuple[Arrangement, list[int]]] | None:
        """Returns the parts with the numbers of their cells; None if the rows cannot be divided like that."""
        parts = self._cut(count)
        if parts is None:
            return None
        out: list[tuple[Arrangement, list[int]]] = []
        for numbers in parts:
            index = {i: n for n, i in enumerate(numbers)}
            edges = {(index[a], index[b]): name for (a, b), name in self.edges.items() if a in index and b in index}
            trunk = [index[i] for i in self.arrangement.trunk if i in index]
            arrangement = filed([self.cells[i] for i in numbers], edges, self.filing, trunk)
            out.append((arrangement, [self.numbers[i] for i in numbers]))
        return out

    def _cut(self, count: int) -> list[list[int]] | None:
        arrangement = self.arrangement
        if count == 1:
            return [list(range(len(arrangement.cells)))]
        total = arrangement.rows
        places = self._places()
        chosen: list[int] = []
        for n in range(1, count):
            even = total * n / count
            best = min(places, key=lambda row: abs(row - even), default=None)
            if best is None or abs(best - even) > total / count * TOLERANCE or best in chosen:
                return None
            chosen.append(best)
        bounds = [0, *chosen, total]
        return [
            [i for i in range(len(arrangement.cells)) if low <= arrangement.row[i] < high]
            for low, high in pairwise(bounds)
        ]

    def _places(self) -> list[int]:
        """Returns the rows before which the overview can be divided: only the trunk line passes there."""
        arrangement, row = self.arrangement, self.arrangement.row
        out: list[int] = []
        for above, below in pairwise(arrangement.trunk):
            if arrangement.cells[above].port or arrangement.cells[below].port:
                continue
            cut = row[below]
            if all((a, b) == (above, below) or not row[a] < cut <= row[b] for a, b in arrangement.edges):
                out.append(cut)
        return out


class Overview:
    """A placed overview.

    Args:
        rows: its rows.
        parts: the placed parts.
        style: sizes.
        shapes: whether the table has the shapes of the outputs.
        params: whether it has the numbers of parameters.
    """

    def __init__(
        self,
        rows: OverviewRows,
        parts: Sequence[PlacedPart],
        style: FigureStyle,
        shapes: bool,
        params: bool,
    ) -> None:
        self.rows = rows
        self.parts = parts
        self.style = style
        self.columns = rows.columns(parts, shapes, params)
        self.header = style.detail + 3.0 if self.columns else 0.0
        widths = list(zip(self.columns, rows.widths(self.columns, style.detail), strict=True))
        self.tables = [[pair for pair in widths if not pair[0].texts.keys().isdisjoint(p.numbers)] for p in parts]
        """For each part, the columns that have text beside it, with their widths."""
        tables = sum(self._table_width(table) for table in self.tables)
        self.width = sum(graph.width for graph, _ in parts) + tables + PARTS * (len(parts) - 1)
        self.height = self.header + max(graph.height for graph, _ in parts) + (8.0 if len(parts) > 1 else 0.0)

    def _table_width(self, table: Sequence[tuple[TableColumn, float]]) -> float:
        return sum(self.style.table + width for _, width in table)

    @property
    def has_params(self) -> bool:
        """Whether the table lists the numbers of parameters."""
        return any(column.title == "params" for column in self.columns)

    def shapes(self, painter: Painter, x: float, y: float) -> list[Shape]:
        """Returns its shapes; (x, y) is the upper left corner."""
        out: list[Shape] = []
        previous: tuple[Point, float] | None = None
        for (graph, numbers), table in zip(self.parts, self.tables, strict=True):
            if previous is not None:
                out += self._connector(painter, previous, graph, x, y)
            out += painter.graph(graph, x, y + self.header)
            out += self._table(painter, table, graph, numbers, (x + graph.width, y))
            right = x + graph.width + self._table_width(table)
            end = graph.arrangement.trunk[-1]
            last = graph.places[end]
            bottom = last.y + last.height + (2.0 if graph.arrangement.cells[end].is_stacked else 0.0)
            previous = (x + last.centre, y + self.header + bottom), right
            x = right + PARTS
        return out

    def _connector(
        self, painter: Painter, previous: tuple[Point, float], graph: PlacedGraph, x: float, y: float
    ) -> list[Shape]:
        """Returns the line from the last box of one part to the first box of the next."""
        (x0, y0), right = previous
        first = graph.places[graph.arrangement.trunk[0]]
        x1, y1 = x + first.centre, y + self.header + first.y
        between, top = right + PARTS / 2, min(y + 2.0, y1 - 6.0)
        stroke = Stroke(painter.shades.line, 0.7)
        points = [(x0, y0), (x0, y0 + 5.0), (between, y0 + 5.0), (between, top), (x1, top), (x1, y1)]
        return [
            rounded([*points[:-1], (x1, y1 - ARROW + 0.4)], stroke),
            arrow_head(points[-2], points[-1], painter.shades.line, ARROW),
        ]

    def _table(
        self,
        painter: Painter,
        table: Sequence[tuple[TableColumn, float]],
        graph: PlacedGraph,
        numbers: list[int],
        corner: Point,
    ) -> list[Shape]:
        """Returns the columns beside a part; ``corner`` is their upper left corner."""
        shades, size = painter.shades, self.style.detail
        out: list[Shape] = []
        x, y = corner
        for column, width in table:
            x += self.style.table
            is_shape = column.title == "output" and not column.is_letter
            at = x if is_shape else x + width
            anchor: Literal["start", "end"] = "start" if is_shape else "end"
            baseline = y + size
            if column.is_letter:
                out += self._chip(painter, column.title, at, y)
                at -= 2.0
            colour = shades.ink if column.is_letter else shades.faint
            heading = shades.text if column.is_letter else colour  # a letter is drawn on a light chip
            out.append(Text(at, baseline, column.title, size, heading, False, anchor, True))
            for local, number in enumerate(numbers):
                text = column.texts.get(number)
                if text is not None and graph.arrangement.owns_row(local):
                    row = y + self.header + graph.places[local].entry + size * BASELINE
                    out.append(Text(at, row, text, size, colour, False, anchor))
            x += width
        return out

    def _chip(self, painter: Painter, letter: str, right: float, y: float) -> list[Shape]:
        """Returns the background of a letter, in the tint of its block if only one uses it."""
        contents, shades = self.rows.contents, painter.shades
        users = {inset.key for inset in contents.insets if letter in contents.letters_in(inset)}
        fill = shades.tint(next(iter(users)), painter.classes) if len(users) == 1 else "#ffffff"
        width = text_width(letter, self.style.detail, italic=True) + 4.0
        return [Rect(right - width, y, width, self.style.detail + 2.2, fill, Stroke(shades.outline, 0.3), 1.5)]


def _columns(contents: Contents, parts: Sequence[PlacedPart], shapes: bool, params: bool) -> list[TableColumn]:
    rows = {
        n for graph, numbers in parts for local, n in enumerate(numbers) if n >= 0 and graph.arrangement.owns_row(local)
    }
    cells = {i: contents.cells[i] for i in sorted(rows)}
    out: list[TableColumn] = []
    if shapes:
        out.append(TableColumn("output", {i: c.shape for i, c in cells.items() if c.shape and c.port != "out"}))
    for column in contents.columns:
        texts = {i: text for i, text in column.rows.items() if i in rows}
        out.append(TableColumn(column.letter, texts, is_letter=True))
    if params and any(cell.params for cell in cells.values()):
        out.append(TableColumn("params", {i: short_number(c.params) for i, c in cells.items() if c.params}))
    return out
