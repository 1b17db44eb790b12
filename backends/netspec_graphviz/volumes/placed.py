"""The result of a form of the figure: its size, and its shapes at a place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from netspec_picture.scene import Shape

from .solid_shapes import Brush

Draw: TypeAlias = Callable[[Brush, float, float], list[Shape]]


@dataclass(frozen=True, slots=True)
class Placed:
    """Maps with their places: the size of the whole, and a function that draws it at a left upper corner."""

    width: float
    height: float
    draw: Draw


class Extent(NamedTuple):
    """A rectangle, with y downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def moved(self, x: float, y: float = 0.0) -> Extent:
        """The rectangle at another place."""
        return Extent(self.left + x, self.top + y, self.right + x, self.bottom + y)

    def beside(self, other: Extent, gap: float) -> bool:
        """Whether one is above the other, so that they may share a column."""
        return self.top >= other.bottom + gap or other.top >= self.bottom + gap


@dataclass(frozen=True, slots=True)
class Look:
    """How large text is, and how much captions say."""

    text: float
    arguments: int | None
    """The maximum number of arguments in a caption; None for all."""
    names: bool
