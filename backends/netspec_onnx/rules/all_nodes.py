"""Converts the nodes of a graph in order, each by its rule."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import TYPE_CHECKING, Protocol

from netspec import limits
from netspec.backend import BackendError

from ..builder.emitter import source_line
from ..builder.site import Site
from .rule_table import lower

if TYPE_CHECKING:
    from netspec.ir import Graph

    from ..builder.emitter import Emitter
    from ..builder.initialiser import Fold
    from ..builder.runtime_sizes import RuntimeSizes


class NodeChanges(Protocol):
    """The nodes to omit and to fold: :class:`netspec_onnx.optimise.NodeChanges`."""

    @property
    def omitted(self) -> Container[int]:
        """Positions of omitted nodes."""
        ...

    @property
    def alias(self) -> Mapping[int, int]:
        """For values of omitted nodes, the value that replaces each."""
        ...

    @property
    def folds(self) -> Mapping[int, Fold]:
        """Normalisations folded into the weights of nodes, by position."""
        ...


def convert_nodes(emitter: Emitter, sizes: RuntimeSizes, graph: Graph, plan: NodeChanges | None = None) -> None:
    """Converts every node of a graph; the inputs must have values.

    Raises:
        BackendError: NS715, the model is too large.
    """
    for number, node in enumerate(graph.nodes):
        if plan is not None and number in plan.omitted:
            for value in node.values:
                emitter.values[value] = emitter.values[plan.alias[value]]
            continue
        line = source_line(emitter.files, node.trace.location)
        fold = plan.folds.get(number) if plan is not None else None
        results = lower(node.op, Site(emitter, sizes, node, number, line, fold))
        each = results if type(results) is tuple else (results,)
        for value, result in zip(node.values, each, strict=True):
            emitter.values[value] = result  # type: ignore[assignment]  # GraphValue is a tuple, too
        if emitter.count > limits.ONNX_PARTS:
            message = f"the model has more than {limits.ONNX_PARTS:,} nodes, constants and weights"
            file = emitter.files[0] if emitter.files else None
            raise BackendError("NS715", message, "a smaller network", file=file)
