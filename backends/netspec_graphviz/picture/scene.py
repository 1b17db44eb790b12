"""A picture as a list of shapes, before any file format. Lengths are in points, y goes down, text stands on its
baseline. Colours are ``#rrggbb``, or ``#rrggbbaa`` where one sees through.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from .text_width import width

Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line's colour, width, and the lengths of dashes and gaps."""

    colour: str
    width: float = 1.0
    dashes: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle, with corners of that radius."""

    x: float
    y: float
    width: float
    height: float
    fill: str | None = None
    stroke: Stroke | None = None
    radius: float = 0.0


@dataclass(frozen=True, slots=True)
class Polygon:
    """A closed shape with straight sides."""

    points: tuple[Point, ...]
    fill: str | None = None
    stroke: Stroke | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """Straight pieces through points."""

    points: tuple[Point, ...]
    stroke: Stroke


@dataclass(frozen=True, slots=True)
class Curve:
    """Cubic Bézier pieces: a point, then three for each piece."""

    points: tuple[Point, ...]
    stroke: Stroke


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle about a point."""

    x: float
    y: float
    radius: float
    fill: str | None = None
    stroke: Stroke | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text; ``x`` is its start, middle or end."""

    x: float
    y: float
    text: str
    size: float
    fill: str
    bold: bool = False
    anchor: Literal["start", "middle", "end"] = "start"

    @property
    def width(self) -> float:
        """Its width."""
        return width(self.text, self.size, self.bold)

    @property
    def left(self) -> float:
        """Where it begins."""
        return self.x - self.width * {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor]


@dataclass(frozen=True, slots=True)
class Group:
    """Shapes that belong together: a layer, a block, an edge; ``name`` is that of the layer or block."""

    kind: str
    name: str
    children: tuple[Shape, ...]
    title: str = ""
    """Shown by browsers when one points at it."""


Shape: TypeAlias = Rect | Polygon | Line | Curve | Circle | Text | Group


@dataclass(frozen=True, slots=True)
class Scene:
    """A whole picture."""

    width: float
    height: float
    paper: str
    title: str
    description: str
    shapes: list[Shape] = field(default_factory=list[Shape])
