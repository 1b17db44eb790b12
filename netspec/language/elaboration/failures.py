"""Failed layers: what they may have read counts as read, and their weights are unknown.

Loaded only for an invalid spec.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from ... import limits
from ...diagnostics import LocatedError
from ...text.yaml_reader import List, Map, Text, Tree
from ..reading.evaluation import FailedInputError
from ..reading.layers import Layer
from .draft_graph import DraftGraph
from .names import Entry, LexicalScope
from .sharing import Sharing

_NAMES = 100
"""Maximum number of texts of a layer to look up as names."""


class Failures:
    """Records failed layers, so that no consequential problems are reported."""

    def __init__(self, graph: DraftGraph, sharing: Sharing) -> None:
        self._graph = graph
        self._sharing = sharing
        self._count = 0

    def add(self, layer: Layer, name: str, scope: LexicalScope, inputs: Iterable[Entry | None]) -> None:
        """Records a layer that failed.

        Args:
            layer: its text.
            name: its full name.
            scope: the scope that contains it.
            inputs: its inputs, as far as known.
        """
        self._sharing.mark_failed(name)
        self._mark_read(inputs)
        self._count += 1
        if self._count > limits.DIAGNOSTICS:  # only the number of further ones is reported
            return
        for text in _texts(layer):
            with suppress(LocatedError, FailedInputError):
                self._mark_read(scope.find_all(text))

    def _mark_read(self, entries: Iterable[Entry | None]) -> None:
        self._graph.read.update(entry.value for entry in entries if entry is not None and entry.value is not None)


def _texts(layer: Layer) -> Iterator[str]:
    """Yields the texts of a layer that may be names of other layers."""
    nodes: list[Tree] = [layer.misread.node] if layer.misread is not None else []
    values = [layer.primary, *(value for _, value in layer.args.values())]
    nodes += [value.node for value in values if value is not None]
    if layer.source is not None:
        yield from (name.text for name in layer.source.names[:_NAMES])
    count = 0
    while nodes and count < _NAMES:
        node = nodes.pop()
        if type(node) is Text:
            count += 1
            yield node.raw
        elif type(node) is List:
            nodes += node.items[:_NAMES]
        elif type(node) is Map:
            nodes += [inner for _, inner, _ in list(node.entries.values())[:_NAMES]]
