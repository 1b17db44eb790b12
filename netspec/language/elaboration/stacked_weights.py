"""Stacked weights of equal copies (``stacked``). Loaded only for specs that use it.

The stacked tensor is the value of a node in the scope of the copies, and the part of each copy is the value of a
``select`` beside it. For nested stacks, the parts of the outer copies are the stacks of the inner ones.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from ...ir import Parameter, Trace
from ...ops import find
from ...ops.base import Op
from ...shapes.types import TensorType, learned_type
from .budget import Budget
from .draft_graph import DraftGraph, DraftScope, ScopeTree
from .names import Entry
from .sharing import Sharing
from .stacks import name_in_stacks
from .stored_weights import stored_op


class Nodes(Protocol):
    """The interface for adding nodes to a graph."""

    graph: DraftGraph
    tree: ScopeTree
    sharing: Sharing
    budget: Budget


class User(NamedTuple):
    """The layer of a copy that uses a part of a stacked weight."""

    name: str
    """Its full name."""
    trace: Trace
    location: int
    channels_last: bool


def part_of_stack(nodes: Nodes, parameter: Parameter, weight: str, user: User, scope: DraftScope | None) -> Entry:
    """Returns the current copy's part of a stacked weight.

    Args:
        nodes: adds nodes.
        parameter: the weight of all copies.
        weight: the full name of the weight of the copy.
        user: the layer that uses it.
        scope: the scope of a layer whose result is the part, and which gives it its name; None for a layer's weight.
    """
    sharing, graph = nodes.sharing, nodes.graph
    stacks = sharing.stacks
    stored = name_in_stacks(sharing.runs, weight, 0)
    value = graph.stored.get((stored, ""))
    if value is None:
        op = stored_op(parameter, channels_last=user.channels_last)
        type = learned_type(parameter.shape, parameter.dtype)
        value = _add(nodes, stored, op, (), (type,), (("", parameter),), stacks[0].scope, user)
    for depth, stack in enumerate(stacks):
        inside = name_in_stacks(sharing.runs, weight, depth)[len(stack.scope.name) + 1 :]
        full_name = f"{stack.scope.name}.part_{stack.number}.{inside}"
        known = graph.stored.get((full_name, ""))
        if known is not None:
            value = known
            continue
        op = find("select")(name="select", channels_last=user.channels_last, axis=0, index=stack.number)
        outputs = op.infer(graph.types[value])
        if scope is not None and stack is stacks[-1]:
            nodes.budget.add_node(weight, 1, outputs, 0, None, user.location)
            value = graph.add_node(weight, weight, op, (value,), outputs, (), scope, user.trace).first_value
        else:
            value = _add(nodes, full_name, op, (value,), outputs, (), stack.scope, user)
    return Entry(weight, value)


def _add(
    nodes: Nodes,
    name: str,
    op: Op,
    inputs: tuple[int, ...],
    outputs: tuple[TensorType, ...],
    weights: tuple[tuple[str, Parameter], ...],
    scope: DraftScope,
    user: User,
) -> int:
    """Adds a node that belongs to a layer; returns its value."""
    nodes.tree.claim(scope, name[len(scope.name) + 1 :], user.location, written=False)
    nodes.budget.add_node(name, len(inputs), outputs, len(weights), None, user.location)
    node = nodes.graph.add_node(name, name, op, inputs, outputs, weights, scope, user.trace, weight_of=user.name)
    nodes.graph.stored[name, ""] = node.first_value
    return node.first_value
