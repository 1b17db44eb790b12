"""A drawing of a network: rendered on demand as SVG, PNG, PDF, TeX, DOT or HTML."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from netspec.analysis.network_figures import Analysis, analyze
from netspec.backend import BackendError, FigureSummary
from netspec.diagnostics import Sources, clip, did_you_mean
from netspec.files import is_stream, replace_file
from netspec.ir import Graph, UnknownNameError
from netspec.ir.tree import Branch
from netspec_picture.lengths import POINTS
from netspec_picture.scene import NO_COLOUR, Scene, smallest_text
from netspec_picture.typefaces import POINTS_PER_INCH, Typefaces, bundled, use_typefaces

from .kind_marks import mark_kinds
from .libraries import FONTS, PDF, PNG, require_libraries
from .options import TRANSPARENT, Options, check_format, parse_options
from .palettes import Palette, find_palette, use_palette

if TYPE_CHECKING:
    from netspec.weights import WeightSource

    from .figure.composition import Composition


class Drawing:
    """A drawing of a network, shown inline in notebooks. Create one with :func:`netspec_graphviz.draw`.

    Each format is rendered when it is requested.

    Args:
        graph: the network.
        options: the options of the drawing.
        sources: texts of the spec, for the HTML page; by default, the page reads the files of the graph.
        weights: trained weights, which the HTML page shows.

    Raises (when a format is requested):
        BackendError: NS722, the network is too large to draw; NS723, Graphviz is missing or fails; NS704, a library
            that the format needs is missing; NS796, NS797, an invalid file with a palette or a font; NS798, no font has
            a character.
    """

    def __init__(
        self, graph: Graph, options: Options, sources: Sources | None = None, weights: WeightSource | None = None
    ) -> None:
        self.graph = graph
        self.options = options
        self._sources = sources
        self._weights = weights

    @cached_property
    def analysis(self) -> Analysis:
        """The computed figures of the network."""
        return analyze(self.graph)

    @cached_property
    def scene(self) -> Scene:
        """The shapes of the picture, independent of a file format."""
        with self._appearance():
            scene = mark_kinds(self._shapes())
        if self.options.background is None:
            return scene
        transparent = self.options.background == TRANSPARENT
        return replace(scene, paper=NO_COLOUR if transparent else self.options.background)

    def _shapes(self) -> Scene:
        if self.options.style == "volumes":
            from .volumes.volume_scene import volume_scene

            return volume_scene(self.analysis, self.options)
        if self.options.style == "neurons":
            from .neurons.neuron_scene import neuron_scene

            return neuron_scene(self.analysis, self.options)
        if self.composition is not None:
            from .figure.figure_scene import figure_scene

            return figure_scene(self.analysis, self.composition, self.options.dark)
        from .diagram import build_diagram
        from .graph.box_contents import box_contents
        from .graph.box_placement import place_boxes
        from .graph.graph_scene import graph_scene

        diagram = build_diagram(self.analysis, self.options)
        contents = box_contents(diagram, self.options)
        return graph_scene(diagram, contents, place_boxes(diagram, contents, self.options), self.options)

    @cached_property
    def composition(self) -> Composition | None:
        """The composed figure, including a list of what it omits; None if the options have no width.

        Raises:
            BackendError: NS725, no figure fits; NS722, as above.
        """
        if self.options.room is None or self.options.style != "graph":
            return None
        from .figure.figure_search import compose

        with self._appearance():
            return compose(self.analysis, self.options.room, self.options.title)

    @property
    def summary(self) -> FigureSummary | None:
        """The size of a figure with a given width, its smallest text, and what it omits; None without a width."""
        if self.options.width is None:
            return None
        left_out = tuple(self.composition.left_out) if self.composition is not None else ()
        inch = POINTS["in"]
        return FigureSummary(self.scene.width / inch, self.scene.height / inch, smallest_text(self.scene), left_out)

    @contextmanager
    def _appearance(self) -> Generator[None]:
        """Activates the fonts and the palette of the drawing."""
        with use_typefaces(self._typefaces), use_palette(self._palette):
            yield

    @cached_property
    def _palette(self) -> Palette:
        return find_palette(self.options.palette)

    @cached_property
    def _typefaces(self) -> Typefaces:
        if not self.options.font:
            return bundled()
        require_libraries(FONTS)
        from netspec_picture.font_files import load_typefaces

        return load_typefaces(self.options.font)

    @property
    def dot(self) -> str:
        """The graph in the DOT language, with names, texts and colours, for further editing."""
        from .diagram import build_diagram
        from .graph.box_contents import box_contents
        from .graph.dot_source import dot_source

        diagram = build_diagram(self.analysis, self.options)
        with self._appearance():
            return dot_source(diagram, box_contents(diagram, self.options), self.options, readable=True)

    def svg(self) -> str:
        """The picture as an SVG document; the same network and options give the same text."""
        from netspec_picture.svg import to_svg

        scene = self.scene
        with self._appearance():
            return to_svg(scene)

    def png(self, scale: float | None = None) -> bytes:
        """The picture as PNG, with ``scale`` pixels per point; by default with the option ``dpi``."""
        require_libraries(PNG)
        from netspec_picture.png import to_png

        scene = self.scene
        with self._appearance():
            return to_png(scene, self.options.dpi if scale is None else scale * POINTS_PER_INCH)

    def pdf(self) -> bytes:
        """The picture as a PDF document with one page, in which text can be selected."""
        require_libraries(PDF)
        from netspec_picture.pdf import to_pdf

        scene = self.scene
        with self._appearance():
            return to_pdf(scene)

    def tikz(self) -> str:
        """The picture as a TeX document with a TikZ picture, for further editing."""
        from netspec_picture.tikz import to_tikz

        scene = self.scene
        with self._appearance():
            return to_tikz(scene)

    def page(self) -> str:
        """The network as a self-contained HTML page to explore."""
        from .page.page_html import page_html

        texts: list[str | None] | None = None
        if self._sources is not None:
            by_name = dict(zip(self._sources.names, self._sources.texts, strict=True))
            texts = [by_name.get(name) for name in self.graph.files]
        with self._appearance():
            return page_html(
                self.graph,
                spec_text=texts,
                depth=self.options.depth,
                direction=self.options.direction,
                dark=self.options.dark,
                shade_by=self.options.shade_by,
                weights=self._weights,
            )

    def save(self, path: str | os.PathLike[str], format: str | None = None) -> None:
        """Writes the drawing to a file.

        Args:
            path: the file.
            format: svg, png, pdf, tex, dot, gv or html; by default the extension of the file, and svg for a pipe or a
                device without one.

        Raises:
            BackendError: NS703, an unknown extension; NS721, an unknown format; NS726, a format without a size; NS799,
                an option that the format lacks; NS722, NS723, NS725, as above.
            FileWriteError: NS705, the file cannot be written.
        """
        extension = Path(path).suffix.lower().removeprefix(".")
        if not extension and is_stream(path):
            extension = "svg"
        extension = extension if format is None else format
        render = _FORMATS.get(extension)
        if render is None:
            available = ", ".join(_FORMATS)
            if format is not None:
                raise BackendError("NS721", f"format must be one of {available}; found '{clip(format)}'")
            raise BackendError(
                "NS703",
                f"cannot write a drawing as '{clip(Path(path).name, 200)}'",
                f"available extensions: {available}; for any other name, --format names one",
            )
        if self.options.width is not None and extension in _WITHOUT_SIZE:
            raise BackendError(
                "NS726", f"a figure of a given width is not written as .{extension}", "use -o f.svg, or omit --width"
            )
        check_format(self.options, extension)
        data = render(self)
        with replace_file(path) as file:
            file.write(data)

    def _repr_svg_(self) -> str:
        return self.svg()


_FORMATS: Final[Mapping[str, Callable[[Drawing], bytes]]] = {
    "svg": lambda drawing: drawing.svg().encode(),
    "png": Drawing.png,
    "pdf": Drawing.pdf,
    "tex": lambda drawing: drawing.tikz().encode(),
    "dot": lambda drawing: drawing.dot.encode(),
    "gv": lambda drawing: drawing.dot.encode(),
    "html": lambda drawing: drawing.page().encode(),
    "htm": lambda drawing: drawing.page().encode(),
}
"""The function that renders each format; the keys are also file extensions."""
_WITHOUT_SIZE: Final = frozenset(("dot", "gv", "html", "htm"))
"""Formats whose size is chosen by the program that displays them."""


def drawing_from_mapping(graph: Graph, arguments: Mapping[str, Any]) -> Drawing:
    """Creates a drawing with the given options; ``sources`` are the texts of the spec, ``source`` are trained weights.

    Raises:
        BackendError: NS721, an unknown option or an invalid value.
        UnknownNameError: NS301, ``opened`` names a block that the network lacks.
    """
    values = dict(arguments)
    sources: Sources | None = values.pop("sources", None)
    weights: WeightSource | None = values.pop("source", None)
    options = parse_options(values)
    if options.opened:
        names = {block.name for block in _blocks(graph.tree)}
        for name in sorted(options.opened - names):
            help_ = did_you_mean(name, sorted(names))
            raise UnknownNameError("NS301", f"no block '{clip(name)}' in '{clip(graph.name)}'", help_)
    return Drawing(graph, options, sources, weights)


def _blocks(branch: Branch) -> Iterator[Branch]:
    """Yields all blocks within a block at every level, in order, including equal copies."""
    for child in branch.children:
        if isinstance(child, Branch):
            for copy in child.copies:
                yield copy
                yield from _blocks(copy)
