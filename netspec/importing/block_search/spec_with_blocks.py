"""Writes a flat graph as a spec with blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...ir import Graph
from ..draft import ModuleCall
from .finder import StructureFinder
from .structured_document import document_text


def structured_spec(
    graph: Graph,
    calls: Mapping[str, Sequence[ModuleCall]] | None = None,
    attributes: Mapping[str, Mapping[str, Any]] | None = None,
    name: str | None = None,
    *,
    expect: Mapping[str, Any] | None = None,
    identical: bool = False,
) -> str:
    """Returns a spec with blocks that describes the same network as a flat graph.

    The caller must compare the result with the graph; if they differ, it can retry with ``identical=True`` or fall back
    to the flat spec.

    Args:
        graph: the network, flat: with dotted names of layers.
        calls: for each layer name, the calls of the modules that contain it, outermost first.
        attributes: for each module path, its attributes, after which parameters are named.
        name: name of the network; by default that of the graph.
        expect: expectations to include.
        identical: whether to build blocks only from levels that differ in nothing but numbers.

    Raises:
        SpecError: NS713, the network needs blocks that cannot be found in a flat graph.
    """
    known: Mapping[str, Sequence[ModuleCall]] = calls if calls is not None and any(calls.values()) else {}
    structure = StructureFinder(graph, known, attributes or {}, optional=not identical)
    return document_text(structure, name or graph.name, expect)
