"""Placed figures: a size, and a function that draws the shapes at a position."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from netspec_picture.scene import Shape

from .solid_shapes import Brush

Draw: TypeAlias = Callable[[Brush, float, float], list[Shape]]


@dataclass(frozen=True, slots=True)
class PlacedMaps:
    """Placed maps: the total size, and a function that draws them at an upper left corner."""

    width: float
    height: float
    draw: Draw


class Extent(NamedTuple):
    """A rectangle; y increases downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def moved(self, x: float, y: float = 0.0) -> Extent:
        """Translates the rectangle."""
        return Extent(self.left + x, self.top + y, self.right + x, self.bottom + y)

    def beside(self, other: Extent, gap: float) -> bool:
        """Whether one rectangle is above the other, so that they may share a column."""
        return self.top >= other.bottom + gap or other.top >= self.bottom + gap


@dataclass(frozen=True, slots=True)
class CaptionStyle:
    """Font size and amount of detail in captions."""

    text: float
    arguments: int | None
    """Maximum number of arguments in a caption; None for all."""
    names: bool
