"""Draws a placed graph as shapes."""

from __future__ import annotations

from collections.abc import Sequence

from netspec.diagnostics import clean
from netspec_picture.arrows import arrow_head
from netspec_picture.paint import mix
from netspec_picture.scene import Circle, Curve, Group, Line, Point, Rect, Shape, Stroke, Text

from ..palettes import palette_in_use
from .cells import Cell, Run, value_runs
from .figure_style import ARROW, SEGMENT_INSIDE, SHEET, FigureStyle
from .labels import (
    RUNG,
    RUNG_GAP,
    cell_height,
    label_lines,
    ladder_heights,
    ladder_widths,
    runs_width,
    segment_widths,
)
from .placed_graph import Path, Place, PlacedGraph
from .shades import Shades

CORNER = 3.0
"""Radius of the corners of edges."""
BASELINE = 0.3
"""Distance from the middle of a line of text down to its baseline, relative to the font size."""
EDGE = 0.7
SKIP = 0.9
SKIP_DASHES = (2.6, 1.3)
OPTIONAL_DASHES = (2.0, 1.5)
LEARNED_DASHES = (0.8, 1.2)


class Painter:
    """Draws graphs in the colours of one figure.

    Args:
        shades: the colours.
        classes: the classes of closed blocks in the order of their tints.
    """

    def __init__(self, shades: Shades, classes: Sequence[str]) -> None:
        self.shades = shades
        self.classes = classes

    def graph(self, graph: PlacedGraph, x: float, y: float) -> list[Shape]:
        """Returns the shapes of a graph with its upper left corner at (x, y): edges first, then cells."""
        out: list[Shape] = [self._edge(graph, path, x, y) for path in sorted(graph.paths, key=lambda p: p.skips)]
        for i, place in graph.places.items():
            cell = graph.arrangement.cells[i]
            at = Place(place.x + x, place.y + y, place.width, place.height, place.entry + y)
            kind = "ladder" if cell.branches else "layer"
            out.append(Group(kind, clean(cell.name), tuple(self._cell(cell, at, graph.style, graph.inset))))
        return out

    def _edge(self, graph: PlacedGraph, path: Path, x: float, y: float) -> Group:
        colour, width = (self.shades.skip, SKIP) if path.skips else (self.shades.line, EDGE)
        stroke = Stroke(colour, width, SKIP_DASHES if path.skips else ())
        points = [(a + x, b + y) for a, b in path.points]
        shapes: list[Shape] = []
        tip, before = points[-1], points[-2]
        has_head = not graph.arrangement.cells[path.head].branches
        if has_head:
            points[-1] = _towards(tip, before, ARROW - 0.4)
        shapes.append(rounded(points, stroke))
        if has_head:
            shapes.append(arrow_head(before, tip, colour, ARROW))
        if path.name:
            at = path.name_at[0] + x, path.name_at[1] + y
            shapes.append(Text(*at, clean(path.name), graph.style.detail, self.shades.faint))
        names = [
            graph.arrangement.cells[i].name or graph.arrangement.cells[i].operation for i in (path.tail, path.head)
        ]
        return Group("skip" if path.skips else "edge", "", tuple(shapes), clean(f"{names[0]} to {names[1]}"))

    def _cell(self, cell: Cell, at: Place, style: FigureStyle, inset: bool) -> list[Shape]:
        if cell.port:
            baseline = at.y + at.height / 2 + style.text * BASELINE
            return [Text(at.x, baseline, clean(cell.name), style.text, self.shades.ink, bold=not inset, italic=inset)]
        if cell.branches:
            return self._ladder(cell, at, style)
        if cell.symbol:
            return self._circle(cell, at, style)
        return self._box(cell, at, style)

    def _box(self, cell: Cell, at: Place, style: FigureStyle) -> list[Shape]:
        shades = self.shades
        is_block = cell.kind == "block"
        fill = shades.tint(cell.block, self.classes) if is_block else shades.kind(cell.kind)
        out: list[Shape] = []
        if cell.is_stacked:
            sheet = Stroke(shades.outline, 0.4)
            out += [Rect(at.x + SHEET * k, at.y + SHEET * k, at.width, at.height, fill, sheet, 1.8) for k in (2, 1)]
        dashes = OPTIONAL_DASHES if cell.optional else LEARNED_DASHES if cell.kind == "learned" else ()
        outline = Stroke(shades.outline, 0.8 if is_block else 0.5, dashes)
        out.append(Rect(at.x, at.y, at.width, at.height, fill, outline, 1.8))
        widths = segment_widths(cell, style)
        out += self._segments(cell, at.x + at.width - sum(widths), at.y, at.height, widths, style)
        lines = label_lines(cell, style, at.width)
        if cell.kind in palette_in_use().hatched and widths_of(lines, style):
            # The hatching does not touch the text.
            height = (len(lines) - 1) * style.line + style.text
            plate = Rect(
                at.x + style.inside - 1.5,
                at.y + (at.height - height) / 2,
                widths_of(lines, style) + 3.0,
                height,
                mix(fill, "#ffffff", 0.3),
                None,
                1.5,
            )
            out.append(plate)
        baseline = at.y + at.height / 2 + style.text * BASELINE - (len(lines) - 1) * style.line / 2
        for n, line in enumerate(lines):
            out += write(line, at.x + style.inside, baseline + n * style.line, style.text, shades.text)
        return out

    def _segments(
        self, cell: Cell, x: float, y: float, height: float, widths: Sequence[float], style: FigureStyle
    ) -> list[Shape]:
        """Returns the segments of a box, starting at ``x``."""
        out: list[Shape] = []
        for segment, width in zip(cell.segments, widths, strict=False):
            out.append(Rect(x + 0.2, y + 0.25, width - 0.45, height - 0.5, self.shades.kind(segment.kind), None, 1.2))
            out.append(Line(((x, y), (x, y + height)), Stroke(self.shades.outline, 0.3)))
            baseline = y + height / 2 + style.detail * BASELINE
            out += write(value_runs(segment.value), x + SEGMENT_INSIDE, baseline, style.detail, self.shades.text)
            x += width
        return out

    def _circle(self, cell: Cell, at: Place, style: FigureStyle) -> list[Shape]:
        """Returns a join: a circle with its symbol, and its segments below."""
        r, cx, cy = style.radius, at.centre, at.entry
        outline = Stroke(self.shades.outline, 0.5, OPTIONAL_DASHES if cell.optional else ())
        out: list[Shape] = [Circle(cx, cy, r, self.shades.kind("merge"), outline)]
        a, pen = r * 0.55, Stroke(self.shades.text, 0.8)
        if cell.symbol == "×":
            a *= 0.75
            out += [Line(((cx - a, cy - a), (cx + a, cy + a)), pen), Line(((cx - a, cy + a), (cx + a, cy - a)), pen)]
        else:
            out.append(Line(((cx - a, cy), (cx + a, cy)), pen))
            if cell.symbol == "+":
                out.append(Line(((cx, cy - a), (cx, cy + a)), pen))
        widths = segment_widths(cell, style)
        if widths:
            width, top = sum(widths), cy + r + 1.4
            x = cx - width / 2
            out.append(Rect(x, top, width, style.pill, self.shades.kind("activation"), outline, 1.8))
            out += self._segments(cell, x, top, style.pill, widths, style)
        return out

    def _ladder(self, cell: Cell, at: Place, style: FigureStyle) -> list[Shape]:
        """Returns the branches of a ladder as rows between two rails; the left rail is entered from above."""
        lines: list[Shape] = []
        boxes: list[Shape] = []
        stroke = Stroke(self.shades.line, EDGE)
        left, right = at.x + 0.5, at.x + at.width - 0.5
        y = at.y + RUNG_GAP
        middles: list[float] = []
        for row, height in zip(cell.branches, ladder_heights(cell, style), strict=True):
            middle = y + height / 2
            middles.append(middle)
            x, start = at.x, left
            for each, width in zip(row, ladder_widths(row, style), strict=True):
                x += RUNG
                lines += [Line(((start, middle), (x - ARROW + 0.4, middle)), stroke)]
                lines += [arrow_head((start, middle), (x, middle), self.shades.line, ARROW)]
                tall = cell_height(each, style, width)
                place = Place(x, middle - tall / 2, width, tall, middle)
                boxes.append(Group("layer", clean(each.name), tuple(self._cell(each, place, style, True))))
                x = start = x + width
            lines.append(Line(((start, middle), (right, middle)), stroke))
            y += height + RUNG_GAP
        lines.append(Line(((at.centre, at.y), (left, at.y), (left, middles[-1])), stroke))
        lines.append(Line(((right, middles[0]), (right, at.y + at.height), (at.centre, at.y + at.height)), stroke))
        return [Group("edge", "", tuple(lines), "ladder"), *boxes]


def widths_of(lines: Sequence[Sequence[Run]], style: FigureStyle) -> float:
    """Width of the longest line."""
    return max((runs_width(line, style.text) for line in lines), default=0.0)


def write(runs: Sequence[Run], x: float, baseline: float, size: float, colour: str) -> list[Shape]:
    """Returns left-aligned text with several font styles."""
    out: list[Shape] = []
    for run in runs:
        text = run.text.strip()
        before = runs_width((run._replace(text=run.text[: len(run.text) - len(run.text.lstrip())]),), size)
        if text:
            out.append(Text(x + before, baseline, clean(text), size, colour, run.bold, "start", run.italic))
        x += runs_width((run,), size)
    return out


def _towards(tip: Point, before: Point, distance: float) -> Point:
    """Returns the point at a given distance before the tip of an axis-parallel line."""
    dx, dy = before[0] - tip[0], before[1] - tip[1]
    length = abs(dx) + abs(dy)
    share = min(distance / length, 1.0) if length else 0.0
    return tip[0] + dx * share, tip[1] + dy * share


def rounded(points: Sequence[Point], stroke: Stroke) -> Shape:
    """Returns a polyline with rounded corners."""
    if len(points) == 2:
        return Line((points[0], points[1]), stroke)
    at = points[0]
    curve: list[Point] = [at]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(CORNER, _length(before, corner) / 2, _length(corner, after) / 2)
        start, end = _towards(corner, before, radius), _towards(corner, after, radius)
        curve += [at, start, start, _mix(start, corner), _mix(end, corner), end]
        at = end
    curve += [at, points[-1], points[-1]]
    return Curve(tuple(curve), stroke)


def _length(a: Point, b: Point) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def _mix(a: Point, corner: Point) -> Point:
    """Returns the control point of a quarter circle."""
    return a[0] + (corner[0] - a[0]) * 0.55, a[1] + (corner[1] - a[1]) * 0.55
