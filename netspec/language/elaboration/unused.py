"""Layers whose results reach no output, and inputs that nothing reads."""

from __future__ import annotations

from collections.abc import Mapping

from ...diagnostics import Diagnostic, LocatedError, clip
from ..reading.document import Document
from .draft import DraftGraph
from .problems import Problems


def report_unused(
    graph: DraftGraph, outputs: tuple[int, ...], document: Document, inputs: Mapping[str, int], problems: Problems
) -> None:
    """Report every layer whose results are not used, at the last of them, and every input that is not read.

    A value is used if an output depends on it or if anything refers to it: of several unused layers in a row, only
    the last is reported.
    """
    used = _dependencies(graph, outputs) | graph.read
    for node in graph.nodes:
        if used.isdisjoint(node.values):
            message = f"the result of '{clip(node.layer)}' reaches no output"
            help = "something was meant to read it: name it in 'from', or among the outputs"
            problems.add_at(node.trace.location, Diagnostic("NS310", message, help=help), node.scope.trace)
    for form in document.inputs:
        if form.name in inputs and inputs[form.name] not in used:
            message = f"the input '{clip(form.name)}' is not read by any layer"
            problems.add(LocatedError("NS311", message, form.location), None, form.location)


def _dependencies(graph: DraftGraph, outputs: tuple[int, ...]) -> set[int]:
    """All values that outputs depend on. If one output of a block is used, all of its outputs are."""
    together = _outputs_of_one_block(graph)
    added: set[int] = set()
    reached: set[int] = set()
    stack = list(outputs)
    while stack:
        value = stack.pop()
        if value in reached:
            continue
        reached.add(value)
        group = together.get(value)
        if group is not None and id(group) not in added:
            added.add(id(group))
            stack += group
        node = graph.producers[value]
        if node is not None:
            reached.update(node.values)
            stack += node.inputs
    return reached


def _outputs_of_one_block(graph: DraftGraph) -> dict[int, tuple[int, ...]]:
    """For every output of a block that has several, all outputs of that block."""
    together: dict[int, tuple[int, ...]] = {}
    seen: set[int] = {0}
    for node in graph.nodes:
        scope = node.scope
        while scope.parent is not None and scope.number not in seen:
            seen.add(scope.number)
            if len(scope.outputs) > 1:
                values = tuple([value for _, value in scope.outputs])
                together.update(dict.fromkeys(values, values))
            scope = scope.parent
    return together
