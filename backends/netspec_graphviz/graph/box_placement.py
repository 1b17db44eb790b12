"""The layout of a diagram by Graphviz."""

from __future__ import annotations

from ..diagram import Diagram
from ..graphviz_program import run_graphviz
from ..options import Options
from ..placement import Placement, read_placement
from .box_contents import BoxContents
from .dot_source import dot_source


def place_boxes(diagram: Diagram, contents: tuple[BoxContents, ...], options: Options) -> Placement:
    """Computes the positions of boxes and frames, and the routes of edges.

    Raises:
        BackendError: NS723, Graphviz is missing or fails; NS722, it exceeds the time limit.
    """
    placement = read_placement(run_graphviz(dot_source(diagram, contents, options), "json0", options.engine))
    axis = 0 if options.direction == "right" else 1
    boxes = placement.boxes
    if all(boxes[edge.tail][axis] < boxes[edge.head][axis] for edge in diagram.edges):
        return placement
    # Graphviz ranks each cluster separately, so that an edge between clusters may run backwards. Ranking everything
    # together avoids that, but leaves larger gaps.
    return read_placement(
        run_graphviz(dot_source(diagram, contents, options, global_ranks=True), "json0", options.engine)
    )
