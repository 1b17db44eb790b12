"""A scene as a PDF document with one page of vector graphics, written by fpdf2.

Text stays text: its fonts are embedded, with the characters that it has. The same scene gives the same bytes.
"""

from __future__ import annotations

import io
import logging
import math
from collections.abc import Generator, Iterable
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from unicodedata import bidirectional

from netspec.diagnostics import clean

from .bezier import rounded_rectangle
from .font_files import check_tables, reading_tables
from .missing_characters import check_characters
from .scene import Bitmap, Circle, Curve, Group, Line, Point, Polygon, Rect, Scene, Shape, Stroke, Text, is_visible
from .typefaces import Typeface, split_by_face, typefaces_in_use

if TYPE_CHECKING:
    from fpdf import FPDF
    from fpdf.drawing import DrawingContext, PaintedPath

MAX_SIDE = 14_400.0
"""Maximum width and height of a page in points; a larger picture is scaled down."""
DATE: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""The date of every document."""


def to_pdf(scene: Scene) -> bytes:
    """The picture as a PDF document.

    Raises:
        BackendError: NS798, no font has a character of its text; NS797, the tables of a font cannot be read.
    """
    from fpdf import FPDF

    check_characters(scene, "PDF")
    scale = min(1.0, MAX_SIDE / max(scene.width, scene.height))
    document = FPDF(unit="pt", format=(scene.width * scale, scene.height * scale))
    document.set_auto_page_break(False)
    document.set_title(clean(scene.title))
    document.set_subject(clean(scene.description))
    document.set_producer("netspec, fpdf2")
    document.set_creation_date(DATE)
    document.add_page()
    with _closed_fonts(document), _without_notes_on_fonts():
        writer = _PdfWriter(document, scale)
        if is_visible(scene.paper):
            writer.shapes([Rect(0, 0, scene.width, scene.height, scene.paper)])
        writer.shapes(scene.shapes)
        writer.flush()
        user_face = next((face for face in writer.families if not face.is_bundled), None)
        with reading_tables(user_face.file) if user_face is not None else nullcontext():
            return bytes(document.output())


def _in_visual_order(text: str) -> str:
    """The text from left to right, also where it has words of scripts that run from right to left."""
    if not any(bidirectional(c) in ("R", "AL") for c in text):
        return text
    from fpdf.bidi import BidiParagraph
    from fpdf.enums import TextDirection

    return BidiParagraph(text, base_direction=TextDirection.LTR).get_reordered_string()


@contextmanager
def _closed_fonts(document: FPDF) -> Generator[None]:
    """Closes the files of the fonts, which fpdf2 leaves open if one cannot be read or embedded."""
    from fpdf.fonts import TTFFont

    try:
        yield
    finally:
        for font in document.fonts.values():
            if isinstance(font, TTFFont):
                font.close()


@contextmanager
def _without_notes_on_fonts() -> Generator[None]:
    """Keeps fontTools from printing which tables of a font a subset lacks."""
    log = logging.getLogger("fontTools.subset")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)


class _PdfWriter:
    """Writes shapes onto the page of a document."""

    def __init__(self, document: FPDF, scale: float) -> None:
        self.document = document
        self.scale = scale
        self.paths: list[PaintedPath] = []
        """Paths that are not yet on the page: those between two texts are written together."""
        self.families: dict[Typeface, str] = {}
        """Names under which the document knows its fonts."""

    def shapes(self, shapes: Iterable[Shape]) -> None:
        """Writes shapes, the last one on top."""
        for shape in shapes:
            match shape:
                case Group():
                    self.shapes(shape.children)
                case Text():
                    self.text(shape)
                case Bitmap():
                    self.bitmap(shape)
                case Rect() if shape.radius:
                    self.path(rounded_rectangle(shape), shape.fill, shape.stroke, curved=True, closed=True)
                case Rect():
                    x, y, right, bottom = shape.x, shape.y, shape.x + shape.width, shape.y + shape.height
                    corners = (x, y), (right, y), (right, bottom), (x, bottom)
                    self.path(corners, shape.fill, shape.stroke, closed=True)
                case Circle():
                    x, y, r = shape.x, shape.y, shape.radius
                    outline = rounded_rectangle(Rect(x - r, y - r, 2 * r, 2 * r, radius=r))
                    self.path(outline, shape.fill, shape.stroke, curved=True, closed=True)
                case Polygon():
                    self.path(shape.points, shape.fill, shape.stroke, closed=True)
                case Line():
                    self.path(shape.points, None, shape.stroke)
                case Curve():
                    self.path(shape.points, None, shape.stroke, curved=True)

    def path(
        self,
        points: tuple[Point, ...],
        fill: str | None,
        stroke: Stroke | None,
        *,
        curved: bool = False,
        closed: bool = False,
    ) -> None:
        """Writes a path through points, or along a Bézier curve."""
        from fpdf.drawing import PaintedPath

        scaled = [(x * self.scale, y * self.scale) for x, y in points]
        path = PaintedPath(*scaled[0])
        if curved:
            for i in range(1, len(scaled) - 2, 3):
                path.curve_to(*scaled[i], *scaled[i + 1], *scaled[i + 2])
        else:
            for point in scaled[1:]:
                path.line_to(*point)
        if closed:
            path.close()
        style = path.style
        style.auto_close = False
        style.fill_color = fill
        style.stroke_color = stroke.colour if stroke is not None else None
        if stroke is not None:
            style.stroke_width = stroke.width * self.scale
            style.stroke_join_style = "round"
            style.stroke_cap_style = "butt" if stroke.dashes else "round"
            style.stroke_dash_pattern = tuple(d * self.scale for d in stroke.dashes) or None
        self.paths.append(path)

    def bitmap(self, shape: Bitmap) -> None:
        """Writes pixels."""
        self.flush()
        scale = self.scale
        x, y, width, height = shape.x * scale, shape.y * scale, shape.width * scale, shape.height * scale
        slope = math.degrees(math.atan2(shape.rise, shape.width))
        with self.document.skew(0, slope, x, y) if shape.rise else nullcontext():
            self.document.image(io.BytesIO(shape.png), x, y, width, height)

    def flush(self) -> None:
        """Writes the paths so far."""
        if self.paths:
            context: DrawingContext
            with self.document.drawing_context() as context:
                for path in self.paths:
                    context.add_item(path, clone=False)
            self.paths = []

    def text(self, text: Text) -> None:
        """Writes a text, each part in the first font that has its characters."""
        self.flush()
        self.document.set_text_color(text.fill)
        x = text.left
        for part, face in split_by_face(
            _in_visual_order(clean(text.text)), typefaces_in_use().of(text.bold, text.italic)
        ):
            if face is not None:
                with nullcontext() if face.is_bundled else reading_tables(face.file):
                    self.document.set_font(self.family(face), size=text.size * self.scale)
                    self.document.text(x * self.scale, text.y * self.scale, part)
                x += sum(face.widths[c] for c in part) * text.size / 1000

    def family(self, face: Typeface) -> str:
        """The name of a font, which is added to the document if it is new."""
        if face not in self.families:
            if not face.is_bundled:
                check_tables(face)  # first, as fpdf2 leaves the file open if it cannot read it
            self.families[face] = f"font{len(self.families)}"
            self.document.add_font(self.families[face], fname=face.file, collection_font_number=face.number)
        return self.families[face]
