"""Drawings: graphs of boxes, feature maps as volumes, small networks as neurons, and HTML pages to explore."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
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
    """Creates a drawing of a network; notebooks show it inline.

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
        # Graphviz is not required for volumes. Drawings that need it report an error when they are rendered.
        Target(".svg", "drawing", needs=()),
        Target(".png", "drawing", needs=PNG),
        Target(".pdf", "drawing", needs=PDF),
        Target(".tex", "TikZ source", needs=()),
        Target(".dot", "Graphviz source", needs=()),
        Target(".gv", "Graphviz source", needs=()),
        Target(".html", "page to explore", needs=(), shows_weights=True),
    )
    needs = (
        Need("", "Graphviz", PURE, programs=(PURE, "dot"), use="the style graph as .svg, .png, .pdf or .tex"),
        *PNG,
        *PDF,
        *FONTS,
    )
    draw = staticmethod(draw)

    def page(
        self,
        graph: Graph,
        *,
        weights: str | os.PathLike[str] | None = None,
        rename: Sequence[str] = (),
        in_order: bool = False,
        strict: bool = True,
        **keywords: Unpack[DrawingOptions],
    ) -> str:
        """Returns the page to explore, as HTML; the keywords are those of :func:`netspec.explore`."""
        from netspec.backend.export import check_weight_arguments, open_weight_source

        from .drawing import drawing_from_mapping
        from .libraries import NUMPY, require_libraries
        from .options import check_format

        check_weight_arguments(0, weights, rename, in_order, strict)
        source = None
        if weights is not None:
            require_libraries(NUMPY)
            source = open_weight_source(graph, 0, weights, rename, in_order, strict)
        drawing = drawing_from_mapping(graph, {**keywords, "source": source})
        check_format(drawing.options, "html")
        return drawing.page()

    def unsupported(self, graph: Graph) -> list[Node]:
        """Always empty: every operation can be drawn."""
        return []

    def export(self, graph: Graph, path: Path, options: Mapping[str, Any]) -> None:
        """Writes a drawing to a file.

        Args:
            graph: the network.
            path: the file.
            options: see :class:`netspec.backend.DrawingFileOptions`; ``sources``, the texts of the spec, for the HTML
                page, and ``source``, trained weights; ``on_figure``, called with the
                :class:`netspec.backend.FigureSummary` of a figure with a width.

        Raises:
            BackendError: NS721, an unknown option or an invalid value; those of
                :meth:`netspec_graphviz.drawing.Drawing.save`.
        """
        from .drawing import drawing_from_mapping

        remaining = {name: value for name, value in options.items() if name != "progress"}
        format_, on_figure = remaining.pop("format", None), remaining.pop("on_figure", None)
        drawing = drawing_from_mapping(graph, remaining)
        drawing.save(path, format_)
        if on_figure is not None and drawing.summary is not None:
            on_figure(drawing.summary)


backend = GraphvizBackend()
