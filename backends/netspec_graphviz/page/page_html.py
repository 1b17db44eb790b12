"""The page: one file that shows a network in a browser, to open from disk, with nothing loaded from elsewhere.

What the spec says stands in it as JSON only, and reaches the page as text, never as markup; a content security
policy lets nothing run but the page's own script. The same graph gives the same text.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from netspec.analysis.network import Analysis, analyze
from netspec.diagnostics import clean
from netspec.ir import Graph

from ..colours import DARK, KINDS, LIGHT, Theme
from .page_data import contents
from .spec_lines import Files, read

_STATIC = Path(__file__).parent / "static"
SCRIPTS = (
    "make",
    "model",
    "rank",
    "order",
    "align",
    "nets",
    "layout",
    "marks",
    "lines",
    "scene",
    "view",
    "walk",
    "source",
    "field",
    "facts",
    "panel",
    "columns",
    "table",
    "split",
    "search",
    "keys",
    "app",
)
"""Parts of the page's script, in the order in which they build on one another."""
STYLES = ("base", "graph", "table", "panel", "print")


def page_html(
    graph: Graph,
    analysis: Analysis | None = None,
    *,
    spec_text: str | Sequence[str | None] | None = None,
    depth: int | None = None,
    direction: str = "down",
    dark: bool | None = None,
    shade_by: str | None = None,
) -> str:
    """The page of a network, as HTML.

    Args:
        graph: the network.
        analysis: its figures, where they are known already.
        spec_text: text of the spec, or of each of ``graph.files`` in order (None for one that is not to be shown);
            when nothing is given, the files are read where they still are.
        depth: how many levels of blocks are open at first; None opens what a screen has room for.
        direction: ``down`` or ``right``, in which the graph runs at first; the reader can turn it.
        dark: whether the page begins dark; None leaves it to the reader's system.
        shade_by: a figure that layers are shaded by at first: ``params``, ``macs`` or ``activations``.
    """
    texts = [spec_text] if isinstance(spec_text, str) else spec_text
    if texts is None:
        texts = read(graph.files)
    data = contents(analysis or analyze(graph), Files(graph.files, texts))
    theme = None if dark is None else "dark" if dark else "light"
    data["start"] = {"depth": depth, "direction": direction, "theme": theme, "colour": shade_by or "kind"}
    return render(data)


def render(data: dict[str, Any]) -> str:
    """The page that shows this data."""
    script = '"use strict";\n' + "".join(_static(f"{name}.js") for name in SCRIPTS)
    style = _colours() + "".join(_static(f"{name}.css") for name in STYLES)
    policy = f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; base-uri 'none'"
    parts = {
        "policy": escape(policy),
        "title": escape(clean(data["title"])),
        "style": style,
        "data": embedded(data),
        "script": script,
    }
    out: list[str] = []
    for piece in _static("page.html").split("@@"):
        out.append(parts.get(piece, piece))
    return "".join(out)


def embedded(data: dict[str, Any]) -> str:
    """JSON that can stand within a script element, whatever its texts hold."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _static(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _colours() -> str:
    """The palette as the page's variables."""
    kinds = "".join(f"--kind-{k.name}:{k.colour};" for k in KINDS.values())
    light, dark = _theme(LIGHT), _theme(DARK)
    return (
        f":root{{{kinds}{light}color-scheme:light}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}color-scheme:dark}}}}\n"
        f"@media screen{{:root[data-theme=dark]{{{dark}color-scheme:dark}}}}\n"
    )


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
