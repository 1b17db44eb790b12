"""Errors of backends."""

from __future__ import annotations

from collections.abc import Iterable

from ..diagnostics import Diagnostic, Error, Sources, clip
from ..ir import Graph, Node
from ..ops import OTHER, family_of


class BackendError(Error):
    """A request that a backend cannot fulfil: an unknown backend or option, a missing library, a size limit."""


class UnsupportedError(BackendError):
    """Operations that a backend does not support (NS701, one diagnostic each), found before anything is written.

    Args:
        backend: name of the backend.
        graph: the network.
        nodes: its unsupported nodes, at least one.
        sources: texts of the spec, if known.
    """

    def __init__(self, backend: str, graph: Graph, nodes: Iterable[Node], sources: Sources | None = None) -> None:
        self.nodes = tuple(nodes)
        Exception.__init__(self, backend, graph, self.nodes, sources)
        self._hold((_unsupported(backend, graph, node) for node in self.nodes), sources)


def _unsupported(backend: str, graph: Graph, node: Node) -> Diagnostic:
    message = f"backend '{backend}' has no rule for '{node.op.name}' (layer '{clip(node.layer)}')"
    location = node.trace.location
    file = graph.files[location.file] if location.file < len(graph.files) else None
    help = None
    if family_of(node.op.name) == OTHER:
        from .registration import help_of_registration  # loaded only for operations of others

        help = help_of_registration(backend, graph, node)
    return Diagnostic("NS701", message, location if file is not None else None, file=file, help=help)
