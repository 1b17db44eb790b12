"""Faults of a picture that its geometry shows.

Use :func:`faults` in a test of a drawing, for any style::

    assert faults(draw(graph, style="graph").scene) == []

It reports, each with the texts or the group concerned and the position in points:

- ``text over text``, ``text over line``, ``text over border``: a text crosses another text, a line, or the edge of a
  shape. A shape painted between the line and the text that covers the whole text hides the line, which is not a fault.
- ``hidden text``: an opaque shape is painted over a text.
- ``clipped text``: a text extends beyond the page.
- ``loose end``: a line of an edge begins or ends in empty space: not at a shape, another line or a text.
- ``hidden arrow head``: an opaque shape is painted over an arrow head.
- ``line in box``: a line of an edge begins inside a shape, or runs through or behind one that is not a frame. The end of
  a line may be hidden below a shape that is painted after it.

Groups of the kinds ``edge`` and ``skip`` are edges; those of :data:`FRAMES` contain other shapes, so that edges may
cross them; those of :data:`MARKS` are drawn on shapes on purpose. ``python -m tests.figures`` checks the whole zoo.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from netspec_picture.scene import Circle, Curve, Group, Line, Point, Polygon, Rect, Scene, Shape, Text

from .outlines import Outline, crosses_rectangle, distance, length_inside, outline_of

EDGES = frozenset(("edge", "skip"))
FRAMES = frozenset(("block", "block-name", "inset", "legend", "title", "fan"))
MARKS = frozenset(("window", "legend"))
ASCENT, DESCENT = 0.71, 0.19
"""How far letters extend above and below the baseline, in units of the font size."""
TOUCH = 1.2
"""Distance in points up to which a line touches a shape."""
TEXT_TOUCH = 9.0
"""Distance up to which a line leads to a text without a box."""
INSIDE = 2.5
"""Length of a line inside a shape that is a fault."""
OPAQUE = 0xD0
"""Opacity from which a shape hides what is below it."""


class Fault(NamedTuple):
    """A fault of a picture."""

    kind: str
    subject: str
    other: str
    where: Point

    def __str__(self) -> str:
        other = f" and '{self.other}'" if self.other else ""
        return f"{self.kind}: '{self.subject}'{other} at ({self.where[0]:.0f}, {self.where[1]:.0f})"


@dataclass(eq=False)
class Painted:
    """A shape with its place in the order of painting, and the groups that contain it, innermost last."""

    order: int
    shape: Shape
    groups: tuple[Group, ...]

    @cached_property
    def outline(self) -> Outline:
        """Its points and bounds."""
        return outline_of(self.shape)

    @property
    def kinds(self) -> set[str]:
        """The kinds of its groups."""
        return {g.kind for g in self.groups}

    @property
    def name(self) -> str:
        """The name of the innermost group that has one."""
        return next((g.name or g.title for g in reversed(self.groups) if g.name or g.title), "")

    @property
    def opaque(self) -> bool:
        """Whether it hides what is below it."""
        fill: str | None = getattr(self.shape, "fill", None)
        return fill is not None and (len(fill) == 7 or int(fill[7:], 16) >= OPAQUE)


class Box(NamedTuple):
    """The extent of a text."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> Point:
        """Its centre."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


def faults(scene: Scene) -> list[Fault]:
    """All faults of a picture, in the order of painting."""
    painted = [Painted(i, shape, groups) for i, (shape, groups) in enumerate(_walk(scene.shapes, ()))]
    texts = [p for p in painted if isinstance(p.shape, Text) and p.shape.text.strip()]
    shapes = [p for p in painted if not isinstance(p.shape, Text)]
    return [
        *_clipped(texts, scene),
        *_text_over_text(texts),
        *(fault for text in texts for fault in _text_over_shapes(text, shapes)),
        *_loose_ends(painted),
        *_lines_in_boxes(shapes),
        *_hidden_arrow_heads(shapes),
    ]


def smallest_text(scene: Scene) -> float:
    """The smallest font size in a picture, in points."""
    return min((s.size for s, _ in _walk(scene.shapes, ()) if isinstance(s, Text)), default=math.inf)


def _walk(shapes: Iterable[Shape], groups: tuple[Group, ...]) -> Iterator[tuple[Shape, tuple[Group, ...]]]:
    for shape in shapes:
        if isinstance(shape, Group):
            yield from _walk(shape.children, (*groups, shape))
        else:
            yield shape, groups


def _box(text: Text, margin: float = 0.0) -> Box:
    left, m = text.left, margin
    return Box(left - m, text.y - text.size * ASCENT - m, left + text.width + m, text.y + text.size * DESCENT + m)


def _text(p: Painted) -> Text:
    assert isinstance(p.shape, Text)
    return p.shape


def _clipped(texts: list[Painted], scene: Scene) -> Iterator[Fault]:
    for p in texts:
        box = _box(_text(p))
        if box.left < 0 or box.top < 0 or box.right > scene.width or box.bottom > scene.height:
            yield Fault("clipped text", _text(p).text, "", box.middle)


def _text_over_text(texts: list[Painted]) -> Iterator[Fault]:
    boxes = sorted(((_box(_text(p), -0.1), _text(p).text) for p in texts), key=lambda pair: pair[0].top)
    for i, (a, text) in enumerate(boxes):
        for b, other in boxes[i + 1 :]:
            if b.top >= a.bottom:
                break
            if a.left < b.right and b.left < a.right:
                yield Fault("text over text", text, other, b.middle)


def _text_over_shapes(p: Painted, shapes: list[Painted]) -> Iterator[Fault]:
    box = _box(_text(p), -0.3)
    out: list[Fault] = []
    for s in shapes:
        outline = s.outline
        if not outline.near(box):
            continue
        if s.opaque and s.order < p.order and outline.covers(box):
            out.clear()
        elif s.opaque and s.order > p.order and outline.overlaps(box):
            out.append(Fault("hidden text", _text(p).text, s.name, box.middle))
        elif crosses_rectangle(outline, box):
            kind = "text over line" if isinstance(s.shape, Line | Curve) else "text over border"
            out.append(Fault(kind, _text(p).text, s.name, box.middle))
    # A shape with a border, and a group of several faces, are one fault.
    yield from dict.fromkeys(out)


def _edge_lines(painted: list[Painted]) -> Iterator[Painted]:
    """The lines of edges."""
    for p in painted:
        if isinstance(p.shape, Line | Curve) and p.kinds & EDGES and not p.kinds & MARKS:
            yield p


def _loose_ends(painted: list[Painted]) -> Iterator[Fault]:
    for line in _edge_lines(painted):
        points = line.outline.points
        for end in (points[0], points[-1]):
            if not any(_touches(end, p) for p in painted if p is not line):
                yield Fault("loose end", line.name, "", end)


def _touches(end: Point, p: Painted) -> bool:
    if isinstance(p.shape, Text):
        box = _box(p.shape, TEXT_TOUCH)
        return box.left <= end[0] <= box.right and box.top <= end[1] <= box.bottom
    if p.kinds & {"legend", "title"}:
        return False
    reach = TOUCH + (p.shape.stroke.width if isinstance(p.shape, Line | Curve) else 0.0)
    outline = p.outline
    if not outline.near(Box(end[0] - reach, end[1] - reach, end[0] + reach, end[1] + reach)):
        return False
    return (outline.closed and outline.contains(end)) or distance(end, outline) <= reach


def _lines_in_boxes(shapes: list[Painted]) -> Iterator[Fault]:
    areas = [
        p
        for p in shapes
        if isinstance(p.shape, Rect | Polygon | Circle) and p.opaque and not p.kinds & (EDGES | FRAMES | MARKS)
    ]
    for line in _edge_lines(shapes):
        seen: set[str] = set()
        for area in areas:
            if area.name in seen or not line.outline.meets(area.outline):
                continue
            ends = line.outline.points[0], line.outline.points[-1]
            if line.order < area.order and any(area.outline.contains(end) for end in ends):
                continue
            inside = sum(length_inside(a, b, area.outline) for a, b in pairwise(line.outline.points))
            if inside > INSIDE:
                seen.add(area.name)
                yield Fault("line in box", line.name, area.name, area.outline.middle)


def _hidden_arrow_heads(shapes: list[Painted]) -> Iterator[Fault]:
    heads = [p for p in shapes if isinstance(p.shape, Polygon) and p.kinds & EDGES and not p.kinds & MARKS]
    for head in heads:
        corners = head.outline.points[:-1]
        middle = sum(x for x, _ in corners) / len(corners), sum(y for _, y in corners) / len(corners)
        for p in shapes:
            if p.order > head.order and p.opaque and not p.kinds & EDGES and p.outline.contains(middle):
                yield Fault("hidden arrow head", head.name, p.name, middle)
                break
