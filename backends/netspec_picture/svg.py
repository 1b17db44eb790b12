"""A scene as SVG. All text is escaped, nothing is loaded from elsewhere, and the output is deterministic."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from typing import Final

from netspec.diagnostics import clean

from .paint import Adaptive
from .scene import Bitmap, Circle, Curve, Group, Line, Point, Polygon, Rect, Scene, Shape, Stroke, Text, is_visible
from .typefaces import typefaces_in_use
from .web_fonts import embedded_fonts

FALLBACKS: Final = "'Fira Sans', 'Roboto Condensed', 'Arial Narrow', sans-serif"
"""The fonts of programs that ignore embedded fonts."""


def to_svg(scene: Scene, *, self_contained: bool = True) -> str:
    """The picture as an SVG document.

    Args:
        scene: the picture.
        self_contained: whether it embeds its fonts, and the colours for readers whose system is dark.
    """
    w, h = _n(scene.width), _n(scene.height)
    families = ", ".join(f"'{name}'" for name in typefaces_in_use().families)
    writer = _SvgWriter()
    if is_visible(scene.paper):
        writer.shape(Rect(0, 0, scene.width, scene.height, scene.paper))
    for shape in scene.shapes:
        writer.shape(shape)
    style = f"<style>\n{embedded_fonts(scene.shapes)}{writer.dark_rules()}</style>\n" if self_contained else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}pt" height="{h}pt" viewBox="0 0 {w} {h}" role="img" '
        f'font-family="{families}, {FALLBACKS}">\n'
        f"<title>{_text(scene.title)}</title>\n"
        f"<desc>{_text(scene.description)}</desc>\n{style}" + "\n".join([*writer.out, "</svg>\n"])
    )


class _SvgWriter:
    """Collects the elements of shapes, and the colours of those that change on a dark background."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.dark: set[tuple[str, str]] = set()
        """``fill`` or ``stroke``, with the colour."""

    def shape(self, shape: Shape) -> None:
        """Adds the element of a shape."""
        match shape:
            case Group():
                self.out.append(f'<g class="{shape.kind}" data-name="{_text(shape.name)}">')
                if shape.title:
                    self.out.append(f"<title>{_text(shape.title)}</title>")
                for child in shape.children:
                    self.shape(child)
                self.out.append("</g>")
            case Rect():
                round_ = f' rx="{_n(shape.radius)}"' if shape.radius else ""
                self.out.append(
                    f'<rect x="{_n(shape.x)}" y="{_n(shape.y)}" width="{_n(shape.width)}" height="{_n(shape.height)}"'
                    f"{round_}{self.paint(shape.fill, shape.stroke)}/>"
                )
            case Polygon():
                self.out.append(f'<polygon points="{_points(shape.points)}"{self.paint(shape.fill, shape.stroke)}/>')
            case Line():
                self.out.append(f'<polyline points="{_points(shape.points)}"{self.paint(None, shape.stroke)}/>')
            case Curve():
                first, *rest = shape.points
                path = f"M{_points((first,))}C{_points(tuple(rest))}"
                self.out.append(f'<path d="{path}"{self.paint(None, shape.stroke)}/>')
            case Circle():
                self.out.append(
                    f'<circle cx="{_n(shape.x)}" cy="{_n(shape.y)}" r="{_n(shape.radius)}"'
                    f"{self.paint(shape.fill, shape.stroke)}/>"
                )
            case Text():
                self.text(shape)
            case Bitmap():
                style = "" if shape.smooth else ' style="image-rendering:pixelated"'
                self.out.append(
                    f'<image {_place(shape)} preserveAspectRatio="none"{style} '
                    f'href="data:image/png;base64,{b64encode(shape.png).decode()}"/>'
                )

    def text(self, text: Text) -> None:
        """Adds a text. Its length keeps it in its box where another font than the embedded one is used."""
        weight = f' font-weight="{typefaces_in_use().bold_weight}"'
        style = ' font-style="italic"' if text.italic else weight if text.bold else ""
        anchor = f' text-anchor="{text.anchor}"' if text.anchor != "start" else ""
        self.out.append(
            f'<text x="{_n(text.x)}" y="{_n(text.y)}" font-size="{_n(text.size)}"{style}{anchor}'
            f'{self.paint(text.fill, None)} textLength="{_n(text.width)}" lengthAdjust="spacingAndGlyphs">'
            f"{_text(text.text)}</text>"
        )

    def paint(self, fill: str | None, stroke: Stroke | None) -> str:
        """The attributes for the inside and the line of a shape."""
        classes: list[str] = []
        out = ' fill="none"' if fill is None else self.colour("fill", fill, classes)
        if stroke is not None:
            out += self.colour("stroke", stroke.colour, classes)
            if stroke.width != 1:
                out += f' stroke-width="{_n(stroke.width)}"'
            if stroke.dashes:
                out += f' stroke-dasharray="{" ".join(map(_n, stroke.dashes))}"'
        return f' class="{" ".join(classes)}"{out}' if classes else out

    def colour(self, what: str, colour: str, classes: list[str]) -> str:
        """The attributes of a colour; adds a class if it is another one on a dark background."""
        if isinstance(colour, Adaptive) and colour.dark[:7] != colour[:7]:
            self.dark.add((what, colour.dark[1:7]))
            classes.append(f"{what}-{colour.dark[1:7]}")
        if len(colour) == 7:
            return f' {what}="{colour}"'
        return f' {what}="{colour[:7]}" {what}-opacity="{_n(int(colour[7:], 16) / 255)}"'

    def dark_rules(self) -> str:
        """The colours on a dark background, as CSS.

        A class is named after its colour, so that the rules of several pictures in one document agree.
        """
        rules = "".join(f".{what}-{colour}{{{what}:#{colour}}}" for what, colour in sorted(self.dark))
        return f"@media (prefers-color-scheme:dark){{{rules}}}\n" if rules else ""


def _place(shape: Bitmap) -> str:
    size = f'width="{_n(shape.width)}" height="{_n(shape.height)}"'
    if not shape.rise:
        return f'x="{_n(shape.x)}" y="{_n(shape.y)}" {size}'
    return f'{size} transform="matrix(1 {-shape.rise / shape.width:.4f} 0 1 {_n(shape.x)} {_n(shape.y)})"'


def _points(points: tuple[Point, ...]) -> str:
    return " ".join(f"{_n(x)},{_n(y)}" for x, y in points)


def _n(value: float) -> str:
    """A number with at most two decimals."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _text(text: str) -> str:
    return escape(clean(text))
