"""A picture as a list of shapes, independent of a file format.

Lengths are in points, y increases downwards, and the position of text is that of its baseline. Colours are ``#rrggbb``,
or ``#rrggbbaa`` for semi-transparent ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from .typefaces import text_width

Point: TypeAlias = tuple[float, float]
NO_COLOUR = "#ffffff00"
"""A colour that is not visible: of the paper of a picture with a transparent background."""


def is_visible(colour: str) -> bool:
    """Whether a colour is not fully transparent."""
    return len(colour) < 9 or colour[7:] != "00"


@dataclass(frozen=True, slots=True)
class Stroke:
    """The colour of a line, its width, and the lengths of dashes and gaps."""

    colour: str
    width: float = 1.0
    dashes: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle; ``radius`` is that of its corners."""

    x: float
    y: float
    width: float
    height: float
    fill: str | None = None
    stroke: Stroke | None = None
    radius: float = 0.0


@dataclass(frozen=True, slots=True)
class Polygon:
    """A closed polygon."""

    points: tuple[Point, ...]
    fill: str | None = None
    stroke: Stroke | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points."""

    points: tuple[Point, ...]
    stroke: Stroke


@dataclass(frozen=True, slots=True)
class Curve:
    """A cubic Bézier curve: one point, then three for each segment."""

    points: tuple[Point, ...]
    stroke: Stroke


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle; ``x`` and ``y`` are its centre."""

    x: float
    y: float
    radius: float
    fill: str | None = None
    stroke: Stroke | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text; ``x`` is its start, middle or end, depending on the anchor."""

    x: float
    y: float
    text: str
    size: float
    fill: str
    bold: bool = False
    anchor: Literal["start", "middle", "end"] = "start"
    italic: bool = False

    @property
    def width(self) -> float:
        """Width of the text."""
        return text_width(self.text, self.size, self.bold, self.italic)

    @property
    def left(self) -> float:
        """Left edge of the text."""
        return self.x - self.width * {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor]


@dataclass(frozen=True, slots=True)
class Bitmap:
    """Pixels, as the content of a PNG file, stretched over a rectangle, or over a parallelogram with upright sides."""

    x: float
    y: float
    width: float
    height: float
    png: bytes
    smooth: bool = False
    """Whether readers may interpolate between pixels; otherwise each is a sharp rectangle."""
    rise: float = 0.0
    """How much higher the right side is than the left one, whose upper end is (x, y)."""


@dataclass(frozen=True, slots=True)
class Group:
    """Shapes that belong together: a layer, a block, an edge."""

    kind: str
    name: str
    """Name of the layer or block."""
    children: tuple[Shape, ...]
    title: str = ""
    """Tooltip in browsers."""


Shape: TypeAlias = Rect | Polygon | Line | Curve | Circle | Text | Bitmap | Group


def moved(shape: Shape, right: float, down: float) -> Shape:
    """The shape at another position."""
    match shape:
        case Group():
            return replace(shape, children=tuple(moved(child, right, down) for child in shape.children))
        case Polygon() | Line() | Curve():
            return replace(shape, points=tuple((x + right, y + down) for x, y in shape.points))
        case Rect() | Circle() | Text() | Bitmap():
            return replace(shape, x=shape.x + right, y=shape.y + down)


@dataclass(frozen=True, slots=True)
class Scene:
    """A complete picture."""

    width: float
    height: float
    paper: str
    title: str
    description: str
    shapes: list[Shape] = field(default_factory=list[Shape])


def smallest_text(scene: Scene) -> float:
    """The smallest size of text in a picture; 0 if it has none."""
    sizes: list[float] = []
    pending = [*scene.shapes]
    while pending:
        shape = pending.pop()
        if isinstance(shape, Group):
            pending += shape.children
        elif isinstance(shape, Text):
            sizes.append(shape.size)
    return min(sizes, default=0.0)
