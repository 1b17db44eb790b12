"""Scales that map numbers to colours, and colour bars for them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netspec_picture.scene import Line, Rect, Shape, Stroke, Text
from netspec_picture.typefaces import ASCENT, text_width

from .sheet_layout import FAINT, INK, LABEL, Page, Panel
from .tiles import Picture, apply_colour_map, bitmap, overlay, robust_maximum

BAR = 5.0
"""Thickness of a colour bar in points."""
STEPS = 128
"""Number of colours of a bar."""


@dataclass(frozen=True)
class Scale:
    """Maps numbers from ``low`` to ``high`` to colours; numbers outside have the colour of the nearer end."""

    low: float
    high: float
    colours: str
    """Name of a Matplotlib colour map."""
    share: float = 1.0
    """Opacity of the colour over a grey image."""
    below: bool = False
    """Whether there are numbers less than ``low``."""
    above: bool = False
    """Whether there are numbers greater than ``high``."""

    def picture(self, values: NDArray[np.float32]) -> Picture:
        """Returns values (height, width) in their colours."""
        return apply_colour_map(values, self.low, self.high, self.colours)

    def steps(self) -> Picture:
        """Returns the colours from low to high, (1, steps, 3); if translucent, over mid-grey."""
        picture = self.picture(np.linspace(self.low, self.high, STEPS, dtype=np.float32)[None])
        return picture if self.share == 1 else overlay(np.full_like(picture, 128), picture, self.share)


def scale_of(values: NDArray[np.float32], unsigned: str = "magma", signed: str = "gray") -> Scale:
    """Returns a scale for all of the values: from zero, or symmetric about zero if some are negative."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    if low >= 0:
        return Scale(0.0, high, unsigned)
    limit = max(-low, high)
    return Scale(-limit, limit, signed)


def robust_scale(values: NDArray[np.float32], colours: str, *, signed: bool, share: float = 1.0) -> Scale:
    """Returns a scale up to the 99.5 % quantile of the absolute values, so that outliers do not darken the rest."""
    limit = robust_maximum(values)
    finite = values[np.isfinite(values)]
    above = bool(finite.size) and float(finite.max()) > limit
    below = bool(finite.size) and float(finite.min()) < -limit
    return Scale(-limit if signed else 0.0, limit, colours, share, below, above)


def ticks(low: float, high: float, most: int) -> list[float]:
    """Returns at most ``most`` round numbers from low to high: multiples of 1, 2, 2.5 or 5 times a power of ten."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return [low] if math.isfinite(low) else []
    exponent = math.floor(math.log10((high - low) / max(most, 1)))
    for factor in (1, 2, 2.5, 5, 10, 20, 25, 50, 100):
        step = factor * 10.0**exponent
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first + 1 <= most:
            return [i * step for i in range(first, last + 1)]
    return []


def number_text(value: float) -> str:
    """Returns a number with three digits and a true minus sign."""
    text = f"{value:.3g}" if value else "0"
    if "e" in text:
        mantissa, exponent = text.split("e")
        text = f"{mantissa}e{int(exponent)}"
    return text.replace("-", "−")


def _marks(scale: Scale, most: int) -> list[tuple[float, str]]:
    """Returns positions along the bar, 0 to 1, and their texts. A scale without a range has one mark."""
    span = scale.high - scale.low
    values = ticks(scale.low, scale.high, most) if span > 0 else [scale.low]
    return [((v - scale.low) / span if span > 0 else 0.0, number_text(v)) for v in values]


def _ends(scale: Scale) -> list[str]:
    """Returns the note of a bar on numbers beyond its ends."""
    below, above = f"clipped below {number_text(scale.low)}", f"clipped above {number_text(scale.high)}"
    return [below] * scale.below + [above] * scale.above


def vertical_bar(scale: Scale, length: float, page: Page) -> Panel:
    """Returns a bar from low at the bottom to high at the top, with ticks on its right."""
    length = page.snap(length)
    pixels = np.ascontiguousarray(scale.steps()[:, ::-1].transpose(1, 0, 2))
    shapes: list[Shape] = [bitmap(pixels, 0, 0, BAR, length)]
    shapes.append(Rect(0, 0, BAR, length, None, Stroke(FAINT, 0.4)))
    width = BAR
    for at, text in _marks(scale, max(2, int(length / 11))):
        y = length * (1 - at)
        shapes.append(Line(((BAR, y), (BAR + 2, y)), Stroke(FAINT, 0.4)))
        # Texts stay within the length of the bar.
        base = min(max(y + 0.35 * LABEL, ASCENT * LABEL), length)
        shapes.append(Text(BAR + 3.5, base, text, LABEL, INK))
        width = max(width, BAR + 3.5 + text_width(text, LABEL))
    return Panel(width, length, tuple(shapes))


def horizontal_bar(scale: Scale, length: float, page: Page) -> Panel:
    """Returns a bar from low at the left to high at the right, with ticks below it, and a note on numbers beyond."""
    length = page.snap(length)
    shapes: list[Shape] = [bitmap(scale.steps(), 0, 0, length, BAR)]
    shapes.append(Rect(0, 0, length, BAR, None, Stroke(FAINT, 0.4)))
    base = BAR + 3 + ASCENT * LABEL
    marks = _marks(scale, max(2, int(length / 24)))
    for at, text in marks:
        x = length * at
        shapes.append(Line(((x, BAR), (x, BAR + 2)), Stroke(FAINT, 0.4)))
        half = text_width(text, LABEL) / 2
        middle = min(max(x, half), max(length - half, half))
        shapes.append(Text(middle, base, text, LABEL, INK, anchor="middle"))
    width, height = length, BAR + 3 + LABEL
    for line in _ends(scale):
        height += 1.2 * LABEL
        shapes.append(Text(0, height - 0.1 * LABEL, line, LABEL, FAINT))
        width = max(width, text_width(line, LABEL))
    return Panel(width, height, tuple(shapes))
