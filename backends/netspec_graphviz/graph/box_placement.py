"""Where the layout engine puts the boxes of a diagram."""

from __future__ import annotations

from ..diagram import Plan
from ..graphviz_program import run_engine
from ..options import Options
from ..placement import Placement, read_placement
from .box_contents import Look
from .dot_source import dot_source


def place_boxes(plan: Plan, looks: tuple[Look, ...], options: Options) -> Placement:
    """Where an engine puts a plan's boxes.

    Raises:
        BackendError: NS723, there is no engine; NS722, it took too long.
    """
    placement = read_placement(run_engine(dot_source(plan, looks, options), "json0"))
    axis = 0 if options.direction == "right" else 1
    boxes = placement.boxes
    if all(boxes[edge.tail][axis] < boxes[edge.head][axis] for edge in plan.edges):
        return placement
    # Blocks were laid out each for itself, and an edge between them goes back: then all at once, with more gaps.
    return read_placement(run_engine(dot_source(plan, looks, options, at_once=True), "json0"))
