"""Stored weights as values: nodes ``parameter`` and ``buffer`` that belong to the layer that has the weight."""

from __future__ import annotations

from typing import Any

from ...ir import Parameter
from ...ops import find
from ...ops.base import Op
from ...ops.common.init_argument import Choice
from ...ops.weight import Weight
from ...shapes.types import FLOATS, learned_type
from .draft_graph import DraftGraph, DraftNode


def stored_op(weight: Weight | Parameter, *, channels_last: bool) -> Op:
    """Returns the operation that represents a stored weight."""
    name = "buffer" if weight.buffer else "parameter"
    arguments: dict[str, Any] = {"shape": weight.shape, "init": Choice((("*", weight.init),))}
    if weight.buffer:
        arguments |= {"dtype": weight.dtype, "persistent": weight.persistent}
    floating = weight.dtype if weight.dtype in FLOATS else "float32"
    return find(name)(name=name, channels_last=channels_last, weight_type=floating, **arguments)


def weight_value(graph: DraftGraph, node: DraftNode, name: str) -> int | None:
    """Returns the value of a weight of a node, or None if it has no weight of that name.

    For a stored weight, adds a node with that value; both nodes have the same parameter.
    """
    value = dict(node.given_weights).get(name)
    parameter = dict(node.weights).get(name)
    if value is not None or not name or parameter is None:
        return value
    key = (node.name, name)
    if key not in graph.stored:
        full_name = f"{node.name}.{name}"
        op = stored_op(parameter, channels_last=node.op.channels_last)
        types = (learned_type(parameter.shape, parameter.dtype),)
        owner = node.weight_of or node.layer
        weights = (("", parameter),)
        added = graph.add_node(full_name, full_name, op, (), types, weights, node.scope, node.trace, weight_of=owner)
        graph.stored[key] = added.first_value
    return graph.stored[key]
