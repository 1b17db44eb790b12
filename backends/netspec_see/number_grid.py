"""Grids of numbers: one cell per value, shaded by it, with windows outlined."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netspec_picture.paint import is_dark
from netspec_picture.scene import Rect, Shape, Stroke, Text
from netspec_picture.typefaces import text_width

from .sheet_layout import FAINT, LABEL, PAPER, Page, Panel

BLACK = "#000000"
"""Colour of numbers on light cells: either it or white has a contrast of at least 4.5 on every grey."""
LINE = "#b0b0b8"
WINDOW = "#d64541"
"""Colour of the window that is explained."""
OTHER_WINDOW = "#2e6eb4"
"""Colour of the other windows."""
CELL = 18.0
"""Least side of a cell in points: a number with two decimals fits."""


@dataclass(frozen=True)
class Outline:
    """Cells with a line around them: from (top, left) up to, but not including, (bottom, right)."""

    top: int
    left: int
    bottom: int
    right: int
    colour: str = WINDOW
    width: float = 1.5


def number_grid(values: NDArray[np.float32], outlines: Iterable[Outline], page: Page) -> Panel:
    """A grid with the number of each cell, shaded from the least (dark) to the greatest (light); NaN is a ``?``.

    Cells grow with their numbers, whose size is that of all labels.

    Args:
        values: (rows, columns).
        outlines: lines around cells, drawn in order.
        page: the resolution.
    """
    texts = [[format_number(float(v)) for v in row] for row in values]
    side = max(CELL, 4 + math.ceil(max(text_width(text, LABEL) for row in texts for text in row)))
    side = page.snap(side)
    rows, columns = values.shape
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    shapes: list[Shape] = []
    for i, row in enumerate(texts):
        for j, text in enumerate(row):
            value = float(values[i, j])
            grey = 255
            if math.isfinite(value) and high > low:
                grey = round(70 + 185 * (value - low) / (high - low))
            fill = f"#{grey:02x}{grey:02x}{grey:02x}"
            ink = FAINT if text == "?" else PAPER if is_dark(fill) else BLACK
            x, y = 1 + j * side, 1 + i * side
            shapes.append(Rect(x, y, side, side, fill, Stroke(LINE, 0.5)))
            shapes.append(Text(x + side / 2, y + side / 2 + 0.36 * LABEL, text, LABEL, ink, anchor="middle"))
    for o in outlines:
        width, height = (o.right - o.left) * side, (o.bottom - o.top) * side
        shapes.append(Rect(1 + o.left * side, 1 + o.top * side, width, height, None, Stroke(o.colour, o.width)))
    return Panel(columns * side + 2, rows * side + 2, tuple(shapes))


def format_number(value: float) -> str:
    """A number with two decimals at most, or three digits if it is large; ``?`` for NaN."""
    if math.isnan(value):
        return "?"
    if abs(value) >= 1000:
        return f"{value:.3g}"
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
