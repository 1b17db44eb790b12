"""A scene as a TeX document with a TikZ picture: text stays text, colours have names, shapes say what they belong to.

It compiles with pdfTeX and the fonts of every TeX distribution: Helvetica Narrow, which is about as wide as the font
that the text was measured with; a text that would be wider than measured is squeezed. With LuaTeX or XeTeX it is set in
Fira Sans Condensed where that is installed.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final
from unicodedata import normalize

from netspec.diagnostics import clean

from .indexed_png import GREY, TRUE_COLOUR, deflated_pixels
from .missing_characters import HIDDEN, missing_character
from .scene import Bitmap, Circle, Curve, Group, Line, Point, Polygon, Rect, Scene, Shape, Stroke, Text, is_visible

MAX_SIDE: Final = 14_000.0
"""Maximum width and height in points (TeX's greatest length is 16,383); a larger picture is scaled down."""

_ESCAPES: Final = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "_": r"\_", "%": r"\%",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
}  # fmt: skip
_HEX_PER_LINE: Final = 110
_LIGATURES: Final = frozenset("-'`<>,!?")
"""Characters that TeX joins with the one after them."""
_T1: Final = frozenset("¡¢£¤¥¦§¨©ª«¬®¯°±²³´µ¶·¸¹º»¼½¾¿×÷–—‘’‚“”„†‡•…‰‹›€™")
"""What pdfTeX's encodings T1 and TS1 have besides ASCII and the letters up to U+017E."""
_COMMANDS = r"""
rightarrow leftarrow uparrow downarrow leftrightarrow {-} leq geq neq approx infty surd sum prod partial nabla in circ
cdot oplus otimes odot alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma varsigma
tau upsilon varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
"""
_MATHS: Final = dict(
    zip(
        "→←↑↓↔−≤≥≠≈∞√∑∏∂∇∈∘⋅⊕⊗⊙αβγδεζηθικλμνξπρσςτυφχψωΓΔΘΛΞΠΣΥΦΨΩ",
        _COMMANDS.split(),
        strict=True,
    )
)
"""Characters that pdfTeX takes from its mathematical fonts, with their commands."""

PREAMBLE: Final = Path(__file__).with_name("preamble.tex")
"""The commands that the picture uses. ``@@characters@@`` stands for characters from mathematical fonts."""


def to_tikz(scene: Scene) -> str:
    """The picture as a TeX document.

    Raises:
        BackendError: NS798, pdfTeX's fonts lack a character of its text.
    """
    scale = min(1.0, MAX_SIDE / max(scene.width, scene.height))
    writer = _TikzWriter(scale)
    if is_visible(scene.paper):
        writer.shape(Rect(0, 0, scene.width, scene.height, scene.paper))
    for shape in scene.shapes:
        writer.shape(shape)
    maths = "".join(
        f"  \\DeclareUnicodeCharacter{{{ord(c):04X}}}{{\\ensuremath{{{_command(c)}}}}}\n" for c in sorted(writer.maths)
    )
    colours = [f"\\definecolor{{{name}}}{{HTML}}{{{rgb[1:].upper()}}}" for rgb, name in writer.colours.items()]
    box = f"(0,0) rectangle {writer.point((scene.width, scene.height))}"
    return "\n".join(
        [
            PREAMBLE.read_text(encoding="utf-8").replace("@@characters@@\n", maths).rstrip(),
            *colours,
            r"\begin{document}",
            r"\begin{tikzpicture}[x=1bp, y=-1bp, line join=round, line cap=round,",
            r"  inner sep=0, outer sep=0, start/.style={anchor=base west}, middle/.style={anchor=base},",
            r"  end/.style={anchor=base east}]",
            f"\\path[use as bounding box] {box};",
            *writer.out,
            r"\end{tikzpicture}",
            r"\end{document}",
            "",
        ]
    )


class _TikzWriter:
    """Collects the commands of shapes, the colours, and the characters from mathematical fonts."""

    def __init__(self, scale: float) -> None:
        self.scale = scale
        self.out: list[str] = []
        self.colours: dict[str, str] = {}
        """Names of colours without their opacity."""
        self.maths: set[str] = set()

    def shape(self, shape: Shape) -> None:
        """Adds the command of a shape."""
        match shape:
            case Group():
                self.out.append(f"% {shape.kind} {clean(shape.name)}".rstrip())
                for child in shape.children:
                    self.shape(child)
            case Text():
                self.text(shape)
            case Rect():
                corners = f"{self.point((shape.x, shape.y))} rectangle "
                corners += self.point((shape.x + shape.width, shape.y + shape.height))
                rounded = f"rounded corners={self.number(shape.radius)}bp" if shape.radius else ""
                self.path(corners, shape.fill, shape.stroke, rounded)
            case Circle():
                circle = f"{self.point((shape.x, shape.y))} circle[radius={self.number(shape.radius)}bp]"
                self.path(circle, shape.fill, shape.stroke)
            case Polygon():
                self.path(" -- ".join(map(self.point, shape.points)) + " -- cycle", shape.fill, shape.stroke)
            case Line():
                self.path(" -- ".join(map(self.point, shape.points)), None, shape.stroke)
            case Curve():
                first, *rest = map(self.point, shape.points)
                steps = [f".. controls {a} and {b} .. {c}" for a, b, c in zip(*[iter(rest)] * 3, strict=True)]
                self.path(" ".join([first, *steps]), None, shape.stroke)
            case Bitmap():
                self.bitmap(shape)

    def path(self, path: str, fill: str | None, stroke: Stroke | None, more: str = "") -> None:
        """Adds a path."""
        options = [more] if more else []
        if fill is not None:
            options += [f"fill={self.colour(fill)}", *_opacity("fill", fill)]
        if stroke is not None:
            options += [f"draw={self.colour(stroke.colour)}", *_opacity("draw", stroke.colour)]
            options.append(f"line width={self.number(stroke.width)}bp")
            if stroke.dashes:
                dashes = zip(stroke.dashes[::2], stroke.dashes[1::2], strict=True)
                pattern = " ".join(f"on {self.number(on)}bp off {self.number(off)}bp" for on, off in dashes)
                options += ["line cap=butt", f"dash pattern={pattern}"]
        self.out.append(f"\\path[{', '.join(options)}] {path};")

    def bitmap(self, shape: Bitmap) -> None:
        """Adds pixels as an inline image of PDF (PDF 1.7, section 8.9.7), which needs no file beside the document."""
        pixels = deflated_pixels(shape.png)
        if pixels is None:
            self.out.append("% a bitmap with transparent parts is omitted")
            return
        numbers = shape.width, shape.rise, 0.0, shape.height, shape.x, -shape.y - shape.height
        colours = {GREY: "/G", TRUE_COLOUR: "/RGB"}.get(pixels.colour_type)
        colours = colours or f"[/I /RGB {len(pixels.table) // 3 - 1} <{pixels.table.hex()}>]"
        count = 3 if pixels.colour_type == TRUE_COLOUR else 1
        smooth = " /I true" if shape.smooth else ""
        data = pixels.data.hex()
        lines = [data[i : i + _HEX_PER_LINE] for i in range(0, len(data), _HEX_PER_LINE)]
        self.out += [
            f"\\pixels{{{' '.join(map(self.number, numbers))} cm",
            f"BI /W {pixels.width} /H {pixels.height} /BPC 8{smooth} /CS {colours}",
            f"/F [/AHx /Fl] /DP [null <</Predictor 15 /Colors {count} /Columns {pixels.width}>>] ID",
            *lines,
            "> EI}",
        ]

    def text(self, text: Text) -> None:
        """Adds a text."""
        face = "italicface" if text.italic else "boldface" if text.bold else "plainface"
        self.out.append(
            f"\\node[{text.anchor}, text={self.colour(text.fill)}, font=\\{face}\\size{{{self.number(text.size)}}}] "
            f"at {self.point((text.x, text.y))} {{\\fit{{{self.number(text.width)}}}{{{self.escaped(text.text)}}}}};"
        )

    def colour(self, colour: str) -> str:
        """The name of a colour."""
        return self.colours.setdefault(colour[:7], f"c{colour[1:7]}")

    def point(self, point: Point) -> str:
        """A point."""
        return f"({self.number(point[0])},{self.number(point[1])})"

    def number(self, value: float) -> str:
        """A length in points."""
        text = f"{value * self.scale:.2f}".rstrip("0").rstrip(".")
        return "0" if text == "-0" else text

    def escaped(self, text: str) -> str:
        """A text without commands and ligatures of TeX.

        Raises:
            BackendError: NS798, pdfTeX's fonts lack a character.
        """
        out: list[str] = []
        for c in normalize("NFC", clean(text)).replace(HIDDEN, "?"):
            if c in _MATHS:
                self.maths.add(c)
            elif not (c.isascii() or c in _T1 or "À" <= c <= "ž"):
                raise missing_character(c, "TeX", "-o FILE.pdf or -o FILE.svg")
            if c in _LIGATURES and out and out[-1] in _LIGATURES:
                out.append("{}")
            out.append(_ESCAPES.get(c, c))
        return "".join(out)


def _command(character: str) -> str:
    command = _MATHS[character]
    return command if command.startswith("{") else f"\\{command}"


def _opacity(what: str, colour: str) -> Iterable[str]:
    return [f"{what} opacity={int(colour[7:], 16) / 255:.2f}"] if len(colour) == 9 else []
