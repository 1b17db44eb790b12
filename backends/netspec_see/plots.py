"""Plots on a sheet, as lines and text: sparsity over the depth of a network, and the objective over steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from netspec_picture.scene import Line, Rect, Shape, Stroke, Text
from netspec_picture.typefaces import ASCENT, text_width

from .colour_bars import number_text, ticks
from .sheet_layout import FAINT, INK, LABEL, NOTE, Page, Panel, shorten_middle

SERIES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#a66f00", "#56b4e9", "#202024", "#8c8c94")
"""Colours of lines (Okabe & Ito 2008; yellow darkened); further lines are dashed."""
GRID = "#d8d8de"
AXIS = Stroke("#8c8c94", 0.6)
LONGEST_NAME = 90.0
"""Width of the longest name of a bar, in points."""


def bar_plot(names: Sequence[str], values: Sequence[float], unit: str, page: Page) -> Panel:
    """Values from 0 to 100 as horizontal bars, the first at the top, with their names and numbers.

    Args:
        names: a name for each bar.
        values: their lengths.
        unit: what the axis says.
        page: the width.
    """
    pitch = 10.0 if len(names) <= 60 else max(2.0, 600 / len(names))
    short_names = [shorten_middle(page.text(name), LONGEST_NAME) for name in names]
    every = max(1, int(np.ceil((NOTE + 1) / pitch)))
    left = max((text_width(name, NOTE) for name in short_names), default=0) + 4
    length = max(60.0, min(240.0, page.room - left - 24))
    bottom = pitch * len(names)
    shapes: list[Shape] = []
    for value in ticks(0, 100, 6):
        x = left + length * value / 100
        shapes.append(Line(((x, 0), (x, bottom)), Stroke(GRID, 0.5)))
        shapes.append(Text(x, bottom + 1.3 * LABEL, number_text(value), LABEL, FAINT, anchor="middle"))
    for i, (name, value) in enumerate(zip(short_names, values, strict=True)):
        y = i * pitch
        shapes.append(Rect(left, y + 0.14 * pitch, length * value / 100, 0.72 * pitch, SERIES[0]))
        if i % every == 0:
            base = y + pitch / 2 + 0.36 * NOTE
            shapes.append(Text(left - 4, base, name, NOTE, INK, anchor="end"))
            if every == 1:
                at = left + length * value / 100 + 3
                shapes.append(Text(at, base, f"{value:.0f}", LABEL, FAINT))
    shapes.append(Line(((left, 0), (left, bottom)), AXIS))
    shapes.append(Text(left + length / 2, bottom + 2.7 * LABEL, unit, NOTE, INK, anchor="middle"))
    return Panel(left + length + 24, bottom + 3 * LABEL, tuple(shapes))


def line_plot(names: Sequence[str], values: NDArray[np.float32], x_label: str, y_label: str, page: Page) -> Panel:
    """Values (steps, lines) over the steps, each line with its name at its end.

    Args:
        names: a name for each line.
        values: what the lines show.
        x_label: what the horizontal axis says.
        y_label: what the vertical axis says, above it.
        page: the width.
    """
    finite = values[np.isfinite(values)]
    low, high = (min(0.0, float(finite.min())), max(0.0, float(finite.max()))) if finite.size else (0.0, 1.0)
    high = high if high > low else low + 1
    marks = ticks(low, high, 6)
    short_names = [shorten_middle(page.text(name), 70, LABEL) for name in names]
    right = max((text_width(name, LABEL) for name in short_names), default=0) + 16
    left = max(text_width(number_text(v), LABEL) for v in marks) + 4
    length, height = max(80.0, min(280.0, page.room - left - right)), 100.0
    top = 1.6 * NOTE

    def at(step: int, value: float) -> tuple[float, float]:
        return left + length * step / max(1, len(values) - 1), top + height * (high - value) / (high - low)

    shapes: list[Shape] = [Text(0, NOTE, y_label, NOTE, INK)]
    for value in marks:
        y = at(0, value)[1]
        shapes.append(Line(((left, y), (left + length, y)), Stroke(GRID, 0.5)))
        shapes.append(Text(left - 4, y + 0.36 * LABEL, number_text(value), LABEL, FAINT, anchor="end"))
    for value in ticks(0, len(values) - 1, 6):
        if value != int(value):
            continue  # there are no steps between
        x = at(int(value), 0)[0]
        shapes.append(Text(x, top + height + 1.4 * LABEL, number_text(value), LABEL, FAINT, anchor="middle"))
    shapes.append(Text(left + length / 2, top + height + 2.8 * LABEL, x_label, NOTE, INK, anchor="middle"))
    ends = _apart([at(0, float(line[-1]))[1] for line in values.T], 1.15 * LABEL, top, top + height + LABEL)
    for i, (name, line) in enumerate(zip(short_names, values.T, strict=True)):
        dashes = ((), (3.0, 1.5), (1.0, 1.5), (4.0, 1.0, 1.0, 1.0))[i // len(SERIES) % 4]
        stroke = Stroke(SERIES[i % len(SERIES)], 1.0, dashes)
        points = tuple(at(step, float(v)) for step, v in enumerate(line) if np.isfinite(v))
        if points:
            shapes.append(Line(points, stroke))
            shapes.append(Line((points[-1], (left + length + 10, ends[i])), Stroke(stroke.colour, 0.4)))
        shapes.append(Text(left + length + 12, ends[i] + 0.5 * ASCENT * LABEL, name, LABEL, stroke.colour))
    shapes.append(Line(((left, top), (left, top + height), (left + length, top + height)), AXIS))
    return Panel(left + length + right, max(top + height + 3 * LABEL, max(ends, default=0) + LABEL), tuple(shapes))


def _apart(preferred: Sequence[float], distance: float, low: float, high: float) -> list[float]:
    """Positions near the preferred ones, at least a distance apart, and from low to high if they fit there."""
    order = sorted(range(len(preferred)), key=lambda i: preferred[i])
    out = [0.0] * len(preferred)
    previous = low - distance
    for i in order:
        previous = out[i] = max(preferred[i] if np.isfinite(preferred[i]) else low, previous + distance)
    limit = max(high, low + distance * (len(preferred) - 1))
    for i in reversed(order):
        out[i] = min(out[i], limit)
        limit = out[i] - distance
    return out
