"""A scene as SVG. All text is escaped, nothing is loaded from elsewhere, and the output is deterministic."""

from __future__ import annotations

from html import escape

from netspec.diagnostics import clean

from .scene import Circle, Curve, Group, Line, Point, Polygon, Rect, Scene, Shape, Stroke, Text
from .typefaces import FAMILY
from .web_fonts import embedded_fonts

FAMILIES = f"'{FAMILY}', 'Fira Sans', 'Roboto Condensed', 'Arial Narrow', sans-serif"
"""The fonts of a picture: the embedded one, then those of programs that ignore embedded fonts."""


def to_svg(scene: Scene) -> str:
    """The picture as an SVG document."""
    w, h = _n(scene.width), _n(scene.height)
    out = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}" role="img" '
        f'font-family="{FAMILIES}">',
        f"<title>{_text(scene.title)}</title>",
        f"<desc>{_text(scene.description)}</desc>",
        f"<style>\n{embedded_fonts(scene.shapes)}</style>",
        f'<rect width="{w}" height="{h}" fill="{scene.paper}"/>',
    ]
    for shape in scene.shapes:
        _shape(shape, out)
    out.append("</svg>\n")
    return "\n".join(out)


def _shape(shape: Shape, out: list[str]) -> None:
    match shape:
        case Group():
            out.append(f'<g class="{shape.kind}" data-name="{_text(shape.name)}">')
            if shape.title:
                out.append(f"<title>{_text(shape.title)}</title>")
            for child in shape.children:
                _shape(child, out)
            out.append("</g>")
        case Rect():
            round_ = f' rx="{_n(shape.radius)}"' if shape.radius else ""
            out.append(
                f'<rect x="{_n(shape.x)}" y="{_n(shape.y)}" width="{_n(shape.width)}" height="{_n(shape.height)}"'
                f"{round_}{_paint(shape.fill, shape.stroke)}/>"
            )
        case Polygon():
            out.append(f'<polygon points="{_points(shape.points)}"{_paint(shape.fill, shape.stroke)}/>')
        case Line():
            out.append(f'<polyline points="{_points(shape.points)}"{_paint(None, shape.stroke)}/>')
        case Curve():
            first, *rest = shape.points
            out.append(f'<path d="M{_points((first,))}C{_points(tuple(rest))}"{_paint(None, shape.stroke)}/>')
        case Circle():
            out.append(
                f'<circle cx="{_n(shape.x)}" cy="{_n(shape.y)}" r="{_n(shape.radius)}"'
                f"{_paint(shape.fill, shape.stroke)}/>"
            )
        case Text():
            # The text length keeps the text in its box where another font than the embedded one is used.
            bold = ' font-style="italic"' if shape.italic else ' font-weight="500"' if shape.bold else ""
            anchor = f' text-anchor="{shape.anchor}"' if shape.anchor != "start" else ""
            out.append(
                f'<text x="{_n(shape.x)}" y="{_n(shape.y)}" font-size="{_n(shape.size)}"{bold}{anchor} '
                f'fill="{shape.fill}" textLength="{_n(shape.width)}" lengthAdjust="spacingAndGlyphs">'
                f"{_text(shape.text)}</text>"
            )


def _paint(fill: str | None, stroke: Stroke | None) -> str:
    out = ' fill="none"' if fill is None else _colour("fill", fill)
    if stroke is not None:
        out += _colour("stroke", stroke.colour)
        if stroke.width != 1:
            out += f' stroke-width="{_n(stroke.width)}"'
        if stroke.dashes:
            out += f' stroke-dasharray="{" ".join(map(_n, stroke.dashes))}"'
    return out


def _colour(what: str, colour: str) -> str:
    if len(colour) == 7:
        return f' {what}="{colour}"'
    return f' {what}="{colour[:7]}" {what}-opacity="{_n(int(colour[7:], 16) / 255)}"'


def _points(points: tuple[Point, ...]) -> str:
    return " ".join(f"{_n(x)},{_n(y)}" for x, y in points)


def _n(value: float) -> str:
    """A number with at most two decimals."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _text(text: str) -> str:
    return escape(clean(text))
