"""Sheets: captioned pictures in rows under a title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from netspec.diagnostics import clean

from .tiles import PAPER, Picture

INK = (32, 32, 36)
FAINT = (110, 110, 118)
MARGIN = 16
GAP = 14
"""Between panels."""


@dataclass(frozen=True)
class Panel:
    """A picture with a caption above and lines of text below."""

    picture: Picture
    above: str = ""
    below: tuple[str, ...] = ()


@dataclass
class Sheet:
    """Rows of panels under a title."""

    title: str
    rows: list[Sequence[Panel]] = field(default_factory=list[Sequence[Panel]])

    def add(self, *panels: Panel) -> None:
        """Adds a row."""
        self.rows.append(panels)

    def render(self) -> Image.Image:
        """The sheet as an image."""
        title, strong, small = font(17, bold=True), font(13, bold=True), font(12)
        boxes = [[_extent(p) for p in row] for row in self.rows]
        width = (
            max(
                [
                    round(title.getlength(clean(self.title))),
                    *(sum(w for w, _ in row) + GAP * (len(row) - 1) for row in boxes),
                ]
            )
            + 2 * MARGIN
        )
        height = MARGIN + 30 + sum(max((h for _, h in row), default=0) + GAP for row in boxes) + MARGIN - GAP
        out = Image.new("RGB", (width, height), PAPER)
        draw = ImageDraw.Draw(out)
        draw.text((MARGIN, MARGIN - 4), clean(self.title), INK, title)
        y = MARGIN + 30
        for row, sizes in zip(self.rows, boxes, strict=True):
            x = MARGIN
            for panel, (w, _) in zip(row, sizes, strict=True):
                at = y
                if panel.above:
                    draw.text((x, at), clean(panel.above), INK, strong)
                    at += 20
                out.paste(Image.fromarray(panel.picture), (x, at))
                at += panel.picture.shape[0] + 4
                for line in panel.below:
                    draw.text((x, at), clean(line), FAINT, small)
                    at += 16
                x += w + GAP
            y += max((h for _, h in sizes), default=0) + GAP
        return out


def _extent(panel: Panel) -> tuple[int, int]:
    """Width and height of a panel in pixels."""
    wide = [panel.picture.shape[1], round(font(13, bold=True).getlength(clean(panel.above)))]
    wide += [round(font(12).getlength(clean(line))) for line in panel.below]
    height = panel.picture.shape[0] + (20 if panel.above else 0) + (4 + 16 * len(panel.below) if panel.below else 0)
    return max(wide), height


@cache
def font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    """Matplotlib's own font, so that sheets look the same on every machine."""
    from matplotlib import get_data_path

    return ImageFont.truetype(f"{get_data_path()}/fonts/ttf/DejaVuSans{'-Bold' if bold else ''}.ttf", size)


def text_width(text: str) -> int:
    """Width in pixels of a line below a picture."""
    return round(font(12).getlength(clean(text)))


def shorten_middle(text: str, width: int) -> str:
    """A name, shortened in the middle to fit below a picture of that width."""
    text = clean(text)
    if text_width(text) <= width:
        return text
    keep = len(text)
    while keep > 2 and text_width(f"{text[: keep // 2]}…{text[-(keep - keep // 2) :]}") > width:
        keep -= 1
    return f"{text[: keep // 2]}…{text[-(keep - keep // 2) :]}"


def stack_sheets(sheets: Sequence[Sheet]) -> Image.Image:
    """Sheets below one another in one image."""
    images = [s.render() for s in sheets]
    out = Image.new("RGB", (max(i.width for i in images), sum(i.height for i in images)), PAPER)
    y = 0
    for image in images:
        out.paste(image, (0, y))
        y += image.height
    return out
