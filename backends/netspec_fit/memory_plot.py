"""Writes memory over time as an SVG picture and as comma-separated values."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from html import escape
from itertools import groupby

from netspec.backend import Memory, MemoryPeak
from netspec.diagnostics import clean, clip
from netspec.units import size_text

KINDS: dict[str, tuple[str, str]] = {
    "weights": ("weights", "#27496d"),
    "buffers": ("buffers", "#8d99ae"),
    "states": ("optimiser", "#5f8fc0"),
    "inputs": ("inputs", "#b9c6a0"),
    "gradients": ("gradients", "#d1603d"),
    "activations": ("activations", "#f2c46d"),
}
"""Fields of a moment, from the bottom up, with their labels and colours."""
WIDTH, HEIGHT = 760, 380
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 64, 44
COLUMNS = 600
"""Number of columns of the picture; each shows the largest of its moments."""
STEP_SHARE = 0.04
"""Fraction of the width that shows the optimiser's step."""


def memory_csv(memory: Memory) -> str:
    """Returns one line per moment: the pass, the layer, and bytes by kind."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["phase", "layer", *KINDS, "total"])
    for moment in memory.moments:
        writer.writerow([moment.phase, clean(moment.layer), *(getattr(moment, kind) for kind in KINDS), moment.total])
    return text.getvalue()


def memory_svg(memory: Memory, setting: str, limit: int | None) -> str:
    """Returns a picture of memory over time: bytes by kind, the passes, and the peak with its layer.

    Args:
        memory: a forecast with its moments.
        setting: a one-line description of the settings.
        limit: available bytes; a line is drawn if it is close to the peak.
    """
    plot = _Plot(memory, limit)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="Helvetica, Arial, sans-serif" font-size="12" fill="#222">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        _text(LEFT, 20, f"{clip(memory.network, 40)}: {clip(setting, 96)}", "start", 'font-size="14"'),
        *_legend(memory.moments),
        *plot.scale(),
        *plot.areas(),
        *plot.phases(),
        *plot.limit_line(),
        *plot.peak_label(),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _text(x: float, y: float, text: str, anchor: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{escape(text)}</text>'


def _tick(size: float) -> str:
    """Formats an axis label without trailing zeros."""
    number, unit = size_text(size).split(" ")
    return f"{float(number.replace(',', '')):,g} {unit}" if size else "0"


def _legend(moments: Sequence[MemoryPeak]) -> list[str]:
    """Returns coloured squares with the names of the kinds that occur."""
    lines: list[str] = []
    x = LEFT
    for kind, (title, colour) in KINDS.items():
        if any(getattr(moment, kind) for moment in moments):
            lines.append(f'<rect x="{x}" y="33" width="11" height="11" fill="{colour}"/>')
            lines.append(_text(x + 16, 43, title, "start"))
            x += 34 + 7 * len(title)
    return lines


class _Plot:
    """Moments with their positions in the picture."""

    def __init__(self, memory: Memory, limit: int | None) -> None:
        moments = memory.moments
        steps = [moment for moment in moments if moment.phase == "step"]
        others = _columns([moment for moment in moments if moment.phase != "step"])
        width = WIDTH - LEFT - RIGHT
        inner = width * (1 - STEP_SHARE) if steps else width
        self.moments = [*others, *steps]
        self.edges = [LEFT + inner * i / max(len(others), 1) for i in range(len(others) + 1)]
        self.edges += [float(LEFT + width)] * len(steps)
        self.peak = memory.peak
        self.limit = limit if limit is not None and 0.4 * limit <= memory.total <= 2.5 * limit else None
        self.top = max(memory.total, self.limit or 0) * 1.12 or 1

    def y(self, size: float) -> float:
        """Returns the vertical position of a size."""
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * size / self.top

    def scale(self) -> list[str]:
        """Returns grid lines and labels at round numbers."""
        step = 10 ** math.floor(math.log10(self.top / 3)) if self.top > 3 else 1
        step *= next(f for f in (5, 2, 1) if f * step <= self.top / 3 or f == 1)
        lines: list[str] = []
        for number in range(int(self.top // step) + 1):
            y = self.y(number * step)
            lines.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd" fill="none"/>')
            lines.append(_text(LEFT - 6, y + 4, _tick(number * step), "end"))
        return lines

    def areas(self) -> list[str]:
        """Returns stacked areas, one for each kind."""
        lines: list[str] = []
        below = [0] * len(self.moments)
        for kind, (_, colour) in KINDS.items():
            above = [low + getattr(moment, kind) for low, moment in zip(below, self.moments, strict=True)]
            if above != below:
                lines.append(f'<path d="{self._outline(below, above)}" fill="{colour}"/>')
            below = above
        return lines

    def _outline(self, below: Sequence[int], above: Sequence[int]) -> str:
        """Returns the outline of a stepped area."""
        parts = [f"M{self.edges[0]:.1f} {self.y(below[0]):.1f}"]
        for i, size in enumerate(above):
            parts.append(f"V{self.y(size):.1f}H{self.edges[i + 1]:.1f}")
        for i in range(len(below) - 1, -1, -1):
            parts.append(f"V{self.y(below[i]):.1f}H{self.edges[i]:.1f}")
        return "".join(parts) + "Z"

    def phases(self) -> list[str]:
        """Returns the names of the passes at the bottom, with a line at the start of each."""
        lines: list[str] = []
        first = 0
        for phase, moments in groupby(self.moments, key=lambda moment: moment.phase):
            last = first + len(list(moments))
            left, right = self.edges[first], self.edges[last]
            if first:
                lines.append(f'<path d="M{left:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#555" stroke-dasharray="2 3"/>')
            lines.append(_text((left + right) / 2, HEIGHT - BOTTOM + 18, phase, "middle"))
            first = last
        lines.append(_text(WIDTH - RIGHT, HEIGHT - 8, "functions in the order in which they run", "end", 'fill="#666"'))
        return lines

    def limit_line(self) -> list[str]:
        """Returns a line at the available memory."""
        if self.limit is None:
            return []
        y = self.y(self.limit)
        line = f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#a00" stroke-dasharray="6 3" fill="none"/>'
        return [line, _text(LEFT + 4, y - 5, f"{size_text(self.limit)} of memory", "start", 'fill="#a00"')]

    def peak_label(self) -> list[str]:
        """Returns a mark at the peak, with its size, pass and layer."""
        at = max(range(len(self.moments)), key=lambda i: self.moments[i].total, default=0)
        x, y = (self.edges[at] + self.edges[at + 1]) / 2, self.y(self.peak.total)
        where = "the optimiser's step" if self.peak.phase == "step" else f"the {self.peak.phase} pass"
        if self.peak.layer:
            where += f" of {clip(self.peak.layer, 40)}"
        label = f"peak {size_text(self.peak.total)} in {where}"
        half = 3.2 * len(label)
        middle = min(max(x, LEFT + half), WIDTH - RIGHT - half)
        halo = 'paint-order="stroke" stroke="#fff" stroke-width="3" font-weight="bold"'
        return [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="#222"/>', _text(middle, y - 9, label, "middle", halo)]


def _columns(moments: Sequence[MemoryPeak]) -> list[MemoryPeak]:
    """Returns at most :data:`COLUMNS` moments of each pass: the largest of each column."""
    out: list[MemoryPeak] = []
    every = max(1, -(-len(moments) // COLUMNS))
    for _, group in groupby(moments, key=lambda moment: moment.phase):
        inside = list(group)
        out += [max(inside[i : i + every], key=lambda moment: moment.total) for i in range(0, len(inside), every)]
    return out
