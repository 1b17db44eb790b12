"""The feature maps of a figure with the space that they need."""

from __future__ import annotations

from dataclasses import dataclass

from ..picture.scene import Point
from ..picture.typefaces import text_width
from .feature_maps import Map
from .solids import LargestSizes, Solid, label_overhang

NAME, CAPTION = 10.5, 9.5
"""Font sizes."""
CAPTION_GAP = 17.0
"""Distance between a solid and its caption, with space for a number."""


@dataclass(frozen=True, slots=True)
class CaptionedSolid:
    """A map with its solid and the space that it needs around its centre."""

    map: Map
    solid: Solid
    half_width: float
    above: float
    below: float

    def corner(self, centre: Point) -> Point:
        """The top left corner of the front, if the solid is centred at this point."""
        w, h = self.solid.size
        return centre[0] - w / 2, centre[1] - h / 2 + self.solid.lean[1]


def captioned_solid(m: Map, scale: LargestSizes) -> CaptionedSolid:
    """The solid of a map, and the space that it needs with its caption and its numbers."""
    solid = scale.solid(m.named_type, bool(m.joint))
    w, h = solid.size
    lines = caption_lines(m)
    caption_width = max((text_width(t, size, bold) for t, size, bold in lines), default=0.0)
    left, right = label_overhang(solid)
    half_width = max(w / 2 + max(left, right), caption_width / 2) + 4
    below = h / 2 + (CAPTION_GAP if not m.joint else 4) + 13 * len(lines)
    return CaptionedSolid(m, solid, half_width, h / 2 + 6, below)


def caption_lines(m: Map) -> list[tuple[str, float, bool]]:
    """The lines below a map: text, font size, and whether it is bold."""
    if m.joint:
        return []
    name = " ".join(filter(None, (m.caption[0], m.copies, m.letters)))
    return [(name, NAME, True), *((t, CAPTION, False) for t in m.caption[1:] if t)]
