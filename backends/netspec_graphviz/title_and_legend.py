"""The title of a picture with totals, and its legend."""

from __future__ import annotations

from netspec.analysis.network_figures import Analysis
from netspec.diagnostics import clean, clip
from netspec.report.number_format import short_number
from netspec.report.total_lines import sizes_text
from netspec_picture.paint import mix
from netspec_picture.scene import Group, Line, Polygon, Rect, Shape, Stroke, Text
from netspec_picture.typefaces import text_width

from .colours import KINDS, PLAIN_COLOUR, WINDOW, Theme, shade
from .operation_text import shape_text
from .options import NO_TITLE

TITLE, SUBTITLE, SMALL = 18.0, 11.5, 10.5
SAMPLES = {"shade": 54.0, "letter": 0.0}
"""Widths of the samples in the legend that differ from the default."""
SKIP_DASHES = (5.0, 2.5)
"""Dash pattern of skip connections."""


def network_title(analysis: Analysis) -> str:
    """The network's name with its variant."""
    graph = analysis.graph
    return clip(graph.name + (f"@{graph.variant}" if graph.variant else ""), 80)


def totals(analysis: Analysis) -> str:
    """Returns the totals of the whole network in one line."""
    macs, flops = short_number(analysis.macs), short_number(analysis.flops)
    sizes = sizes_text(analysis.graph)
    at = f" at {sizes}" if sizes else ""
    return f"{analysis.params:,} parameters · {macs} MACs · {flops} FLOPs{at}"


def text_description(analysis: Analysis) -> str:
    """A text that describes the picture, for screen readers."""
    ends = [
        f"{kind} {name} {shape_text(t.shape)}"
        for kind, types in (("input", analysis.graph.input_types), ("output", analysis.graph.output_types))
        for name, t in types.items()
    ]
    return clean(f"{network_title(analysis)}: {len(analysis.layers):,} layers, {totals(analysis)}; {', '.join(ends)}")


def title_shapes(
    analysis: Analysis, theme: Theme, x: float, y: float, text: str | None = None
) -> tuple[list[Shape], float, float]:
    """Returns the shapes of the title, its width and its height.

    Args:
        analysis: the network, whose totals are shown below the title.
        theme: the colours.
        x: left edge.
        y: top edge.
        text: replaces the network's name; ``none`` for no title.
    """
    if text == NO_TITLE:
        return [], 0.0, 0.0
    title = Text(x, y + 16, network_title(analysis) if text is None else clip(text, 200), TITLE, theme.ink, bold=True)
    below = Text(x, y + 34, totals(analysis), SUBTITLE, theme.faint)
    return [Group("title", "", (title, below))], max(title.width, below.width), 40.0


def legend_shapes(
    entries: list[tuple[str, str]], theme: Theme, x: float, y: float, room: float
) -> tuple[list[Shape], float]:
    """Returns the shapes of the legend, and its height.

    Args:
        entries: texts with their samples: a kind of layer, ``skip``, ``positions``, ``copies``, ``shade``, ``window``,
            ``block``, or ``letter``, which has none.
        theme: colours of the picture.
        x: left edge.
        y: top edge.
        room: maximum width.
    """
    shapes: list[Shape] = []
    at, line = x, y
    for text, kind in entries:
        sample = SAMPLES.get(kind, 22.0)
        needed = sample + 6 + text_width(text, SMALL)
        if at > x and at + needed > x + room:
            at, line = x, line + 20
        if sample:
            shapes += _sample(kind, at, line, sample, theme)
        shapes.append(Text(at + sample + 6, line + 10.5, text, SMALL, theme.faint))
        at += needed + 18
    return [Group("legend", "", tuple(shapes))] if shapes else [], (line - y + 14) if shapes else 0.0


def _sample(kind: str, x: float, y: float, w: float, theme: Theme) -> list[Shape]:
    if kind == "skip":
        return [
            Line(((x, y + 7), (x + w - 6, y + 7)), Stroke(theme.skip, 1.7, SKIP_DASHES)),
            Polygon(((x + w, y + 7), (x + w - 7, y + 4), (x + w - 7, y + 10)), theme.skip),
        ]
    if kind == "positions":
        return [
            Line(((x, y + 7), (x + w - 6, y + 7)), Stroke(theme.line, 1.2, (1.5, 2.5))),
            Polygon(((x + w, y + 7), (x + w - 7, y + 4), (x + w - 7, y + 10)), theme.line),
        ]
    if kind == "copies":
        stroke = Stroke(theme.frame)
        return [Rect(x + 3 * k, y + 3 * k, w - 8, 8, theme.levels[0], stroke, 2) for k in (2, 1, 0)]
    if kind == "shade":
        part = w / 9
        return [Rect(x + part * k, y + 1, part + 0.3, 12, shade((k / 8) ** 0.5)) for k in range(9)]
    if kind == "window":
        corners = (x + 6, y + 4), (x + 15, y), (x + 15, y + 10), (x + 6, y + 14)
        return [Polygon(corners, WINDOW, Stroke(theme.text, 0.8))]
    colour = mix(KINDS["conv"].colour, PLAIN_COLOUR, 0.5) if kind == "block" else KINDS[kind].colour
    return [Rect(x, y + 1, w, 12, colour, Stroke(theme.border, 0.7), 3)]
