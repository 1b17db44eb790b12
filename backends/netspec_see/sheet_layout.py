"""Sheets: captioned panels in rows under a title, in points, as shapes of a scene."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from netspec.diagnostics import clean
from netspec_picture.missing_characters import replace_missing
from netspec_picture.scene import Scene, Shape, Text, moved
from netspec_picture.typefaces import ASCENT, text_width

PAPER = "#ffffff"
INK = "#202024"
FAINT = "#66666e"
TITLE, CAPTION, NOTE, LABEL = 10.0, 8.0, 7.0, 6.5
"""Sizes of text: the title, captions above panels, notes below them, and numbers of ticks and tiles."""
MARGIN = 6.0
GAP = 9.0
"""Between panels."""
DPI = 144.0
"""Pixels per inch of PNG files by default."""
VECTOR_DETAIL = 2
"""Bitmaps in SVG and PDF files have this many times the resolution of a PNG file, for print."""
PAGE_WIDTH = 468.0
"""Width of the text of a page of paper: 6.5 in."""


@dataclass(frozen=True)
class Page:
    """The width and title of a sheet, and the resolution of its bitmaps."""

    width: float = PAGE_WIDTH
    """Greatest width of a sheet in points; a single tile or plot may be wider."""
    dpi: float = DPI
    """Pixels per inch of a PNG file, to which tiles are aligned."""
    detail: int = 1
    """Pixels of bitmaps for each of these pixels, along each axis."""
    title: str | None = None
    """A title in place of the sheet's own; empty for none."""
    absent: set[str] = field(default_factory=set[str], compare=False)
    """Characters of the texts so far that no font has, and that are shown as ``?``."""

    @property
    def room(self) -> float:
        """Width between the margins."""
        return self.width - 2 * MARGIN

    @property
    def pixel(self) -> float:
        """Side of a pixel in points."""
        return 72 / self.dpi

    def pixels(self, length: float) -> int:
        """A length in pixels, at least one."""
        return max(1, round(length / self.pixel))

    def snap(self, length: float) -> float:
        """The nearest multiple of a pixel."""
        return round(length / self.pixel) * self.pixel

    def text(self, text: str) -> str:
        """The text with ``?`` in place of characters that no font has; these are recorded."""
        fitting, absent = replace_missing(clean(text))
        self.absent.update(absent)
        return fitting


@dataclass(frozen=True)
class Panel:
    """Shapes in a rectangle whose upper left corner is the origin."""

    width: float
    height: float
    shapes: tuple[Shape, ...] = ()

    def at(self, x: float, y: float) -> tuple[Shape, ...]:
        """The shapes with the upper left corner at a position."""
        return tuple(moved(shape, x, y) for shape in self.shapes)


def text_panel(text: str, size: float, colour: str, page: Page, *, bold: bool = False) -> Panel:
    """A text in lines that are at most as wide as the page, if its words are not wider."""
    lines = [""]
    for word in page.text(text).split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and text_width(longer, size, bold) > page.room:
            lines.append(word)
        else:
            lines[-1] = longer
    height = round(1.3 * size, 1)
    shapes = [Text(0, i * height + 1.1 * ASCENT * size, line, size, colour, bold) for i, line in enumerate(lines)]
    return Panel(max(text_width(line, size, bold) for line in lines), height * len(lines), tuple(shapes))


def captioned(panel: Panel, page: Page, above: str = "", below: Sequence[str] = ()) -> Panel:
    """A panel with a caption above and lines of text below."""
    parts = [text_panel(above, CAPTION, INK, page, bold=True)] if above else []
    parts.append(panel)
    parts += [text_panel(line, NOTE, FAINT, page) for line in below]
    return stacked(parts, page, 1.5)


def stacked(panels: Sequence[Panel], page: Page, gap: float = GAP) -> Panel:
    """Panels below one another, aligned at the left."""
    shapes: list[Shape] = []
    y, bottom = 0.0, 0.0
    for panel in panels:
        shapes += panel.at(0, y)
        bottom = y + panel.height
        y = page.snap(bottom + gap)
    return Panel(max((p.width for p in panels), default=0), bottom, tuple(shapes))


def beside(panels: Sequence[Panel], page: Page, gap: float = GAP) -> Panel:
    """Panels beside one another, aligned at the top."""
    shapes: list[Shape] = []
    x, right = 0.0, 0.0
    for panel in panels:
        shapes += panel.at(x, 0)
        right = x + panel.width
        x = page.snap(right + gap)
    return Panel(right, max((p.height for p in panels), default=0), tuple(shapes))


def in_rows(panels: Sequence[Panel], page: Page, gap: float = GAP) -> Panel:
    """Panels in rows as wide as the page, in columns of equal width if all panels are equally wide."""
    rows: list[list[Panel]] = []
    used = 0.0
    for panel in panels:
        if rows and used + gap + panel.width <= page.room + 0.01:
            rows[-1].append(panel)
            used += gap + panel.width
        else:
            rows.append([panel])
            used = panel.width
    return stacked([beside(row, page, gap) for row in rows], page, gap)


def sheet_scene(title: str, content: Panel, page: Page) -> Scene:
    """A sheet: the content under a title."""
    heading = title if page.title is None else page.title
    parts = [text_panel(heading, TITLE, INK, page, bold=True)] if heading else []
    whole = stacked([*parts, content], page, 6)
    left = page.snap(MARGIN)
    width, height = (page.snap(side + 2 * MARGIN + page.pixel / 2) for side in (whole.width, whole.height))
    return Scene(
        width, height, PAPER, clean(title), f"A figure by netspec see: {clean(title)}", [*whole.at(left, left)]
    )


def shorten_middle(text: str, width: float, size: float = NOTE, *, bold: bool = False) -> str:
    """A text, shortened in the middle to a width in points."""
    text = clean(text)
    if text_width(text, size, bold) <= width:
        return text
    keep = len(text)
    while keep > 2:
        keep -= 1
        shortened = f"{text[: keep // 2]}…{text[-(keep - keep // 2) :]}"
        if text_width(shortened, size, bold) <= width:
            break
    return f"{text[: keep // 2]}…{text[-(keep - keep // 2) :]}"
