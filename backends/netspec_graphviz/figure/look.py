"""Sizes of a figure in points, and how much each box says."""

from __future__ import annotations

from dataclasses import dataclass

SEGMENT_INSIDE = 2.4
SHEET = 1.5
"""Offset of each of the two sheets behind a box that stands for copies."""
ARROW = 3.6
"""Length of an arrow head."""
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
    """Maximum number of arguments in a box; None for all."""
    names: bool = True
    """Whether boxes have their names."""
    segments: bool = True
    """Whether normalisations and activations are drawn; otherwise a note says which follow each operation."""
    lines: int = 1
    """Lines that the text of a box may have."""
    ladder: bool = False
    """Whether the branches of a fan are rows between two rails."""

    @property
    def is_tight(self) -> bool:
        """Whether distances are small, for want of room."""
        return self.lines > 1

    @property
    def inside(self) -> float:
        """From the outline of a box to its text."""
        return 2.8 if self.is_tight else 3.5

    @property
    def branches(self) -> float:
        """Between the branches of a fan."""
        return 5.0 if self.is_tight else 7.0

    @property
    def lanes(self) -> float:
        """Between lanes, and from the trunk to an end beside it."""
        return 6.0 if self.is_tight else 9.0

    @property
    def table(self) -> float:
        """Between the rows and the table, and between its columns."""
        return 5.0 if self.is_tight else 7.0

    @property
    def pad(self) -> float:
        """From the frame of an inset to what it shows."""
        return 3.0 if self.is_tight else 6.0

    @property
    def insets(self) -> float:
        """Between insets."""
        return 6.0 if self.is_tight else 8.0

    @property
    def box(self) -> float:
        """Height of a box."""
        return self.text + 4.4

    @property
    def line(self) -> float:
        """From one line of a box to the next."""
        return self.text + 0.8

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
