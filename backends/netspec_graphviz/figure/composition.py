"""Composes a figure from its overview, insets and notes, and writes the notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netspec_picture.scene import Group, Rect, Shape, Stroke, Text
from netspec_picture.typefaces import text_width

from .contents import Contents
from .figure_style import FigureStyle
from .heading import Heading
from .inset import Inset
from .overview import Overview
from .packing import Packing
from .painting import BASELINE, Painter
from .placed_graph import PlacedGraph

CHIP_TOP = 4.0
MARGIN = 2.0
"""Space around the whole figure, in points."""


class PlacedInset:
    """An inset with its frame and its name."""

    def __init__(self, inset: Inset, graph: PlacedGraph) -> None:
        self.inset = inset
        self.graph = graph
        style = graph.style
        self.chip = text_width(inset.title, style.text, bold=True) + 6.0
        self.top = CHIP_TOP + style.text + 4.0 + 2.0
        self.width = max(graph.width, self.chip) + 2 * style.pad
        self.height = self.top + graph.height + style.pad

    def shapes(self, painter: Painter, x: float, y: float) -> list[Shape]:
        """Returns its shapes; (x, y) is the upper left corner."""
        shades, style = painter.shades, self.graph.style
        tint = shades.tint(self.inset.key, painter.classes)
        height = style.text + 4.0
        baseline = y + CHIP_TOP + height / 2 + style.text * BASELINE
        name = Text(x + style.pad + 2.0, baseline, self.inset.title, style.text, shades.text, bold=True)
        frame: list[Shape] = [
            Rect(x, y, self.width, self.height, shades.ground, Stroke(shades.frame, 0.5), 3.0),
            Rect(x + style.pad - 1.0, y + CHIP_TOP, self.chip, height, tint, Stroke(shades.outline, 0.5), 1.8),
            name,
        ]
        inner = painter.graph(self.graph, x + (self.width - self.graph.width) / 2, y + self.top)
        return [Group("block", self.inset.title, (*frame, *inner))]


@dataclass(frozen=True, slots=True)
class Composition:
    """A figure, ready to be drawn."""

    contents: Contents
    overview: Overview
    insets: Sequence[PlacedInset]
    packing: Packing
    notes: Sequence[str]
    """The lines of notes below the figure."""
    style: FigureStyle
    penalty: float
    left_out: Sequence[str]
    """Descriptions of what the figure omits for lack of space."""
    heading: Heading
    scale: float = 1.0

    @property
    def width(self) -> float:
        """Width without margins, before scaling."""
        return max(self.packing.width, self.heading.width)

    @property
    def height(self) -> float:
        """Height without margins, before scaling."""
        return self.heading.height + self.packing.height + notes_height(self.notes, self.style)

    @property
    def smallest_text(self) -> float:
        """The smallest font size, in points."""
        return min(self.style.text, self.style.detail) * self.scale

    def shapes(self, painter: Painter) -> list[Shape]:
        """Returns its shapes before scaling, with the upper left corner at the origin."""
        top = MARGIN + self.heading.height
        out = self.heading.shapes(MARGIN, MARGIN, painter.shades.ink)
        out += self.overview.shapes(painter, MARGIN, top)
        for i, x, y in self.packing.places:
            out += self.insets[i].shapes(painter, MARGIN + x, top + y)
        y = top + self.packing.height + 3.5
        for line in self.notes:
            y += self.style.detail + 1.5
            out.append(Text(MARGIN, y - 1.5, line, self.style.detail, painter.shades.faint))
        return out


def notes_height(lines: Sequence[str], style: FigureStyle) -> float:
    """Height of the notes below a figure."""
    return len(lines) * (style.detail + 1.5) + 3.5 if lines else 0.0


def note_texts(contents: Contents, overview: Overview, style: FigureStyle, segments: dict[str, str]) -> list[str]:
    """Returns the notes that explain the figure.

    Args:
        contents: what the figure shows.
        overview: the overview.
        style: sizes and level of detail.
        segments: for each operation, the segments that all of its boxes have.
    """
    out: list[str] = []
    cells = [cell for inset in contents.insets for cell in inset.cells]
    if not style.segments:
        out += [f"each {operation}: with {text}" for operation, text in segments.items()]
    if contents.shared:
        out.append("W: the same weights")
    if any(cell.optional for cell in cells):
        out.append("dashed outline: in some copies only")
    texts = [text for column in contents.columns for text in column.rows.values()]
    if any(", " in text for text in texts):
        out.append("2, 1: first copy, the others")
    if "…" in texts:
        out.append("…: several values")
    if overview.has_params and any(cell.params and cell.copies > 1 for cell in contents.cells):
        out.append("parameters: of all copies together")
    return out


def wrap_notes(texts: Sequence[str], size: float, room: float) -> list[str]:
    """Joins notes to lines of at most the given width, breaking only between notes."""
    lines: list[str] = []
    for text in texts:
        longer = f"{lines[-1]} · {text}" if lines else text
        if lines and text_width(longer, size) <= room:
            lines[-1] = longer
        else:
            lines.append(text)
    return lines
