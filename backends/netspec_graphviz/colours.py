"""The colours of a drawing. The colour of a box is that of its kind of layer, which follows from the family of its
operation, or a shade for its cost.

The colours of the kinds are distinguishable with each of the three colour-vision deficiencies, differ in lightness for
grey printers, and are all light enough for dark text.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from netspec.ops import OTHER, family_of


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of layer, as the legend lists it."""

    name: str
    title: str
    colour: str


KINDS = {
    k.name: k
    for k in (
        Kind("conv", "convolution", "#189deb"),
        Kind("pool", "pooling, reduction", "#72ceab"),
        Kind("dense", "dense, lookup", "#f2c154"),
        Kind("norm", "normalisation", "#ffeac2"),
        Kind("activation", "activation", "#b1ed90"),
        Kind("merge", "merging", "#f48889"),
        Kind("attention", "attention", "#c88db1"),
        Kind("recurrent", "recurrent", "#8e87c1"),
        Kind("learned", "learned tensor", "#bfb15d"),
        Kind("shape", "shape", "#f5f8fb"),
        Kind("regularise", "regularisation", "#c6d0f3"),
    )
}
"""Every kind, in the order of the legend."""

_KIND_OF_FAMILY = {
    "reduce": "pool",
    "elementwise": "activation",
    "formulas": "activation",
    "resize": "shape",
    "sequence": "shape",
    "choice": "shape",
    "pattern": "shape",
    "windows": "shape",
    "along": "recurrent",
    "signal": "shape",
    "rotary": "attention",
    OTHER: "merge",
}
"""Families of operations that have no kind of their own."""
_KIND_OF_OPERATION = {"einsum": "merge"}
"""Operations of another kind than their family."""


def kind_of(operation: str) -> Kind:
    """The kind of an operation, by its name."""
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
    text: str = "#10151b"
    """Text on the colour of a kind."""
    detail: str = "#1d252d"
    """Secondary text on the colour of a kind."""


PLAIN_COLOUR = "#e4e9ee"
"""Volumes of inputs."""
WINDOW = "#f8909ab0"
"""A window on a feature map, semi-transparent."""

LIGHT = Theme(
    "#ffffff",
    "#10151b",
    "#56616d",
    "#56616d",
    "#c2410c",
    "#9aa7b5",
    ("#f6f8fa", "#eaeef3", "#f6f8fa", "#eaeef3"),
    "#ffffff",
    "#5b6875",
)
DARK = Theme(
    "#12161c",
    "#e8edf2",
    "#9daab8",
    "#9daab8",
    "#ff9d5c",
    "#4d5a69",
    ("#1a2028", "#232b35", "#1a2028", "#232b35"),
    "#2b3540",
    "#0b0e12",
)


def theme_of(dark: bool) -> Theme:
    """The dark or the light theme."""
    return DARK if dark else LIGHT


def box_colour(kind: str | None, dark: bool, cost: float | None = None) -> str:
    """The colour of a box, or of a layer's strip in a box.

    Args:
        kind: the kind of layer; None for a closed block, an input or an output.
        dark: whether the background is dark.
        cost: its cost relative to the greatest one, 0 to 1, if boxes are shaded by cost.
    """
    if cost is not None:
        return shade(math.sqrt(cost))
    if kind is None:
        return theme_of(dark).closed
    colour = KINDS[kind].colour
    return mix(colour, "#000000", 0.08) if dark else colour


def volume_colour(kind: str | None, is_block: bool) -> str:
    """The colour of a feature map: that of the layer that computes it, paler for a closed block."""
    colour = KINDS[kind].colour if kind else PLAIN_COLOUR
    return mix(colour, PLAIN_COLOUR, 0.5) if is_block else colour


_SCALE = ("#fbfbf9", "#fde3b5", "#f9b264", "#e0702f", "#a83a1c", "#661a16")


def shade(share: float) -> str:
    """A colour that becomes steadily darker from 0 to 1."""
    at = min(max(share, 0.0), 1.0) * (len(_SCALE) - 1)
    low = min(int(at), len(_SCALE) - 2)
    a, b = (_rgb(_SCALE[low + i]) for i in (0, 1))
    return "#" + "".join(f"{round(x + (y - x) * (at - low)):02x}" for x, y in zip(a, b, strict=True))


def mix(a: str, b: str, share: float) -> str:
    """A mixture of two colours: ``share`` of the second, the rest of the first."""
    return "#" + "".join(f"{round(x + (y - x) * share):02x}" for x, y in zip(_rgb(a), _rgb(b), strict=True))


def is_dark(colour: str) -> bool:
    """Whether white text has more contrast on it than black text (WCAG 2, section 1.4.3)."""
    return luminance(colour) < 0.179


def luminance(colour: str) -> float:
    """Relative luminance of a colour, 0 to 1 (WCAG 2, section 1.4.3)."""
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in _rgb(colour))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
