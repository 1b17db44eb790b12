"""The HTML page: a single file that displays a network in a browser without loading anything else.

Texts of the spec are embedded only as JSON and inserted as text, never as markup; a content security policy forbids all
scripts but the page's own. The output is deterministic.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netspec.analysis.network_figures import Analysis, analyze
from netspec.diagnostics import clean
from netspec.ir import Graph

from ..colours import DARK, KINDS, LIGHT, Theme, box_colour, printed, printed_theme
from .page_data import page_data
from .spec_lines import SpecLines, read_files

if TYPE_CHECKING:
    from netspec.weights import WeightSource

_STATIC = Path(__file__).parent / "static"
SCRIPTS = (
    "elements",
    "model",
    "row_ranks",
    "crossings",
    "coordinates",
    "visible_edges",
    "graph_layout",
    "node_looks",
    "edge_paths",
    "edge_shapes",
    "drawing",
    "minimap",
    "pan_zoom",
    "legend",
    "picture_export",
    "print_pages",
    "arrow_keys",
    "spec_panel",
    "field_picture",
    "weight_pictures",
    "details",
    "panel",
    "columns",
    "table",
    "split",
    "search_terms",
    "search",
    "menus",
    "keyboard",
    "app",
)
"""Parts of the script, in order of dependency."""
STYLES = ("base", "graph", "table", "panel", "narrow", "print")


def page_html(
    graph: Graph,
    analysis: Analysis | None = None,
    *,
    spec_text: str | Sequence[str | None] | None = None,
    depth: int | None = None,
    direction: str = "down",
    dark: bool | None = None,
    shade_by: str | None = None,
    weights: WeightSource | None = None,
) -> str:
    """The page of a network, as HTML.

    Args:
        graph: the network.
        analysis: its figures, if known.
        spec_text: text of the spec, or of each of ``graph.files`` in order (None for one that is not shown); by default
            the files are read, if they still exist.
        depth: number of block levels that are open initially; None opens as many as fit on a screen.
        direction: initial direction of the graph, ``down`` or ``right``.
        dark: whether the page is initially dark; None follows the reader's system.
        shade_by: figure that initially determines the shade of layers.
        weights: the trained weights, of which the page shows histograms and filters.

    Raises:
        FileReadError: the weights can no longer be read.
    """
    texts = [spec_text] if isinstance(spec_text, str) else spec_text
    if texts is None:
        texts = read_files(graph.files)
    data = page_data(analysis or analyze(graph), SpecLines(graph.files, texts), weights)
    theme = None if dark is None else "dark" if dark else "light"
    data["start"] = {"depth": depth, "direction": direction, "theme": theme, "colour": shade_by or "kind"}
    return render_page(data)


def render_page(data: dict[str, Any]) -> str:
    """The page for this data."""
    script = '"use strict";\n' + "".join(_static(f"{name}.js") for name in SCRIPTS)
    style = _colours() + "".join(_static(f"{name}.css") for name in STYLES)
    sources = f"style-src '{_digest(style)}'; script-src '{_digest(script)}'; img-src blob:"
    policy = f"default-src 'none'; {sources}; base-uri 'none'"
    parts = {
        "policy": escape(policy),
        "title": escape(clean(data["title"])),
        "style": style,
        "data": embed_json(data),
        "script": script,
    }
    out: list[str] = []
    for piece in _static("page.html").split("@@"):
        out.append(parts.get(piece, piece))
    return "".join(out)


def embed_json(data: dict[str, Any]) -> str:
    """JSON that is safe within a script element, whatever its texts contain."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _static(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _colours() -> str:
    """The colours as CSS variables."""
    light, dark = (_kinds(is_dark) + _theme(printed_theme(theme)) for is_dark, theme in ((False, LIGHT), (True, DARK)))
    return (
        f":root{{{light}color-scheme:light}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}color-scheme:dark}}}}\n"
        f"@media screen{{:root[data-theme=dark]{{{dark}color-scheme:dark}}}}\n"
    )


def _kinds(dark: bool) -> str:
    return "".join(f"--kind-{name}:{printed(box_colour(name, dark))};" for name in KINDS)


def _theme(theme: Theme) -> str:
    named = {
        "paper": theme.paper,
        "ink": theme.ink,
        "faint": theme.faint,
        "line": theme.line,
        "skip": theme.skip,
        "frame": theme.frame,
        "level-0": theme.levels[0],
        "level-1": theme.levels[1],
        "closed": theme.closed,
        "border": theme.border,
        "node-text": theme.text,
        "node-detail": theme.detail,
    }
    return "".join(f"--{name}:{value};" for name, value in named.items())
