"""Drawings: the graph as the author named it, feature maps as boxes, and a page to explore."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netspec.backend import Need, Target
from netspec.ir import Graph, Node

if TYPE_CHECKING:
    from .drawing import Drawing

__all__ = ["backend", "draw"]


def draw(graph: Graph, **options: Any) -> Drawing:
    """A drawing of a graph, with ``svg()``, ``png()``, ``pdf()``, ``dot`` and ``save(path)``; inline in notebooks.

    Args:
        graph: the network.
        options: fields of :class:`netspec_graphviz.options.Options`: style, depth, show, direction, dark, shade_by,
            width_by, opened, legend.

    Raises:
        BackendError: NS721, an option or a value that there is not.
    """
    from .drawing import draw as drawn

    return drawn(graph, **options)


class GraphvizBackend:
    """The backend behind ``netspec draw``."""

    name = "graphviz"
    targets = (
        Target(".svg", "drawing"), Target(".png", "drawing"), Target(".pdf", "drawing"),
        Target(".dot", "Graphviz source"), Target(".gv", "Graphviz source"), Target(".html", "page to explore"),
    )
    needs = (Need("graphviz", "Graphviz", "graphviz graphviz-pure"),)

    def unsupported(self, graph: Graph) -> list[Node]:
        """None: every operation can be drawn."""
        return []

    def draw(self, graph: Graph, **options: Any) -> Drawing:
        """See :func:`draw`."""
        return draw(graph, **options)

    def export(self, graph: Graph, path: Path, options: Mapping[str, Any]) -> None:
        """Draws the graph to a file; see :meth:`netspec_graphviz.drawing.Drawing.save` for what it raises."""
        draw(graph, **options).save(path)


backend = GraphvizBackend()
