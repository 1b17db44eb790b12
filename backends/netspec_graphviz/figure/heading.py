"""The title above a figure."""

from __future__ import annotations

from dataclasses import dataclass

from netspec.diagnostics import clip
from netspec_picture.scene import Group, Shape, Text
from netspec_picture.typefaces import text_width

from ..options import NO_TITLE

FACTOR = 1.3
"""Font size of the title relative to that of boxes."""
MAX_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Heading:
    """A title, broken into lines."""

    lines: tuple[str, ...]
    size: float

    @property
    def width(self) -> float:
        """Width of the longest line."""
        return max((text_width(line, self.size, bold=True) for line in self.lines), default=0.0)

    @property
    def height(self) -> float:
        """Height including the space below; 0 without a title."""
        return self.size * (1.2 * len(self.lines) + 0.5) if self.lines else 0.0

    def shapes(self, x: float, y: float, colour: str) -> list[Shape]:
        """Returns its shapes; (x, y) is the upper left corner."""
        if not self.lines:
            return []
        texts = [
            Text(x, y + self.size * (1 + 1.2 * n), line, self.size, colour, bold=True)
            for n, line in enumerate(self.lines)
        ]
        return [Group("title", "", tuple(texts))]


def break_title(title: str | None, text: float, room: float) -> Heading:
    """Breaks a title into lines of at most the width ``room``, between words if possible.

    Args:
        title: the title; None or ``none`` for no title.
        text: font size of boxes.
        room: maximum width.
    """
    size = text * FACTOR
    lines: list[str] = []
    for word in () if title in (None, NO_TITLE) else clip(title, MAX_CHARACTERS).split():
        longer = f"{lines[-1]} {word}" if lines else word
        if text_width(longer, size, bold=True) <= room:
            lines[-1:] = [longer]
            continue
        rest = word
        while rest:
            count = len(rest)
            while count > 1 and text_width(rest[:count], size, bold=True) > room:
                count -= 1
            lines.append(rest[:count])
            rest = rest[count:]
    return Heading(tuple(lines), size)
