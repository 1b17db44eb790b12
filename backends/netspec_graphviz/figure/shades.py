"""The colours of a figure.

The lightness of kinds that are next to each other differs by ten steps, so that they stay apart in grey; joins are told
by their shape, learned tensors by a dotted outline. Text on every colour has a contrast of at least 4.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..colours import mix, theme_of

KINDS = {
    "attention": "#b177a0",
    "recurrent": "#8882c2",
    "conv": "#67aad8",
    "pool": "#8fcbac",
    "merge": "#ebb0a6",
    "dense": "#f4d88f",
    "norm": "#fef6e9",
    "activation": "#eaf8dd",
    "shape": "#ffffff",
    "learned": "#d6cc7f",
    "regularise": "#eceffa",
}
"""The colour of each kind of layer."""
TINTS = ("#dde9f4", "#fbead0", "#f3e1ef", "#e1f0d8", "#e3e2f6", "#f7e0dc", "#d9efee")
"""The colours of the classes of closed blocks, in the order in which they appear."""


@dataclass(frozen=True, slots=True)
class Shades:
    """The colours of one figure."""

    dark: bool
    paper: str
    ink: str
    """Text outside of boxes."""
    faint: str
    """Lesser text outside of boxes."""
    line: str
    """Edges."""
    skip: str
    """Skip connections."""
    outline: str
    """Outlines of boxes."""
    frame: str
    """Outlines of insets."""
    ground: str
    """Background of insets."""
    text: str = "#14181d"
    """Text in boxes."""

    def kind(self, name: str | None) -> str:
        """The colour of a kind of layer."""
        return self._shade(KINDS.get(name or "", "#ffffff"))

    def tint(self, key: str | None, classes: Sequence[str]) -> str:
        """The colour of a class of closed blocks."""
        number = next((n for n, name in enumerate(classes) if name == key), None)
        return self._shade("#ffffff" if number is None else TINTS[number % len(TINTS)])

    def _shade(self, colour: str) -> str:
        return mix(colour, "#000000", 0.08) if self.dark else colour


def shades_of(dark: bool) -> Shades:
    """The colours on a dark or a light background."""
    theme = theme_of(dark)
    if dark:
        return Shades(
            True, theme.paper, theme.ink, theme.faint, theme.faint, theme.skip, "#0b0e12", theme.frame, theme.levels[0]
        )
    return Shades(False, "#ffffff", "#14181d", "#4c5763", "#3d4650", "#b23a08", "#3d4954", "#8795a3", "#f3f5f7")
