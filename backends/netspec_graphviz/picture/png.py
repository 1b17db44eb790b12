"""A scene as PNG, rendered by Graphviz from drawing instructions in its xdot language."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnostics import clean

from ..graphviz_program import run_graphviz
from .bezier import rounded_rectangle
from .scene import Circle, Curve, Group, Line, Point, Polygon, Rect, Scene, Shape, Stroke, Text

MAX_PIXELS = 16_000
"""Maximum width and height; a larger picture is scaled down."""


def to_png(scene: Scene, scale: float) -> bytes:
    """The picture with ``scale`` pixels per point, or fewer if it would be too large.

    Raises:
        BackendError: NS723, Graphviz is missing or fails.
    """
    scale = min(scale, MAX_PIXELS / max(scene.width, scene.height))
    out: list[str] = []
    for shape in scene.shapes:
        _shape(shape, scene.height, out)
    # Graphviz before version 3 reads quoted texts of up to 16,384 characters; `+` joins them.
    pieces = (part.replace('"', '\\"') for part in _lines(out, 8000))
    instructions = '" + "'.join(pieces)
    # Two invisible nodes define the size of the page.
    source = (
        f'digraph {{ dpi="{72 * scale:.4f}" pad=0 margin=0 bgcolor="{scene.paper}" _background="{instructions}"\n'
        'node [shape=none, label="", width=0, height=0, fixedsize=true]\n'
        f'a [pos="0,0"] b [pos="{scene.width:.2f},{scene.height:.2f}"] }}'
    )
    return run_graphviz(source, "png", bundled_fonts=True, arguments=("-Kneato", "-n2"))


def _lines(words: list[str], length: int) -> Iterator[str]:
    """The instructions in pieces of about that many characters, each with a space at its end."""
    piece, size = list[str](), 0
    for word in words:
        piece.append(f"{word} ")
        size += len(word)
        if size > length:
            yield "".join(piece)
            piece, size = [], 0
    yield "".join(piece)


def _shape(shape: Shape, h: float, out: list[str]) -> None:
    match shape:
        case Group():
            for child in shape.children:
                _shape(child, h, out)
        case Rect() if shape.radius:
            _closed(rounded_rectangle(shape), h, shape.fill, shape.stroke, out, "Bb")
        case Rect():
            x, y, w, t = shape.x, shape.y, shape.width, shape.height
            _closed(((x, y), (x + w, y), (x + w, y + t), (x, y + t)), h, shape.fill, shape.stroke, out, "pP")
        case Polygon():
            _closed(shape.points, h, shape.fill, shape.stroke, out, "pP")
        case Line():
            _stroke(shape.stroke, out)
            out.append(f"L {_points(shape.points, h)}")
        case Curve():
            _stroke(shape.stroke, out)
            out.append(f"B {_points(shape.points, h)}")
        case Circle():
            where = f"{_n(shape.x)} {_n(h - shape.y)} {_n(shape.radius)} {_n(shape.radius)}"
            if shape.fill is not None:
                out.append(_pen("C", shape.fill))
            _stroke(shape.stroke or Stroke(shape.fill or "#000000", 0.1), out)
            out.append(f"{'E' if shape.fill else 'e'} {where}")
        case Text():
            text = clean(shape.text).replace("\\", "\u2216")
            font = "Helvetica-Bold" if shape.bold else "Helvetica"
            out.append(f"F {_n(shape.size)} {_counted(font)} {_pen('c', shape.fill)}")
            out.append(f"T {_n(shape.left)} {_n(h - shape.y)} -1 {_n(shape.width)} {_counted(text)}")


def _closed(
    points: tuple[Point, ...], h: float, fill: str | None, stroke: Stroke | None, out: list[str], letters: str
) -> None:
    """A closed shape; ``letters`` are the instructions for its outline and its filled area."""
    outline, filled = letters[0], letters[1]
    if fill is not None:
        # Graphviz outlines filled areas: without a stroke of its own, in the colour of the fill.
        out.append(_pen("C", fill))
        _stroke(stroke or Stroke(fill, 0.1), out)
        out.append(f"{filled} {_points(points, h)}")
    elif stroke is not None:
        _stroke(stroke, out)
        out.append(f"{outline} {_points(points, h)}")


def _stroke(stroke: Stroke, out: list[str]) -> None:
    out.append(_pen("c", stroke.colour))
    style = "dashed" if stroke.dashes else "solid"
    out.append(f"S {_counted(f'setlinewidth({_n(stroke.width)})')} S {_counted(style)}")


def _pen(letter: str, colour: str) -> str:
    return f"{letter} {_counted(colour)}"


def _counted(text: str) -> str:
    """A text in xdot: its length in bytes, then the text."""
    return f"{len(text.encode())} -{text}"


def _points(points: tuple[Point, ...], h: float) -> str:
    return f"{len(points)} " + " ".join(f"{_n(x)} {_n(h - y)}" for x, y in points)


def _n(value: float) -> str:
    return f"{value:.2f}"
