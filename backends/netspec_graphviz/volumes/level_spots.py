"""Positions of maps in rows by size, and the texts beside them."""

from __future__ import annotations

from dataclasses import dataclass

from .maps import Map


@dataclass(slots=True)
class Spot:
    """A map with its position."""

    map: Map
    row: int
    slabs: list[float]
    height: float
    number: str
    """Its number of channels, written above it."""
    size_left: str = ""
    size_right: str = ""
    name: str = ""
    notes: tuple[str, ...] = ()
    """What the legend does not say about it; written below its name."""
    x: float = 0.0
    top: float = 0.0

    @property
    def width(self) -> float:
        """Its total width."""
        return sum(self.slabs)

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def middle(self) -> float:
        """Its horizontal centre."""
        return self.x + self.width / 2


def texts_of(spot: Spot, above: bool) -> list[str]:
    """The texts above or below a map."""
    return [spot.number] if above else [t for t in (spot.name, *spot.notes) if t]


def size_text(m: Map) -> str:
    """Formats the size of a map: ``56²``, or ``16×112²`` for a video."""
    *others, last = m.sides
    if others and others[-1] == last:
        return "×".join([*map(str, others[:-1]), f"{last}²"])
    return "×".join(map(str, m.sides))
