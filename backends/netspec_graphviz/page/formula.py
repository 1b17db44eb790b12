"""How the numbers of a layer come about, with its values: sizes along windows, parameters, multiply-accumulates."""

from __future__ import annotations

from collections.abc import Sequence

from netspec.ir import Graph, Node


def formulas(graph: Graph, nodes: Sequence[Node]) -> list[list[str]]:
    """Pairs of what is worked out, and how."""
    return []
