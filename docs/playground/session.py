"""What the playground asks of netspec, in the browser: ``check(text)`` and ``draw(text, …)``, with results as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from netspec import zoo
from netspec.analysis import analyze
from netspec.checking.expectations import check_expectations
from netspec.checking.spec import Spec, SpecResult
from netspec.diagnostics import Error, Sources, render
from netspec.diagnostics.diagnostic import Diagnostic, as_data
from netspec.ir import Graph
from netspec.report.html import render as render_html
from netspec.report.select_rows import select_rows

NAME = "spec.yaml"
"""The name of the spec in messages."""


def examples() -> str:
    """The networks of the zoo, as a list of objects with ``name`` and ``text``."""
    out: list[dict[str, str]] = []
    for name in zoo.names():
        path = zoo.path(name)
        assert path is not None
        text = path.read_text(encoding="utf-8")
        if "\nuse:" not in text:  # the playground has no other files
            out.append({"name": name, "text": text})
    return json.dumps(out)


def check(text: str, variant: str | None = None) -> str:
    """The report of a spec and its problems.

    Args:
        text: the spec.
        variant: name of a variant; None for the defaults, also where the spec has no such variant.

    Returns:
        An object with ``ok``, ``name``, ``variants``, ``variant``, ``report`` (HTML, or null if the network cannot be
        built) and ``diagnostics``: what ``netspec check --format json`` lists, with ``text``, as the command prints it.
    """
    result, analysis = _elaborate(text, variant), None
    diagnostics = list(result.diagnostics)
    if result.graph is not None:
        analysis = analyze(result.graph)
        diagnostics += check_expectations(result, analysis)
    return json.dumps(
        {
            "ok": result.graph is not None and all(d.severity != "error" for d in diagnostics),
            "name": result.name,
            "variants": list(result.document.variants) if result.document else [],
            "variant": result.variant,
            "report": render_html(select_rows(analysis)) if analysis is not None else None,
            "layers": len(result.graph.layers) if result.graph is not None else 0,
            "diagnostics": [_as_data(d, result.sources) for d in diagnostics],
        }
    )


def draw(text: str, variant: str | None, kind: str, depth: int | None, dark: bool) -> str:
    """A view of a valid spec, as an object with ``text``: DOT, SVG, HTML or Python.

    Args:
        text: the spec.
        variant: name of a variant; None for the defaults.
        kind: ``graph``, ``volumes``, ``page`` or ``pytorch``.
        depth: number of levels of blocks that are open; None opens all.
        dark: whether the background is dark.

    Returns:
        The view, or an object with ``error``: why there is none.
    """
    graph = _elaborate(text, variant).graph
    if graph is None:
        return json.dumps({"error": "The spec has errors."})
    try:
        return json.dumps({"text": _view(graph, kind, depth, dark)})
    except Error as error:
        return json.dumps({"error": str(error)})


def _view(graph: Graph, kind: str, depth: int | None, dark: bool) -> str:
    if kind == "pytorch":
        from netspec_torch import source

        return source(graph)
    from netspec_graphviz import draw as draw_graph

    if kind == "volumes":
        return draw_graph(graph, style="volumes", dark=dark).svg()
    drawing = draw_graph(graph, depth=depth, dark=dark)
    return drawing.page() if kind == "page" else drawing.dot


def _elaborate(text: str, variant: str | None) -> SpecResult:
    spec = Spec(NAME, text, folder=Path())
    return spec.elaborate(variant if variant in spec.variants else None)


def _as_data(d: Diagnostic, sources: Sources) -> dict[str, Any]:
    return {**as_data(d, sources), "text": render(d, sources)}
