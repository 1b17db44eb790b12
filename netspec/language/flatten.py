"""Writes a graph as a flat spec, with one layer per node, which yields the same graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..ir import Graph
from ..text.writer import Grouped
from ..text.yaml_reader import Map, Tree
from .flattener import Flattener, WriteMapped
from .reading.evaluation import ParameterEnvironment
from .reading.written_values import read_value


def flat_spec(graph: Graph, *, remark: str = "", expect: Mapping[str, Any] | None = None) -> str:
    """Returns the text of the flat spec.

    It preserves names, operations, arguments, shared and frozen weights, inputs and outputs, but not scopes and
    parameters.

    Args:
        graph: the network.
        remark: a comment for the first line.
        expect: expectations to include.

    Raises:
        SpecError: NS713, the network needs blocks (weights shared with two layers, two layouts in one network).
    """
    mapped: WriteMapped | None = None
    if any(node.stored != node.name for node in graph.nodes):
        from .flat_runs import mapped_layer as mapped  # loaded only for mapped layers
    return Flattener(graph, mapped).text(remark, expect)


def flat_expectations(trees: Iterable[Tree], graph: Graph) -> dict[str, Any]:
    """Returns the expectations that also apply to the flat spec, with their expressions evaluated.

    These are all expectations about the whole network; those about single layers are omitted.
    """
    expectations: dict[str, Any] = {}
    for tree in trees:
        for key, (_, node, _) in tree.entries.items() if type(tree) is Map else ():
            if key != "shapes":
                value = read_value(node).evaluate(ParameterEnvironment(graph.arguments))
                expectations[key] = Grouped(value) if type(value) is int else value
    return expectations
