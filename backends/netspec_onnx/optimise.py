"""Optimisations for inference: folded batch normalisation, and omitted operations without effect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from netspec.ir import Graph, Node
from netspec.ops.norm import BatchNorm

from .builder.initialiser import Fold


@dataclass
class NodeChanges:
    """The nodes to omit and to fold, by their index in the graph."""

    omitted: set[int] = field(default_factory=set[int])
    alias: dict[int, int] = field(default_factory=dict[int, int])
    """For each value of an omitted node, the value that replaces it."""
    folds: dict[int, Fold] = field(default_factory=dict[int, Fold])
    """For each layer, the normalisation folded into its weights."""


def make_plan(graph: Graph) -> NodeChanges:
    """Finds identities, and batch normalisation after a layer whose output and weights nothing else uses."""
    plan = NodeChanges()
    owners = Counter(id(p) for node in graph.nodes for _, p in node.weights)
    producers = {v: i for i, node in enumerate(graph.nodes) for v in node.values}
    for number, node in enumerate(graph.nodes):
        if node.op.identity_in_inference:
            plan.omitted.add(number)
            plan.alias[node.first_value] = _root(plan, node.inputs[0])
        elif isinstance(node.op, BatchNorm):
            before = _root(plan, node.inputs[0])
            producer = producers.get(before)
            if (
                producer is None
                or producer in plan.folds
                or not _is_only_reader(graph, plan, producers, node.inputs[0])
            ):
                continue
            fold = _fold(graph.nodes[producer], node)
            if fold is not None and all(owners[id(p)] == 1 for _, p in graph.nodes[producer].weights):
                plan.omitted.add(number)
                plan.alias[node.first_value] = before
                plan.folds[producer] = fold
    return plan


def _root(plan: NodeChanges, value: int) -> int:
    return plan.alias.get(value, value)


def _is_only_reader(graph: Graph, plan: NodeChanges, producers: Mapping[int, int], value: int) -> bool:
    """Whether a value, and every omitted value between it and its producer, has a single reader."""
    while graph.use_count(value) == 1:
        if value not in plan.alias:
            return True
        value = graph.nodes[producers[value]].inputs[0]
    return False


def _fold(layer: Node, norm: Node) -> Fold | None:
    """The normalisation to fold into the weights of the layer; None if the layer cannot absorb it."""
    bn, filters = norm.op, layer.op.filter_axes()
    assert isinstance(bn, BatchNorm)
    if filters is None or layer.given_weights or bn.axis != filters.output:
        return None
    weights, layer_weights = dict(norm.weights), dict(layer.weights)
    return Fold(
        weights.get("weight"),
        weights.get("bias"),
        weights["running_mean"],
        weights["running_var"],
        bn.eps,
        layer_weights.get("bias"),
        filters.weight,
        filters.groups,
    )
