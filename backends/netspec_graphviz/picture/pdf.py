"""A scene as a PDF document with one page of vector graphics, in the fonts that every PDF reader has.

The output is deterministic. Helvetica has the characters of Western European languages; others are written without
their accents, or as a question mark.
"""

from __future__ import annotations

import zlib
from unicodedata import normalize

from netspec.diagnostics import clean

from .bezier import circle, rounded_rectangle
from .scene import Circle, Curve, Group, Line, Point, Polygon, Rect, Scene, Shape, Stroke, Text

MAX_SIDE = 14_400.0
"""Maximum width and height of a page, in units of its own."""


def to_pdf(scene: Scene) -> bytes:
    """The picture as a PDF document."""
    unit = max(1.0, max(scene.width, scene.height) / MAX_SIDE)
    page = _Page(scene.height)
    page.closed("re", f"0 0 {_n(scene.width)} {_n(scene.height)}", scene.paper, None)
    for shape in scene.shapes:
        page.shape(shape)
    scaled = f"{1 / unit:.6f} 0 0 {1 / unit:.6f} 0 0 cm"
    content = zlib.compress("\n".join([scaled, *page.out]).encode("cp1252"))
    states = " ".join(f"/A{a} << /ca {a / 255:.3f} /CA {a / 255:.3f} >>" for a in sorted(page.alphas))
    title = clean(scene.title).encode("utf-16-be").hex().upper()
    size = f"[0 0 {_n(scene.width / unit)} {_n(scene.height / unit)}]"
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /{} /Encoding /WinAnsiEncoding >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            f"<< /Type /Page /Parent 2 0 R /MediaBox {size} /UserUnit {_n(unit, 4)} /Contents 6 0 R "
            f"/Resources << /Font << /F0 4 0 R /F1 5 0 R >> /ExtGState << {states} >> >> >>"
        ).encode(),
        font.format("Helvetica").encode(),
        font.format("Helvetica-Bold").encode(),
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(content), content),
        f"<< /Title <FEFF{title}> /Producer (netspec) >>".encode(),
    ]
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    offsets: list[int] = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for offset in offsets:
        out += b"%010d 00000 n \n" % offset
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info 7 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


class _Page:
    """The instructions of the page, in which y increases upwards."""

    def __init__(self, height: float) -> None:
        self.height = height
        self.out: list[str] = ["1 j 1 J"]
        self.alphas: set[int] = {255}
        self.alpha = 255

    def shape(self, shape: Shape) -> None:
        """Draws a shape."""
        match shape:
            case Group():
                for child in shape.children:
                    self.shape(child)
            case Rect() if shape.radius:
                self.closed("h", self.curve(rounded_rectangle(shape)), shape.fill, shape.stroke)
            case Rect():
                where = f"{_n(shape.x)} {_n(self.height - shape.y - shape.height)} {_n(shape.width)} {_n(shape.height)}"
                self.closed("re", where, shape.fill, shape.stroke)
            case Circle():
                self.closed("h", self.curve(circle(shape.x, shape.y, shape.radius)), shape.fill, shape.stroke)
            case Polygon():
                self.closed("h", self.lines(shape.points), shape.fill, shape.stroke)
            case Line():
                self.stroke(shape.stroke)
                self.out.append(f"{self.lines(shape.points)} S")
            case Curve():
                self.stroke(shape.stroke)
                self.out.append(f"{self.curve(shape.points)} S")
            case Text():
                self.set_opacity(255)
                where = f"{_n(shape.left)} {_n(self.height - shape.y)} Td"
                text = _encodable(shape.text).replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
                self.out.append(
                    f"BT /F{int(shape.bold)} {_n(shape.size)} Tf {_colour(shape.fill)} rg {where} ({text}) Tj ET"
                )

    def closed(self, how: str, path: str, fill: str | None, stroke: Stroke | None) -> None:
        """Fills and strokes a closed path."""
        if fill is not None:
            # A semi-transparent area is filled separately from its outline, which may have another opacity.
            self.set_opacity(int(fill[7:], 16) if len(fill) == 9 else 255)
            self.out.append(f"{_colour(fill)} rg")
            if len(fill) == 9:
                self.out.append(f"{path} {how} f")
                fill = None
        if stroke is not None:
            self.stroke(stroke)
        if fill is not None or stroke is not None:
            self.out.append(f"{path} {how} {'B' if fill and stroke else 'f' if fill else 'S'}")

    def stroke(self, stroke: Stroke) -> None:
        """Sets colour, width and dashes of lines."""
        self.set_opacity(int(stroke.colour[7:], 16) if len(stroke.colour) == 9 else 255)
        dashes = " ".join(map(_n, stroke.dashes))
        self.out.append(f"{_colour(stroke.colour)} RG {_n(stroke.width)} w [{dashes}] 0 d")

    def set_opacity(self, alpha: int) -> None:
        """Sets the opacity of what follows, 0 to 255."""
        if alpha != self.alpha:
            self.alpha = alpha
            self.alphas.add(alpha)
            self.out.append(f"/A{alpha} gs")

    def lines(self, points: tuple[Point, ...]) -> str:
        """A path through points."""
        return " ".join(f"{self.point(p)} {'l' if i else 'm'}" for i, p in enumerate(points))

    def curve(self, points: tuple[Point, ...]) -> str:
        """A path along a Bézier curve."""
        parts = [f"{self.point(points[0])} m"]
        for i in range(1, len(points) - 2, 3):
            parts.append(" ".join(self.point(p) for p in points[i : i + 3]) + " c")
        return " ".join(parts)

    def point(self, point: Point) -> str:
        """The coordinates of a point."""
        return f"{_n(point[0])} {_n(self.height - point[1])}"


def _colour(colour: str) -> str:
    return " ".join(_n(int(colour[i : i + 2], 16) / 255, 3) for i in (1, 3, 5))


def _encodable(text: str) -> str:
    """A text in the characters that the fonts have."""
    out: list[str] = []
    for character in clean(text):
        for c in (character, *normalize("NFKD", character)):
            try:
                c.encode("cp1252")
            except UnicodeEncodeError:
                continue
            out.append(c)
            break
        else:
            out.append("?")
    return "".join(out)


def _n(value: float, digits: int = 2) -> str:
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
