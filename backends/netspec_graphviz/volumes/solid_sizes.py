"""The drawn sizes of solids, derived from the sizes of maps such that all are visible."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .maps import Map

LEAN = (0.26, 0.20)
"""Offset of the back of a solid to the right and up, per point of its depth."""
PICTURE_LEAN = (0.52, 0.24)
"""The same for solids with pictures, whose sides must be wide enough to be recognisable."""
MOST_SLABS = 6
"""Maximum number of slabs for the copies of one map."""
BAR = 7.0
"""Width of the bar of a vector."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Converts the sizes of maps to lengths in points.

    Args:
        top: side length of the largest map.
        thickness: factor for the thickness, which depends on the number of channels.
        power: side lengths grow with this power of the size.
        largest: the largest side of a map.
        longest: the maximum length of a vector.
        lean: offset of the back of a solid to the right and up, per point of its depth.
    """

    top: float
    thickness: float
    power: float
    largest: int
    longest: int
    lean: tuple[float, float] = LEAN

    def side(self, n: int) -> float:
        """Returns the length of a side."""
        least = 6.0 + 0.04 * self.top
        return max(self.top * math.pow(n / self.largest, self.power), least)

    def slabs(self, m: Map) -> list[float]:
        """Returns the thickness of each copy of a map."""
        single = max(self.thickness * 2.2 * math.sqrt(m.channels / 64), 1.6)
        if m.copies == 1:
            return [single]
        return [max(single / 1.5, 1.6)] * min(m.copies, MOST_SLABS)

    def bar(self, m: Map) -> float:
        """Returns the length of the bar of a vector."""
        share = math.log(max(m.channels, 2)) / math.log(max(self.longest, 3))
        return max(0.85 * self.top * math.pow(share, 1.6), 16.0)


def is_vector(m: Map) -> bool:
    """Whether a map is a vector, or has a single position."""
    return all(n == 1 for n in m.sides)


def scale_of(maps: Sequence[Map], top: float, thickness: float, power: float) -> Scale:
    """Computes the scale of a figure."""
    solids = [m for m in maps if not m.joint]
    largest = max((n for m in solids if not is_vector(m) for n in m.sides[-2:]), default=1)
    longest = max((m.channels for m in solids if is_vector(m)), default=1)
    lean = PICTURE_LEAN if any(m.picture is not None for m in solids) else LEAN
    return Scale(top, thickness, power, largest, longest, lean)
