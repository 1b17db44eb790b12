"""Colours. One for each kind of layer, eleven that people with any of the three colour blindnesses tell apart, and
whose lightness alone goes up in steps, for grey printers; all are light enough for dark text.
"""

from __future__ import annotations

from dataclasses import dataclass

from netspec.ops import TABLE


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of layer as the legend shows it."""

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

_OTHER_FAMILIES = {"reduce": "pool", "elementwise": "activation", "resize": "shape", "sequence": "shape"}


def kind_of(operation: str) -> Kind:
    """The kind of an operation, by its name."""
    family = TABLE[operation].family
    return KINDS[_OTHER_FAMILIES.get(family, family)]


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours of everything that is no layer."""

    paper: str
    ink: str
    """Text outside of boxes."""
    faint: str
    """Lesser text outside of boxes."""
    line: str
    """Edges from one layer to the next."""
    skip: str
    """Edges past layers."""
    frame: str
    """Borders of blocks."""
    levels: tuple[str, ...]
    """Grounds of nested blocks, from the outermost; the last two alternate further in."""
    closed: str
    """Ground of a closed block."""
    border: str
    """Borders of layers."""
    text: str = "#10151b"
    """Text on the colour of a kind."""
    detail: str = "#1d252d"
    """Lesser text on the colour of a kind."""


PLAIN_COLOUR = "#e4e9ee"
"""Of solids that are no layer's result."""
WINDOW = "#f8909ab0"
"""Of a window laid on a map: one sees through it."""

LIGHT = Theme(
    "#ffffff", "#10151b", "#56616d", "#56616d", "#c2410c", "#9aa7b5", ("#f6f8fa", "#eaeef3", "#f6f8fa", "#eaeef3"),
    "#ffffff", "#5b6875",
)
DARK = Theme(
    "#12161c", "#e8edf2", "#9daab8", "#9daab8", "#ff9d5c", "#4d5a69", ("#1a2028", "#232b35", "#1a2028", "#232b35"),
    "#2b3540", "#0b0e12",
)

_SCALE = ("#fbfbf9", "#fde3b5", "#f9b264", "#e0702f", "#a83a1c", "#661a16")


def shade(share: float) -> str:
    """A colour that darkens steadily from 0 to 1."""
    at = min(max(share, 0.0), 1.0) * (len(_SCALE) - 1)
    low = min(int(at), len(_SCALE) - 2)
    a, b = (_rgb(_SCALE[low + i]) for i in (0, 1))
    return "#" + "".join(f"{round(x + (y - x) * (at - low)):02x}" for x, y in zip(a, b, strict=True))


def mixed(a: str, b: str, share: float) -> str:
    """Of two colours the first, with a share of the second."""
    return "#" + "".join(f"{round(x + (y - x) * share):02x}" for x, y in zip(_rgb(a), _rgb(b), strict=True))


def is_dark(colour: str) -> bool:
    """Whether white text reads better on it than black (WCAG's contrast)."""
    return luminance(colour) < 0.179


def luminance(colour: str) -> float:
    """Relative luminance of a colour, 0 to 1 (WCAG 2, section 1.4.3)."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in
                        (v / 255 for v in _rgb(colour)))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
