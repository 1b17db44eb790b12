"""A flat graph as a spec with blocks."""

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
    """The text of a spec with blocks, which describes the same network as a flat graph.

    Whether it does is for the caller to compare; where it does not, a stricter search, and in the end the flat spec,
    remain.

    Args:
        graph: the network, flat: with dotted names of layers.
        calls: for names of layers the calls of modules around them, outermost first.
        attributes: for paths of modules their attributes, after which parameters are named.
        name: of the network; by default that of the graph.
        expect: expectations to include.
        identical: whether only what differs in numbers alone becomes one block.

    Raises:
        SpecError: NS713, the network needs blocks that cannot be found in a flat graph.
    """
    known: Mapping[str, Sequence[ModuleCall]] = calls if calls is not None and any(calls.values()) else {}
    structure = StructureFinder(graph, known, attributes or {}, optional=not identical)
    return document_text(structure, name or graph.name, expect)
