"""What inference can do without: normalisation that folds into the layer before it, and what does nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from netspec.ir import Graph, Node
from netspec.ops.norm import BatchNorm

from .builder.initialiser import Fold


@dataclass
class Plan:
    """What is left out and folded, by number of the node."""

    skipped: set[int] = field(default_factory=set[int])
    alias: dict[int, int] = field(default_factory=dict[int, int])
    """Values of what is left out, by the values that take their places."""
    folds: dict[int, Fold] = field(default_factory=dict[int, Fold])
    """Normalisations by the layer whose weights they go into."""


def plan_of(graph: Graph) -> Plan:
    """Finds dropout, identities, and batch normalisation after a layer whose result and weights nobody else uses."""
    plan = Plan()
    owners = Counter(id(p) for node in graph.nodes for _, p in node.weights)
    makers = {v: i for i, node in enumerate(graph.nodes) for v in node.values}
    for number, node in enumerate(graph.nodes):
        if node.op.identity_in_inference:
            plan.skipped.add(number)
            plan.alias[node.first] = _root(plan, node.inputs[0])
        elif isinstance(node.op, BatchNorm):
            before = _root(plan, node.inputs[0])
            maker = makers.get(before)
            if maker is None or maker in plan.folds or not _alone(graph, plan, makers, node.inputs[0]):
                continue
            fold = _fold(graph.nodes[maker], node)
            if fold is not None and all(owners[id(p)] == 1 for _, p in graph.nodes[maker].weights):
                plan.skipped.add(number)
                plan.alias[node.first] = before
                plan.folds[maker] = fold
    return plan


def _root(plan: Plan, value: int) -> int:
    return plan.alias.get(value, value)


def _alone(graph: Graph, plan: Plan, makers: Mapping[int, int], value: int) -> bool:
    """Whether a value is read once, and so are those it passes through what is left out before it."""
    while graph.use_count(value) == 1:
        if value not in plan.alias:
            return True
        value = graph.nodes[makers[value]].inputs[0]
    return False


def _fold(layer: Node, norm: Node) -> Fold | None:
    """The normalisation to fold into the weights of the layer; None if the layer cannot absorb it."""
    bn, filters = norm.op, layer.op.filter_axes()
    assert isinstance(bn, BatchNorm)
    if filters is None or bn.axis != filters.output:
        return None
    weights, own = dict(norm.weights), dict(layer.weights)
    return Fold(
        weights.get("weight"),
        weights.get("bias"),
        weights["running_mean"],
        weights["running_var"],
        bn.eps,
        own.get("bias"),
        filters.weight,
        filters.groups,
    )
