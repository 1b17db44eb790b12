"""Sizes of a figure in points, and how much each box says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..picture.typefaces import text_width
from .cells import Cell, Run, value_runs

INSIDE = 3.5
"""From the outline of a box to its text."""
SEGMENT_INSIDE = 2.4
SHEET = 1.5
"""Offset of each of the two sheets behind a box that stands for copies."""
ARROW = 3.6
"""Length of an arrow head."""
BRANCHES = 7.0
"""Between the branches of a fan."""
LANES = 9.0
"""Between lanes, and from the trunk to an end beside it."""
ARC = 5.0
"""Between the lines of nested skip connections."""
TRACK = 4.0
"""Between horizontal lines in one gap."""


@dataclass(frozen=True, slots=True)
class Look:
    """Sizes of text, and what boxes say."""

    text: float = 7.5
    """Size of the text in boxes."""
    detail: float = 6.6
    """Size of the text beside boxes and in segments."""
    arguments: int | None = None
    """At most so many arguments in a box; None for all."""
    names: bool = True
    """Whether boxes have their names."""
    segments: bool = True
    """Whether normalisations and activations are drawn; otherwise a note says which follow each operation."""
    ladder: bool = False
    """Whether the branches of a fan are rows between two rails."""

    @property
    def box(self) -> float:
        """Height of a box."""
        return self.text + 4.4

    @property
    def gap(self) -> float:
        """From one row to the next."""
        return self.text + 0.2

    @property
    def radius(self) -> float:
        """Radius of a join that is drawn as a circle."""
        return self.text * 0.6

    @property
    def pill(self) -> float:
        """Height of the segments below a circle."""
        return self.detail + 2.6


def runs_width(runs: Sequence[Run], size: float) -> float:
    """Width of a text."""
    return sum(text_width(run.text, size, run.bold, run.italic) for run in runs)


def label_runs(cell: Cell, look: Look) -> tuple[Run, ...]:
    """What a box says: its name, the operation and its arguments."""
    caption = cell.caption(look.arguments)
    if not cell.name or not look.names:
        return caption or (Run(cell.name, bold=True),)
    if not caption:
        return (Run(cell.name, bold=True),)
    return (Run(cell.name, bold=True), Run("  "), *caption)


def segment_widths(cell: Cell, look: Look) -> list[float]:
    """Widths of the segments of a box; of none if they are not drawn."""
    if not look.segments:
        return []
    return [runs_width(value_runs(s.value), look.detail) + 2 * SEGMENT_INSIDE for s in cell.segments]


def port_size(cell: Cell, look: Look, italic: bool) -> tuple[float, float]:
    """Width and height of the name of an input or output."""
    return text_width(cell.name, look.text, bold=not italic, italic=italic), look.text + 1.0


def cell_size(cell: Cell, look: Look, inset: bool) -> tuple[float, float]:
    """Width and height of a cell."""
    if cell.port:
        return port_size(cell, look, inset)
    segments = sum(segment_widths(cell, look))
    if cell.symbol:
        if not segments:
            return 2 * look.radius, 2 * look.radius
        return max(2 * look.radius, segments), 2 * look.radius + 1.4 + look.pill
    return 2 * INSIDE + runs_width(label_runs(cell, look), look.text) + segments + (1.0 if segments else 0.0), look.box
