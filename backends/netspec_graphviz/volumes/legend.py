"""The legend below the maps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from netspec_picture.arrows import arrow_head
from netspec_picture.scene import Group, Line, Rect, Shape, Stroke, Text
from netspec_picture.typefaces import text_width

from .captions import Wording
from .solid_shapes import ARROW, Brush

SWATCH = 9.0
GAP = 11.0


class Sample(NamedTuple):
    """An entry of the legend: its text, and a function that draws its sample at a point."""

    text: str
    draw: Callable[[float, float], list[Shape]]
    room: float = SWATCH + 4.0
    """Width of the sample with the space after it."""

    def width(self, size: float) -> float:
        """Width of the entry."""
        return self.room + text_width(self.text, size)


def operation_samples(wording: Wording, brush: Brush, hidden: Sequence[str] = ()) -> list[Sample]:
    """Returns a swatch for each operation and class of blocks."""
    out: list[Sample] = []
    for entry in wording.legend():
        if entry.operation not in hidden:
            out.append(Sample(entry.text, _swatch(brush, brush.operation_colour(entry.kind, entry.operation))))
    return out


def arrow_sample(text: str, brush: Brush, role: str, colour: str | None = None, vertical: int = 0) -> Sample:
    """Returns an arrow with a description; ``vertical`` is 1 if it points down, -1 if up."""

    def draw(x: float, y: float) -> list[Shape]:
        if vertical:
            ends = ((x + SWATCH / 2, y - vertical * 4.0), (x + SWATCH / 2, y + vertical * 4.0))
        else:
            ends = ((x - 2.0, y), (x + SWATCH + 2.0, y))
        line, *_ = brush.arrow(ends, role, colour).children
        assert isinstance(line, Line)
        return [line, arrow_head(ends[0], ends[1], line.stroke.colour, ARROW)]

    return Sample(text, draw)


def note_sample(text: str) -> Sample:
    """A text without a sample."""

    def draw(x: float, y: float) -> list[Shape]:
        return []

    return Sample(text, draw, 0.0)


def _swatch(brush: Brush, colour: str) -> Callable[[float, float], list[Shape]]:
    def draw(x: float, y: float) -> list[Shape]:
        edge = brush.outline(colour)
        return [Rect(x, y - 3.3, SWATCH, 6.6, colour, Stroke(edge.colour, 0.5), 1.2)]

    return draw


def legend_lines(samples: Sequence[Sample], size: float, room: float) -> list[list[Sample]]:
    """Divides the samples into lines of at most the width ``room``."""
    lines: list[list[Sample]] = []
    at = 0.0
    for sample in samples:
        width = sample.width(size)
        if not lines or at + width > room:
            lines.append([])
            at = 0.0
        lines[-1].append(sample)
        at += width + GAP
    return lines


def legend_row_width(samples: Sequence[Sample], size: float, room: float) -> float:
    """The width of the widest line of a legend."""
    lines = legend_lines(samples, size, room)
    return max((sum(s.width(size) + GAP for s in line) - GAP for line in lines), default=0.0)


def legend_height(samples: Sequence[Sample], size: float, room: float) -> float:
    """The height of the legend with the space above it."""
    lines = len(legend_lines(samples, size, room))
    return lines * (size + 4.0) + 5.0 if lines else 0.0


def legend_shapes(samples: Sequence[Sample], brush: Brush, size: float, room: float, x: float, y: float) -> list[Shape]:
    """Returns the shapes of the legend; (x, y) is the upper left corner."""
    out: list[Shape] = []
    y += 5.0
    for line in legend_lines(samples, size, room):
        middle, at = y + (size + 4.0) / 2, x
        for sample in line:
            out += sample.draw(at, middle)
            out.append(Text(at + sample.room, middle + size * 0.3, sample.text, size, brush.shades.ink))
            at += sample.width(size) + GAP
        y += size + 4.0
    return [Group("legend", "", tuple(out))] if out else []
