"""The contents and the size of every box."""

from __future__ import annotations

from dataclasses import dataclass

from ..diagram import Box, Diagram, Frame, Port
from ..figure_tree import Block, Layer, cost
from ..options import Options
from .strips import Strip, box_strips

SHEET = 4.0
"""Offset of each sheet behind a box."""
WIDENING = 260.0
"""Additional width of the box with the greatest cost."""


@dataclass(frozen=True, slots=True)
class BoxContents:
    """The strips of a box, and its size."""

    strips: tuple[Strip, ...]
    width: float
    height: float
    sheets: float = 0.0
    """Total offset, to the right and down, of the sheets behind a box that represents several copies."""


def box_contents(diagram: Diagram, options: Options) -> tuple[BoxContents, ...]:
    """The contents of every box of a diagram, by its number."""
    strips_by_box = [box_strips(box, diagram.analysis, options) for box in diagram.boxes]
    widths = _align_widths(diagram, [max(s.width for s in strips) for strips in strips_by_box])
    if options.width_by is not None:
        costs = [_box_cost(box, options.width_by) for box in diagram.boxes]
        base, greatest = max(widths, default=0.0), max(costs, default=0) or 1
        widths = [
            w if isinstance(box.content, Port) else base + WIDENING * cost / greatest
            for box, w, cost in zip(diagram.boxes, widths, costs, strict=True)
        ]
    return tuple(
        BoxContents(tuple(strips), w, sum(s.height for s in strips), _sheets_size(box))
        for box, strips, w in zip(diagram.boxes, strips_by_box, widths, strict=True)
    )


def sheets(item: Layer | Block) -> tuple[float, ...]:
    """Returns the offsets of the sheets behind an item that represents several copies, the largest first."""
    return tuple(SHEET * k for k in range(min(len(item.further_copies), 2), 0, -1))


def _align_widths(diagram: Diagram, widths: list[float]) -> list[float]:
    """Makes all boxes within a frame as wide as the widest, except for unusually wide ones."""
    by_frame: dict[Frame, list[float]] = {}
    for box, w in zip(diagram.boxes, widths, strict=True):
        if not isinstance(box.content, Port):
            by_frame.setdefault(box.frame, []).append(w)
    common: dict[Frame, float] = {}
    for frame, group in by_frame.items():
        median = sorted(group)[len(group) // 2]
        common[frame] = max(w for w in group if w <= median * 1.4)
    return [
        w if isinstance(box.content, Port) else max(w, common[box.frame])
        for box, w in zip(diagram.boxes, widths, strict=True)
    ]


def _box_cost(box: Box, figure: str) -> int:
    if isinstance(box.content, Port):
        return 0
    return sum(cost(item, figure) for item in (box.content, *box.attached))


def _sheets_size(box: Box) -> float:
    return 0.0 if isinstance(box.content, Port) else max(sheets(box.content), default=0.0)
