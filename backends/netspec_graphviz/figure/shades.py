"""The colours of a figure: those of the current palette for layers, and tints for classes of blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from netspec_picture.paint import Adaptive, mix

from ..colours import theme_of
from ..palettes import DARKENED, TEXT, palette_in_use

TINTS = ("#dde9f4", "#fbead0", "#f3e1ef", "#e1f0d8", "#e3e2f6", "#f7e0dc", "#d9efee")
"""The colours for classes of closed blocks, in order of appearance."""


@dataclass(frozen=True, slots=True)
class Shades:
    """The colours of one figure."""

    dark: bool | None
    """None if the figure contains both the light and the dark colours."""
    paper: str
    ink: str
    """Text outside of boxes."""
    faint: str
    """Secondary text outside of boxes."""
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
    text: str = TEXT
    """Text in boxes."""

    def kind(self, name: str | None) -> str:
        """The colour of a kind of layer."""
        return self._shade(palette_in_use().colours.get(name or "", "#ffffff"))

    def tint(self, key: str | None, classes: Sequence[str]) -> str:
        """The colour of a class of closed blocks."""
        number = next((n for n, name in enumerate(classes) if name == key), None)
        return self._shade("#ffffff" if number is None else TINTS[number % len(TINTS)])

    def _shade(self, colour: str) -> str:
        darker = mix(colour, "#000000", DARKENED)
        return Adaptive(colour, darker) if self.dark is None else darker if self.dark else colour


_LIGHT = Shades(False, "#ffffff", "#14181d", "#4c5763", "#3d4650", "#b23a08", "#3d4954", "#8795a3", "#f3f5f7")


def shades_of(dark: bool | None) -> Shades:
    """Returns the colours for a dark or light background; with None, light colours with dark alternatives."""
    if dark is False:
        return _LIGHT
    theme = theme_of(True)
    on_dark = Shades(
        True, theme.paper, theme.ink, theme.faint, theme.faint, theme.skip, "#0b0e12", theme.frame, theme.levels[0]
    )
    if dark:
        return on_dark
    names = [f.name for f in fields(Shades) if f.name != "dark"]
    return Shades(dark=None, **{name: Adaptive(getattr(_LIGHT, name), getattr(on_dark, name)) for name in names})
