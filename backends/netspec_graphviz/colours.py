"""The colours of a drawing: those of kinds of layers, which depend on the operation's family, or shades for costs."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from netspec.ops import OTHER, family_of
from netspec_picture.paint import Adaptive, grey_of, mix, rgb

from .palettes import DARKENED, FAINT, TEXT, palette_in_use


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of layer, as the legend lists it."""

    name: str
    title: str

    @property
    def colour(self) -> str:
        """Its colour in the current palette."""
        return palette_in_use().colours[self.name]


KINDS = {
    k.name: k
    for k in (
        Kind("conv", "convolution"),
        Kind("pool", "pooling, reduction"),
        Kind("dense", "dense, lookup"),
        Kind("norm", "normalisation"),
        Kind("activation", "activation"),
        Kind("merge", "merging"),
        Kind("attention", "attention"),
        Kind("recurrent", "recurrent"),
        Kind("learned", "learned tensor"),
        Kind("shape", "shape"),
        Kind("regularise", "regularisation"),
    )
}
"""Every kind, in the order of the legend."""

_KIND_OF_FAMILY = {
    "reduce": "pool",
    "elementwise": "activation",
    "formulas": "activation",
    "resize": "shape",
    "choice": "shape",
    "pattern": "shape",
    "windows": "shape",
    "along": "recurrent",
    "signal": "shape",
    "rotary": "attention",
    OTHER: "merge",
}
"""Kinds of the families that have no kind of their own."""
_KIND_OF_OPERATION = {"einsum": "merge"}
"""Kinds of the operations that differ from their family."""


def kind_of(operation: str) -> Kind:
    """Returns the kind of an operation."""
    family = family_of(operation)
    return KINDS[_KIND_OF_OPERATION.get(operation, _KIND_OF_FAMILY.get(family, family))]


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours of everything except layers."""

    paper: str
    ink: str
    """Text outside of boxes."""
    faint: str
    """Secondary text outside of boxes."""
    line: str
    """Edges."""
    skip: str
    """Skip connections."""
    frame: str
    """Borders of blocks."""
    levels: tuple[str, ...]
    """Backgrounds of nested blocks, outermost first; the last two alternate at deeper levels."""
    closed: str
    """Background of a closed block, an input or an output."""
    border: str
    """Borders of layers."""
    text: str = TEXT
    """Text on the colour of a kind."""
    detail: str = TEXT
    """Secondary text on the colour of a kind."""


PLAIN_COLOUR = "#e4e9ee"
"""Colour of the volumes of inputs."""
WINDOW = "#f8909ab0"
"""A window on a feature map, semi-transparent."""

LIGHT = Theme(
    "#ffffff",
    "#14181d",
    FAINT[0],
    "#3d4650",
    "#b23a08",
    "#9aa7b5",
    ("#f6f8fa", "#eaeef3", "#f6f8fa", "#eaeef3"),
    "#ffffff",
    "#5b6875",
)
DARK = Theme(
    "#12161c",
    "#e8edf2",
    FAINT[1],
    "#9daab8",
    "#ff9d5c",
    "#4d5a69",
    ("#1a2028", "#232b35", "#1a2028", "#232b35"),
    "#2b3540",
    "#0b0e12",
)


ADAPTIVE = Theme(
    levels=tuple(Adaptive(a, b) for a, b in zip(LIGHT.levels, DARK.levels, strict=True)),
    **{f.name: Adaptive(getattr(LIGHT, f.name), getattr(DARK, f.name)) for f in fields(Theme) if f.name != "levels"},
)
"""The light theme with the colours of the dark theme as alternatives."""


def theme_of(dark: bool | None) -> Theme:
    """Returns the dark or the light theme; with None, the light theme with dark alternatives."""
    return ADAPTIVE if dark is None else DARK if dark else LIGHT


def printed(colour: str) -> str:
    """Returns the colour, or a grey of the same lightness if the current palette is grey."""
    return grey_of(colour) if palette_in_use().grey else colour


def printed_theme(theme: Theme) -> Theme:
    """Converts a theme to grey if the current palette is grey."""
    levels = tuple(map(printed, theme.levels))
    return Theme(
        levels=levels, **{f.name: printed(getattr(theme, f.name)) for f in fields(Theme) if f.name != "levels"}
    )


def box_colour(kind: str | None, dark: bool | None, cost: float | None = None) -> str:
    """The colour of a box, or of a layer's strip in a box.

    Args:
        kind: the kind of layer; None for a closed block, an input or an output.
        dark: whether the background is dark; None if that is not known.
        cost: its cost relative to the greatest one, 0 to 1, if boxes are shaded by cost.
    """
    if cost is not None:
        return shade(math.sqrt(cost))
    if kind is None:
        return theme_of(dark).closed
    colour = KINDS[kind].colour
    darker = mix(colour, "#000000", DARKENED)
    return Adaptive(colour, darker) if dark is None else darker if dark else colour


_SCALE = ("#fbfbf9", "#fde3b5", "#f9b264", "#e0702f", "#a83a1c", "#661a16")


def shade(share: float) -> str:
    """Returns a colour on a scale that becomes steadily darker from 0 to 1."""
    at = min(max(share, 0.0), 1.0) * (len(_SCALE) - 1)
    low = min(int(at), len(_SCALE) - 2)
    a, b = (rgb(_SCALE[low + i]) for i in (0, 1))
    return "#" + "".join(f"{round(x + (y - x) * (at - low)):02x}" for x, y in zip(a, b, strict=True))
