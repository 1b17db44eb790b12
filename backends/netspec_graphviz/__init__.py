"""Drawings: a network as a graph of boxes, its feature maps as volumes, and an HTML page to explore."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from netspec.backend import DrawingOptions, Need, Target
from netspec.ir import Graph, Node

from .graphviz_program import PURE
from .libraries import FONTS, PDF, PNG

if TYPE_CHECKING:
    from .drawing import Drawing

__all__ = ["backend", "draw"]


def draw(graph: Graph, **options: Unpack[DrawingOptions]) -> Drawing:
    """A drawing of a network, shown inline in notebooks.

    Args:
        graph: the network.
        options: see :class:`netspec.backend.DrawingOptions`.

    Raises:
        BackendError: NS721, an invalid value.
    """
    from .drawing import drawing_from_mapping

    return drawing_from_mapping(graph, options)


class GraphvizBackend:
    """The backend of ``netspec draw`` and :func:`netspec.draw`."""

    name = "graphviz"
    targets = (
        # Volumes are drawn without Graphviz; whatever cannot be says so when it is drawn.
        Target(".svg", "drawing", needs=()),
        Target(".png", "drawing", needs=PNG),
        Target(".pdf", "drawing", needs=PDF),
        Target(".tex", "TikZ source", needs=()),
        Target(".dot", "Graphviz source", needs=()),
        Target(".gv", "Graphviz source", needs=()),
        Target(".html", "page to explore", needs=()),
    )
    needs = (
        Need("", "Graphviz", PURE, programs=(PURE, "dot"), use="the style graph as .svg, .png, .pdf or .tex"),
        *PNG,
        *PDF,
        *FONTS,
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
            options: see :class:`netspec.backend.DrawingFileOptions`; ``sources``, the texts of the spec, for the HTML
                page; ``on_figure``, called with the :class:`netspec.backend.FigureSummary` of a figure with a width.

        Raises:
            BackendError: NS721, an unknown option or an invalid value; those of
                :meth:`netspec_graphviz.drawing.Drawing.save`.
        """
        from .drawing import drawing_from_mapping

        remaining = dict(options)
        format_, on_figure = remaining.pop("format", None), remaining.pop("on_figure", None)
        drawing = drawing_from_mapping(graph, remaining)
        drawing.save(path, format_)
        if on_figure is not None and drawing.summary is not None:
            on_figure(drawing.summary)


backend = GraphvizBackend()
