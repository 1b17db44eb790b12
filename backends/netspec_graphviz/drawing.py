"""A drawing: made when it is asked for, as SVG, PNG, PDF or DOT."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Any

from netspec.analysis.network import Analysis, analyze
from netspec.backend import BackendError
from netspec.diagnostics import Sources
from netspec.files import replacing
from netspec.ir import Graph

from .options import Options, options
from .picture.scene import Scene


class Drawing:
    """A drawing of a network; shown inline in notebooks.

    Args:
        graph: the network.
        chosen: what the drawing is to be.
        analysis: its figures, where they are known already.
        sources: texts of the spec, which the page shows; where there are none it reads the files.

    Raises (when it is first needed):
        BackendError: NS722, it is too large to be laid out; NS723, there is no engine.
    """

    def __init__(
        self, graph: Graph, chosen: Options, analysis: Analysis | None = None, sources: Sources | None = None
    ) -> None:
        self.graph = graph
        self.options = chosen
        self._given = analysis
        self._sources = sources

    @cached_property
    def analysis(self) -> Analysis:
        """The network's figures."""
        return self._given or analyze(self.graph)

    @cached_property
    def scene(self) -> Scene:
        """The picture's shapes."""
        if self.options.style == "volumes":
            from .volumes.volume_scene import volume_scene

            return volume_scene(self.analysis, self.options)
        from .diagram import plan
        from .graph.box_contents import looks
        from .graph.box_placement import place_boxes
        from .graph.graph_scene import graph_scene

        planned = plan(self.analysis, self.options)
        sized = looks(planned, self.options)
        return graph_scene(planned, sized, place_boxes(planned, sized, self.options), self.options)

    @cached_property
    def dot(self) -> str:
        """The graph in the DOT language, with names, texts and colours, to take further."""
        from .diagram import plan
        from .graph.box_contents import looks
        from .graph.dot_source import dot_source

        planned = plan(self.analysis, self.options)
        return dot_source(planned, looks(planned, self.options), self.options, written=True)

    def svg(self) -> str:
        """The picture as an SVG document; the same text for the same network, options and engine."""
        from .picture.svg import write

        return write(self.scene)

    def png(self, scale: float = 2.0) -> bytes:
        """The picture in pixels, ``scale`` to each point."""
        from .picture.png import write

        return write(self.scene, scale)

    def pdf(self) -> bytes:
        """The picture as a PDF document of one page."""
        from .picture.pdf import write

        return write(self.scene)

    def page(self) -> str:
        """The network as an HTML page to explore, in one file."""
        from .page.page_html import page_html

        texts: list[str | None] | None = None
        if self._sources is not None:
            by_name = dict(zip(self._sources.names, self._sources.texts, strict=True))
            texts = [by_name.get(name) for name in self.graph.files]
        return page_html(
            self.graph, spec_text=texts, depth=self.options.depth, direction=self.options.direction,
            dark=self.options.dark or None, shade_by=self.options.shade_by,
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the drawing to a file, by its ending: svg, png, pdf, dot or gv, html.

        Raises:
            BackendError: NS703, another ending; and those of drawing.
            FileWriteError: NS705, the file cannot be written.
        """
        ending = Path(path).suffix.lower()
        if ending == ".svg":
            data = self.svg().encode()
        elif ending == ".png":
            data = self.png()
        elif ending == ".pdf":
            data = self.pdf()
        elif ending in (".dot", ".gv"):
            data = self.dot.encode()
        elif ending in (".html", ".htm"):
            data = self.page().encode()
        else:
            raise BackendError(
                "NS703", f"drawings are not written as '{Path(path).name}'", "endings: .svg, .png, .pdf, .dot, .html"
            )
        with replacing(path) as file:
            file.write(data)

    def _repr_svg_(self) -> str:
        return self.svg()


def draw(
    graph: Graph, *, analysis: Analysis | None = None, sources: Sources | None = None, **given: Any
) -> Drawing:
    """A drawing of a graph; ``given`` are the fields of :class:`~netspec_graphviz.options.Options`, the others as for
    :class:`Drawing`.

    Raises:
        BackendError: NS721, an option or a value that there is not.
    """
    return Drawing(graph, options(given), analysis, sources)
