"""Grids of numbers as pictures: one cell per value, shaded by it, with windows outlined."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from .sheet_layout import FAINT, INK, font
from .tiles import PAPER, Picture

LINE = (176, 176, 184)
WINDOW = (214, 69, 65)
"""Colour of the window that is explained."""
OTHER_WINDOW = (46, 110, 180)
"""Colour of the other windows."""
CELL = 46
"""Least side of a cell in pixels: a number with two decimals fits."""
FONT_SIZE = 13
"""Size of the numbers in pixels."""


@dataclass(frozen=True)
class Outline:
    """Cells with a line around them: from (top, left) up to and without (bottom, right)."""

    top: int
    left: int
    bottom: int
    right: int
    colour: tuple[int, int, int] = WINDOW
    width: int = 3


def number_grid(values: NDArray[np.float32], outlines: Iterable[Outline] = ()) -> Picture:
    """A grid with the number of each cell, shaded from the least (dark) to the greatest (light); NaN is a ``?``.

    Args:
        values: (rows, columns).
        outlines: lines around cells, drawn in order.
    """
    texts = [[format_number(float(v)) for v in row] for row in values]
    letters = font(FONT_SIZE)
    side = max(CELL, 10 + math.ceil(max(letters.getlength(text) for row in texts for text in row)))
    rows, columns = values.shape
    out = Image.new("RGB", (columns * side + 3, rows * side + 3), PAPER)
    draw = ImageDraw.Draw(out)
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    for i, row in enumerate(texts):
        for j, text in enumerate(row):
            x, y = 1 + j * side, 1 + i * side
            value = float(values[i, j])
            grey = 255
            if math.isfinite(value) and high > low:
                grey = round(70 + 185 * (value - low) / (high - low))
            ink = PAPER if grey < 140 else INK
            draw.rectangle((x, y, x + side, y + side), (grey, grey, grey), LINE)
            draw.text((x + side / 2, y + side / 2), text, FAINT if text == "?" else ink, letters, anchor="mm")
    for o in outlines:
        box = (1 + o.left * side, 1 + o.top * side, 1 + o.right * side, 1 + o.bottom * side)
        draw.rectangle(box, None, o.colour, o.width)
    return np.asarray(out)


def format_number(value: float) -> str:
    """A number with two decimals at most, or three digits if it is large; ``?`` for NaN."""
    if math.isnan(value):
        return "?"
    if abs(value) >= 1000:
        return f"{value:.3g}"
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
