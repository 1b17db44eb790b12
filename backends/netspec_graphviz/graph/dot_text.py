"""Texts and attributes in the DOT language (https://graphviz.org/doc/info/lang.html)."""

from __future__ import annotations

import re
from collections.abc import Mapping

_ID = re.compile(r"(?:[a-zA-Z_][a-zA-Z0-9_]*|-?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?))\Z")
_KEYWORDS = frozenset(("node", "edge", "graph", "digraph", "subgraph", "strict"))


class Markup(str):
    """A label in Graphviz's subset of HTML, with its angle brackets."""

    __slots__ = ()


def escaped(text: str) -> str:
    """Escapes backslashes, for labels and tooltips."""
    return text.replace("\\", "\\\\")


def quoted(text: str) -> str:
    """Returns a DOT identifier: in double quotes, unless the text is a name, a number or markup."""
    if isinstance(text, Markup) or (_ID.match(text) and text.lower() not in _KEYWORDS):
        return text
    return '"' + text.replace('"', '\\"') + '"'


def attributes(values: Mapping[str, str]) -> str:
    """Formats attributes sorted by name: ``color="#f5f8fb" width=1.0897``."""
    return " ".join(f"{name}={quoted(values[name])}" for name in sorted(values))
