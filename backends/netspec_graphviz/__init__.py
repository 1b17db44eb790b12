"""Drawings: a network as a graph of boxes, its feature maps as volumes, and an HTML page to explore."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netspec.backend import CostColumn, Direction, Need, Style, Target
from netspec.ir import Graph, Node

from .graphviz_program import PURE

if TYPE_CHECKING:
    from .drawing import Drawing

__all__ = ["backend", "draw"]


def draw(
    graph: Graph,
    *,
    style: Style = "graph",
    depth: int | None = None,
    show: str | Iterable[str] = (),
    direction: Direction = "down",
    dark: bool = False,
    shade_by: CostColumn | None = None,
    width_by: CostColumn | None = None,
    opened: Iterable[str] | None = None,
    legend: bool = True,
) -> Drawing:
    """A drawing of a network, shown inline in notebooks.

    Args:
        graph: the network.
        style: ``graph``; ``volumes``, feature maps as boxes; ``neurons``, units and connections of a small network.
        depth: number of block levels to open; None opens all (for ``volumes``: as many as the figure has room for).
        show: figures to write into each layer, by the names of the report's columns: a list or a text with commas.
        direction: direction in which the graph runs.
        dark: whether to use a dark background.
        shade_by: figure that determines the shade of a box, instead of the kind of layer.
        width_by: figure that determines the width of a box.
        opened: names of the blocks to open, instead of ``depth``.
        legend: whether to add a legend.

    Raises:
        BackendError: NS721, an invalid value.
    """
    from .drawing import drawing_from_mapping

    return drawing_from_mapping(
        graph,
        {
            "style": style,
            "depth": depth,
            "show": show,
            "direction": direction,
            "dark": dark,
            "shade_by": shade_by,
            "width_by": width_by,
            "opened": opened,
            "legend": legend,
        },
    )


class GraphvizBackend:
    """The backend of ``netspec draw`` and :func:`netspec.draw`."""

    name = "graphviz"
    targets = (
        # Volumes are drawn without Graphviz; whatever cannot be says so when it is drawn.
        Target(".svg", "drawing", needs=()),
        Target(".png", "drawing", needs=()),
        Target(".pdf", "drawing", needs=()),
        Target(".dot", "Graphviz source", needs=()),
        Target(".gv", "Graphviz source", needs=()),
        Target(".html", "page to explore", needs=()),
    )
    needs = (
        Need("", "Graphviz", PURE, programs=("dot", PURE), use="the style graph as .svg, .png or .pdf, and every .png"),
    )
    draw = staticmethod(draw)

    def unsupported(self, graph: Graph) -> list[Node]:
        """Always empty: every operation can be drawn."""
        return []

    def export(self, graph: Graph, path: Path, options: Mapping[str, Any]) -> None:
        """Writes a drawing to a file.

        Args:
            graph: the network.
            path: the file.
            options: keywords of :func:`draw`; ``format``, by default the extension of the file; ``sources``, the texts
                of the spec, for the HTML page.

        Raises:
            BackendError: NS721, an unknown option or an invalid value; those of
                :meth:`netspec_graphviz.drawing.Drawing.save`.
        """
        from .drawing import drawing_from_mapping

        remaining = dict(options)
        format_ = remaining.pop("format", None)
        drawing_from_mapping(graph, remaining).save(path, format_)


backend = GraphvizBackend()
