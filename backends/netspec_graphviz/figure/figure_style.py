"""Sizes in a figure, in points, and the amount of detail in boxes."""

from __future__ import annotations

from dataclasses import dataclass

SEGMENT_INSIDE = 2.4
SHEET = 1.5
"""Offset of each of the two sheets behind a box that represents several copies."""
ARROW = 3.6
"""Length of an arrow head."""
ARC = 5.0
"""Distance between the lines of nested skip connections."""
TRACK = 4.0
"""Distance between horizontal lines in one gap."""


@dataclass(frozen=True, slots=True)
class FigureStyle:
    """Font sizes, and the amount of detail in boxes."""

    text: float = 7.5
    """Font size in boxes."""
    detail: float = 6.6
    """Font size beside boxes and in segments."""
    arguments: int | None = None
    """Maximum number of arguments in a box; None for all."""
    names: bool = True
    """Whether boxes show the names of layers."""
    segments: bool = True
    """Whether normalisations and activations are drawn; otherwise a note lists those that follow each operation."""
    lines: int = 1
    """Maximum number of lines of text in a box."""
    ladder: bool = False
    """Whether fans are drawn as ladders: one branch per row, between two rails."""

    @property
    def is_tight(self) -> bool:
        """Whether distances are reduced to save space."""
        return self.lines > 1

    @property
    def inside(self) -> float:
        """Distance from the outline of a box to its text."""
        return 2.8 if self.is_tight else 3.5

    @property
    def branches(self) -> float:
        """Distance between the branches of a fan."""
        return 5.0 if self.is_tight else 7.0

    @property
    def lanes(self) -> float:
        """Distance between lanes, and from the trunk to an end beside it."""
        return 6.0 if self.is_tight else 9.0

    @property
    def table(self) -> float:
        """Distance between the rows and the table, and between the table's columns."""
        return 5.0 if self.is_tight else 7.0

    @property
    def pad(self) -> float:
        """Distance from the frame of an inset to its contents."""
        return 3.0 if self.is_tight else 6.0

    @property
    def insets(self) -> float:
        """Distance between insets."""
        return 6.0 if self.is_tight else 8.0

    @property
    def box(self) -> float:
        """Height of a box."""
        return self.text + 4.4

    @property
    def line(self) -> float:
        """Distance between the lines of text in a box."""
        return self.text + 0.8

    @property
    def gap(self) -> float:
        """Distance between rows."""
        return self.text + 0.2

    @property
    def radius(self) -> float:
        """Radius of a join that is drawn as a circle."""
        return self.text * 0.6

    @property
    def pill(self) -> float:
        """Height of the segments below a circle."""
        return self.detail + 2.6
