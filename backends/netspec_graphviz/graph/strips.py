"""The strips of a box: one for each layer, or one for a closed block, with lines of text and a height."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from netspec.analysis.network_figures import Analysis
from netspec.diagnostics import clip
from netspec.report.number_format import short_number
from netspec_picture.typefaces import text_width

from ..colours import kind_of
from ..diagram import Box, Port
from ..figure_tree import Block, Layer, cost, multiplier, total
from ..operation_text import node_text, operation_text, result_text, shape_text
from ..options import Options

PAD = 9.0
"""Distance between the side of a box and its text."""
BAND_INSET = 2.0
"""Additional distance from the left side where a box has a band in the colours of its kinds."""
GAP = 16.0
"""Minimum distance between text on the left and text on the right."""
NAME, OPERATION, DETAIL = 12.0, 11.0, 10.0
"""Font sizes."""
MAX_NAME = 90
"""Maximum length of a name; the tooltip contains the full name."""
TALLY_WIDTH = 250.0
"""Width at which the list of the operations in a block continues on a new line."""

_UNITS = {
    "params": "params",
    "trainable": "trainable",
    "active": "active params",
    "buffers": "buffers",
    "macs": "MACs",
    "macs_needed": "MACs needed",
    "flops": "FLOPs",
    "activations": "activations",
    "connections": "connections",
}


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text in a strip."""

    text: str
    y: float
    """Distance of its baseline from the top of the strip."""
    size: float
    bold: bool = False
    side: Literal["left", "right"] = "left"
    secondary: bool = False
    x: float = 0.0
    """Additional distance from its side."""

    @property
    def width(self) -> float:
        """Distance from its side to the end of the text."""
        return self.x + text_width(self.text, self.size, self.bold)


@dataclass(frozen=True, slots=True)
class Strip:
    """A strip: a layer in a box, or the whole content of a closed block, an input or an output."""

    item: Layer | Block | Port
    kind: str | None
    """Kind of layer; None for anything else."""
    lines: tuple[TextLine, ...]
    height: float
    cost: int = 0
    """Cost that determines its shade."""
    shares: tuple[tuple[str, int], ...] = ()
    """For a block: the kinds of its layers, and how many there are of each."""

    @property
    def width(self) -> float:
        """The least width that holds all lines."""
        widest = 0.0
        for line in self.lines:
            opposite = [o.width + GAP for o in self.lines if o.y == line.y and o.side != line.side]
            widest = max(widest, line.width + max(opposite, default=0.0))
        return widest + 2 * PAD + (BAND_INSET if self.shares else 0.0)


def box_strips(box: Box, analysis: Analysis, options: Options) -> list[Strip]:
    """The strips of a box, from top to bottom."""
    content = box.content
    if isinstance(content, Port):
        return [_port_strip(content)]
    if isinstance(content, Block):
        strips = [_block_strip(content, analysis, options)]
    else:
        strips = [_layer_strip(content, analysis, options), *_activation_strips(content)]
    for layer in box.attached:
        strips += [_attached_strip(layer, analysis, options), *_activation_strips(layer)]
    if box.letters:
        strips[0] = _with_letters(strips[0], box.letters)
    return strips


def _with_letters(strip: Strip, letters: str) -> Strip:
    """The strip with the letters of shared weights behind its name and number of copies."""
    first = strip.lines[0]
    x = max(line.width for line in strip.lines if line.y == first.y and line.side == "left")
    return replace(strip, lines=(*strip.lines, TextLine(letters, first.y, NAME, bold=True, x=x + 8)))


def _port_strip(port: Port) -> Strip:
    text = shape_text(port.type.shape) + ("" if port.type.dtype == "float32" else f" {port.type.dtype}")
    name = TextLine(clip(port.name, MAX_NAME), 17, NAME, bold=True)
    return Strip(port, None, (name, TextLine(text, 17, DETAIL, secondary=True, x=name.width + 8)), 25)


def _layer_strip(layer: Layer, analysis: Analysis, options: Options) -> Strip:
    node = layer.nodes[0]
    name = TextLine(clip(layer.label, MAX_NAME), 16, NAME, bold=True)
    operation = node_text(node, analysis.graph)
    lines = [name, TextLine(result_text(layer.nodes[-1].outputs), 16, DETAIL, side="right", secondary=True)]
    if layer.further_copies:
        lines.append(TextLine(multiplier(layer), 16, NAME, bold=True, x=name.width + 8))
    if operation != layer.label:
        lines.append(TextLine(operation, 31, OPERATION))
    return _with_figures(layer, lines, 8.0 + lines[-1].y, analysis, options, kind_of(node.op.name).name)


def _attached_strip(layer: Layer, analysis: Analysis, options: Options) -> Strip:
    """The strip of a layer attached below another: name and operation on one line."""
    node = layer.nodes[0]
    name = TextLine(clip(layer.label, MAX_NAME), 14, OPERATION, bold=True)
    operation = node_text(node, analysis.graph)
    lines = [name, TextLine(result_text(layer.nodes[-1].outputs), 14, DETAIL, side="right", secondary=True)]
    if operation != layer.label:
        lines.append(TextLine(operation, 14, OPERATION, x=name.width + 7))
    return _with_figures(layer, lines, 20.0, analysis, options, kind_of(node.op.name).name)


def _activation_strips(layer: Layer) -> list[Strip]:
    """The strip of a layer's ``activation``, if it has one."""
    return [
        Strip(layer, kind_of(n.op.name).name, (TextLine(operation_text(n.op), 13, OPERATION),), 18.0)
        for n in layer.nodes[1:]
    ]


def _block_strip(block: Block, analysis: Analysis, options: Options) -> Strip:
    """The strip of a closed block: its name, its operations and its figures."""
    text = clip(block.label, MAX_NAME) or clip(analysis.graph.name, MAX_NAME)
    name = TextLine(text, 16, NAME, bold=True)
    lines = [name]
    if block.further_copies:
        lines.append(TextLine(multiplier(block), 16, NAME, bold=True, x=name.width + 8))
    if block.value is not None:
        text = shape_text(analysis.graph.values[block.value].shape)
        lines.append(TextLine(text, 16, DETAIL, side="right", secondary=True))
    y = 16.0
    if block.role:
        y += 15
        lines.append(TextLine(block.role, y, OPERATION))
    for text in _tally(block.operations):
        y += 14
        lines.append(TextLine(text, y, DETAIL, secondary=True))
    if not options.show:
        figures = total(block)
        y += 14
        amounts = ((figures.params, "params"), (figures.macs, "MACs"))
        texts = [f"{short_number(n)} {unit}" for n, unit in amounts if n]
        lines.append(TextLine(" · ".join(texts) or "no parameters", y, DETAIL, secondary=True))
    kinds: dict[str, int] = {}
    for operation, n in block.operations.items():
        kind = kind_of(operation).name
        kinds[kind] = kinds.get(kind, 0) + n
    return _with_figures(block, lines, y + 8, analysis, options, None, tuple(kinds.items()))


def _tally(operations: Mapping[str, int]) -> list[str]:
    """The operations of a block, most frequent first, on as many lines as needed: ``3 conv2d · 2 relu · add``."""
    lines: list[str] = []
    for name, n in sorted(operations.items(), key=lambda pair: -pair[1]):
        text = f"{n:,} {name}" if n > 1 else name
        longer = f"{lines[-1]} · {text}" if lines else text
        if lines and text_width(longer, DETAIL) <= TALLY_WIDTH:
            lines[-1] = longer
        else:
            lines.append(text)
    return lines


def _with_figures(
    item: Layer | Block,
    lines: list[TextLine],
    height: float,
    analysis: Analysis,
    options: Options,
    kind: str | None,
    shares: tuple[tuple[str, int], ...] = (),
) -> Strip:
    """The strip with the figures of ``show``, two per line."""
    figures = [text for figure in options.show if (text := _figure(item, figure, analysis))]
    y = max(line.y for line in lines)
    for i in range(0, len(figures), 2):
        y += 14
        height += 14
        lines.append(TextLine(" · ".join(figures[i : i + 2]), y, DETAIL, secondary=True))
    shading_cost = cost(item, options.shade_by) if options.shade_by else 0
    return Strip(item, kind, tuple(lines), height, shading_cost, shares)


def _figure(item: Layer | Block, figure: str, analysis: Analysis) -> str:
    if figure != "receptive_field":
        amount = cost(item, figure)
        return f"{short_number(amount)} {_UNITS[figure]}" if amount else ""
    from netspec.report.table_columns import field_text

    text = field_text(analysis.receptive_fields.of(item.value)) if item.value is not None else "-"
    return "" if text == "-" else f"field {text}"
