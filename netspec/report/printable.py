"""The analysis returned by :func:`netspec.analyze`, which prints as a table."""

from __future__ import annotations

import sys
from dataclasses import fields, replace

from ..analysis.network_figures import Analysis, analyze
from ..diagnostics import Sources, render
from ..ir import Graph
from ..output.characters import CharacterSet
from ..output.terminal import character_set, terminal_width
from . import html, terminal_table
from .select_rows import select_rows


class PrintableAnalysis(Analysis):
    """An :class:`~netspec.analysis.Analysis` whose ``str`` is the table of layers, and HTML in a notebook.

    The table is as wide as the terminal, and holds only characters that standard output can show.
    """

    def __str__(self) -> str:
        width, characters = terminal_width(sys.stdout), character_set(sys.stdout)
        text = terminal_table.render(select_rows(self), width=width, characters=characters).rstrip()
        return "\n\n".join([*_warnings(self.graph, characters), text])

    def _repr_html_(self) -> str:
        return html.render(select_rows(self))


def _warnings(graph: Graph, characters: CharacterSet) -> list[str]:
    """Returns the warnings about a spec, without its text, which a graph does not store."""
    return [
        render(replace(d, file=graph.files[d.location.file] if d.location else None), Sources(), characters=characters)
        for d in graph.warnings
    ]


def printable_analysis(graph: Graph) -> PrintableAnalysis:
    """Returns the analysis of a graph in a form that prints as a table."""
    analysis = analyze(graph)
    return PrintableAnalysis(**{f.name: getattr(analysis, f.name) for f in fields(Analysis)})
