"""A network's figures as a notebook shows them."""

from __future__ import annotations

from ..analysis.summary import Analysis, analyze
from ..ir import Graph
from . import html, table
from .selection import select


class Summary(Analysis):
    """An :class:`~netspec.analysis.Analysis` that is a table: in a notebook, and as text when printed."""

    def __str__(self) -> str:
        return table.render(select(self)).rstrip()

    def _repr_html_(self) -> str:
        return html.render(select(self))


def summarise(graph: Graph) -> Summary:
    """The figures of a graph."""
    a = analyze(graph)
    return Summary(a.graph, a.rows, a.parameters, a.cost)
