"""What is written in each box, and how large the box must be for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from netspec.analysis.network import Analysis
from netspec.diagnostics import clip
from netspec.report.number_format import short_number

from ..colours import kind_of
from ..diagram import Box, Frame, Plan, Port
from ..operation_text import operation_text, result_text, shape_text
from ..options import Options
from ..picture.text_width import width
from ..tree import Block, Layer, cost, times, total

PAD = 9.0
"""Between a box's side and its text."""
GAP = 16.0
"""Between what is written to the left and to the right."""
NAME, OPERATION, DETAIL = 12.0, 11.0, 10.0
"""Sizes of text."""
LONGEST_NAME = 90
"""Characters of a name; the whole one is in the title that browsers show."""
TALLY = 250.0
"""Width at which the list of what a block holds goes on in a new line."""
SHEET = 4.0
"""How far each sheet behind a box comes out."""
WIDENING = 260.0
"""How much wider the box of the greatest cost is."""

_WORDS = {
    "params": "params", "trainable": "trainable", "buffers": "buffers", "macs": "MACs", "flops": "FLOPs",
    "activations": "activations", "connections": "connections",
}


@dataclass(frozen=True, slots=True)
class Written:
    """A line of text in a strip: to the left or right, its baseline from the strip's top."""

    text: str
    y: float
    size: float
    bold: bool = False
    side: Literal["left", "right"] = "left"
    lesser: bool = False
    x: float = 0.0
    """Further from its side."""

    @property
    def width(self) -> float:
        """How far from its side it reaches."""
        return self.x + width(self.text, self.size, self.bold)


@dataclass(frozen=True, slots=True)
class Strip:
    """A layer in a box, or the whole of a box that is no layer."""

    item: Layer | Block | Port
    kind: str | None
    """Kind of layer; None for what is none."""
    lines: tuple[Written, ...]
    height: float
    cost: int = 0
    """What it is shaded by."""
    shares: tuple[tuple[str, int], ...] = ()
    """Of a block: kinds of layers in it, and how many."""

    @property
    def width(self) -> float:
        """The least width that holds every line."""
        most = 0.0
        for line in self.lines:
            facing = [o.width + GAP for o in self.lines if o.y == line.y and o.side != line.side]
            most = max(most, line.width + max(facing, default=0.0))
        return most + 2 * PAD


@dataclass(frozen=True, slots=True)
class Look:
    """A box's strips and size."""

    strips: tuple[Strip, ...]
    width: float
    height: float
    sheets: float = 0.0
    """How far sheets come out behind it, to the right and below, where it stands for several."""


def looks(plan: Plan, options: Options) -> tuple[Look, ...]:
    """What every box of a plan looks like."""
    found = [_strips(box, plan, options) for box in plan.boxes]
    widths = _aligned(plan, [max(s.width for s in strips) for strips in found])
    if options.width_by is not None:
        costs = [_box_cost(box, options.width_by) for box in plan.boxes]
        least, most = max(widths, default=0.0), max(costs, default=0) or 1
        widths = [
            w if isinstance(box.content, Port) else least + WIDENING * cost / most
            for box, w, cost in zip(plan.boxes, widths, costs, strict=True)
        ]
    return tuple(
        Look(tuple(strips), w, sum(s.height for s in strips), _sheets(box))
        for box, strips, w in zip(plan.boxes, found, widths, strict=True)
    )


def _aligned(plan: Plan, widths: list[float]) -> list[float]:
    """Widths of the boxes: in a frame all are as wide as the widest, unless that is much wider than most."""
    by_frame: dict[Frame, list[float]] = {}
    for box, w in zip(plan.boxes, widths, strict=True):
        if not isinstance(box.content, Port):
            by_frame.setdefault(box.frame, []).append(w)
    common: dict[Frame, float] = {}
    for frame, found in by_frame.items():
        usual = sorted(found)[len(found) // 2]
        common[frame] = max(w for w in found if w <= usual * 1.4)
    return [
        w if isinstance(box.content, Port) else max(w, common[box.frame])
        for box, w in zip(plan.boxes, widths, strict=True)
    ]


def _box_cost(box: Box, figure: str) -> int:
    if isinstance(box.content, Port):
        return 0
    return sum(cost(item, figure) for item in (box.content, *box.attached))


def _sheets(box: Box) -> float:
    return 0.0 if isinstance(box.content, Port) else max(sheets(box.content), default=0.0)


def sheets(item: Layer | Block) -> tuple[float, ...]:
    """How far each sheet comes out behind what stands for several, the furthest first."""
    return tuple(SHEET * k for k in range(min(len(item.others), 2), 0, -1))


def _strips(box: Box, plan: Plan, options: Options) -> list[Strip]:
    content = box.content
    if isinstance(content, Port):
        return [_port(content)]
    analysis = plan.analysis
    first = _closed(content, analysis, options) if isinstance(content, Block) else _layer(content, analysis, options)
    out = [first]
    if isinstance(content, Layer):
        out += _activation(content)
    for layer in box.attached:
        out += [_slim(layer, analysis, options), *_activation(layer)]
    return out


def _port(port: Port) -> Strip:
    text = shape_text(port.type.shape) + ("" if port.type.dtype == "float32" else f" {port.type.dtype}")
    name = Written(clip(port.name, LONGEST_NAME), 17, NAME, bold=True)
    return Strip(port, None, (name, Written(text, 17, DETAIL, lesser=True, x=name.width + 8)), 25)


def _layer(layer: Layer, analysis: Analysis, options: Options) -> Strip:
    node = layer.nodes[0]
    name = Written(clip(layer.label, LONGEST_NAME), 16, NAME, bold=True)
    operation = operation_text(node.op)
    lines = [name, Written(result_text(layer.nodes[-1].outputs), 16, DETAIL, side="right", lesser=True)]
    if layer.others:
        lines.append(Written(times(layer), 16, NAME, bold=True, x=name.width + 8))
    if operation != layer.label:
        lines.append(Written(operation, 31, OPERATION))
    return _with_figures(layer, lines, 8.0 + lines[-1].y, analysis, options, kind_of(node.op.name).name)


def _slim(layer: Layer, analysis: Analysis, options: Options) -> Strip:
    """A layer attached below another: name and operation in one line."""
    node = layer.nodes[0]
    name = Written(clip(layer.label, LONGEST_NAME), 14, OPERATION, bold=True)
    operation = operation_text(node.op)
    lines = [name, Written(result_text(layer.nodes[-1].outputs), 14, DETAIL, side="right", lesser=True)]
    if operation != layer.label:
        lines.append(Written(operation, 14, OPERATION, x=name.width + 7))
    return _with_figures(layer, lines, 20.0, analysis, options, kind_of(node.op.name).name)


def _activation(layer: Layer) -> list[Strip]:
    """The strip of a layer's ``activation``."""
    return [
        Strip(layer, kind_of(n.op.name).name, (Written(operation_text(n.op), 13, OPERATION),), 18.0)
        for n in layer.nodes[1:]
    ]


def _closed(block: Block, analysis: Analysis, options: Options) -> Strip:
    text = clip(block.label, LONGEST_NAME) or clip(analysis.graph.name, LONGEST_NAME)
    name = Written(text, 16, NAME, bold=True)
    lines = [name]
    if block.others:
        lines.append(Written(times(block), 16, NAME, bold=True, x=name.width + 8))
    if block.result is not None:
        text = shape_text(analysis.graph.values[block.result].shape)
        lines.append(Written(text, 16, DETAIL, side="right", lesser=True))
    y = 16.0
    if block.scope.block:
        y += 15
        lines.append(Written(block.scope.block, y, OPERATION))
    for text in _tally(block.operations):
        y += 14
        lines.append(Written(text, y, DETAIL, lesser=True))
    if not options.show:
        figures = total(block)
        y += 14
        amounts = ((figures.params, "params"), (figures.macs, "MACs"))
        texts = [f"{short_number(n)} {what}" for n, what in amounts if n]
        lines.append(Written(" · ".join(texts) or "no parameters", y, DETAIL, lesser=True))
    kinds: dict[str, int] = {}
    for operation, n in block.operations.items():
        kind = kind_of(operation).name
        kinds[kind] = kinds.get(kind, 0) + n
    return _with_figures(block, lines, y + 8, analysis, options, None, tuple(kinds.items()))


def _tally(operations: Mapping[str, int]) -> list[str]:
    """``3 conv2d · 2 relu · add`` over as many lines as it takes."""
    lines: list[str] = []
    for name, n in sorted(operations.items(), key=lambda pair: -pair[1]):
        text = f"{n:,} {name}" if n > 1 else name
        longer = f"{lines[-1]} · {text}" if lines else text
        if lines and width(longer, DETAIL) <= TALLY:
            lines[-1] = longer
        else:
            lines.append(text)
    return lines


def _with_figures(
    item: Layer | Block, lines: list[Written], height: float, analysis: Analysis, options: Options, kind: str | None,
    shares: tuple[tuple[str, int], ...] = (),
) -> Strip:
    """The strip with the figures that were asked for, two to a line."""
    figures = [text for figure in options.show if (text := _figure(item, figure, analysis))]
    y = max(line.y for line in lines)
    for i in range(0, len(figures), 2):
        y += 14
        height += 14
        lines.append(Written(" · ".join(figures[i : i + 2]), y, DETAIL, lesser=True))
    shaded = cost(item, options.shade_by) if options.shade_by else 0
    return Strip(item, kind, tuple(lines), height, shaded, shares)


def _figure(item: Layer | Block, figure: str, analysis: Analysis) -> str:
    if figure != "receptive_field":
        amount = cost(item, figure)
        return f"{short_number(amount)} {_WORDS[figure]}" if amount else ""
    from netspec.report.columns import field_text

    text = field_text(analysis.receptive_fields.of(item.result)) if item.result is not None else "-"
    return "" if text == "-" else f"field {text}"
