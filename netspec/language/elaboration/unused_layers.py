"""Reports layers whose results reach no output, and inputs that nothing reads."""

from __future__ import annotations

from collections.abc import Mapping

from ...diagnostics import Diagnostic, LocatedError, clip
from ..reading.document import Document
from .draft_graph import DraftGraph, DraftNode
from .elaboration_problems import Problems


def report_unused(
    graph: DraftGraph, outputs: tuple[int, ...], document: Document, inputs: Mapping[str, int], problems: Problems
) -> None:
    """Reports unused layers, the last one of each chain, and unused inputs.

    A value is used if an output depends on it or anything refers to it, so that of several unused layers in a row only
    the last is reported.
    """
    used = _dependencies(graph, outputs) | graph.read
    for node in graph.nodes:
        if used.isdisjoint(node.values) and node.weight_of is None:
            message = f"the result of '{clip(node.layer)}' reaches no output"
            help = _help(graph, node)
            problems.add_at(node.trace.location, Diagnostic("NS310", message, help=help), node.scope.trace)
    for declaration in document.inputs:
        if declaration.name in inputs and inputs[declaration.name] not in used:
            message = f"the input '{clip(declaration.name)}' is not read by any layer"
            problems.add(LocatedError("NS311", message, declaration.location), None, declaration.location)


def _help(graph: DraftGraph, node: DraftNode) -> str:
    """Suggests the intention of an unused layer: for one without inputs, perhaps that the next layer reads it."""
    if not node.inputs:
        number = graph.nodes.index(node)
        following = next((n for n in graph.nodes[number + 1 :] if n.scope is node.scope and n.inputs), None)
        if following is not None:
            name, other = clip(following.layer), clip(node.scope.local_name(node.layer))
            reason = f"'{other}' has no inputs, so the next layer does not read it"
            return f"was '{name}' meant to read it? {reason}: `from: {other}`"
    return "name it in the 'from' of its reader, or among the outputs"


def _dependencies(graph: DraftGraph, outputs: tuple[int, ...]) -> set[int]:
    """Returns all values on which outputs depend. If one output of a block is used, all of its outputs are."""
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
            stack += [v for _, v in node.given_weights]
    return reached


def _outputs_of_one_block(graph: DraftGraph) -> dict[int, tuple[int, ...]]:
    """Returns, for every output of a block with several, all outputs of that block."""
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
