"""Figures of regions: layers that run along an axis, in a loop, or for the positions that choose them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import cast

from ..ir import Graph, Node, Parameter
from ..ops.region import Over, Region, Route, one_token
from ..shapes.types import ITEM_BYTES


def idle_params(node: Node, seen: Collection[Parameter]) -> int:
    """Counts the parameters of a region that one position does not use, except those counted elsewhere."""
    if all(p in seen for _, p in node.weights):
        return 0
    op = cast("Region", node.op)
    inner = [_idle(cast("Graph", body), seen) for body in op.bodies]
    if not isinstance(op, Route):
        return sum(inner)
    copies = [_copy_parameters(cast("Graph", body), node.name) for body in op.bodies] * (op.count // len(op.bodies))
    inner *= op.count // len(op.bodies)
    used = sorted((total - idle for total, idle in zip(copies, inner, strict=True)), reverse=True)
    return sum(copies) - sum(used[: min(op.chosen, op.count)])


def _idle(body: Graph, seen: Collection[Parameter]) -> int:
    return sum(idle_params(node, seen) for node in body.nodes if isinstance(node.op, Region))


def _copy_parameters(body: Graph, name: str) -> int:
    """Counts the parameters of a copy, without those that it shares with layers elsewhere."""
    weights = {p for node in body.nodes for _, p in node.weights if not p.buffer and p.name.startswith(f"{name}.")}
    return sum(p.elements for p in weights)


def inner_activations(node: Node) -> tuple[int, int, Mapping[str, int]]:
    """Returns elements of all results in a region for one example, those of layers with MACs, and the bytes by type."""
    op = cast("Region", node.op)
    body = cast("Graph", op.bodies[0])
    tokens = op.tokens if isinstance(op, Route) else None
    runs = op.chosen * op.positions if isinstance(op, Route) else cast("Over", op).size
    elements = weighted = 0
    sizes: dict[str, int] = {}
    for layer in body.layers:
        macs = sum(n.op.macs(body.inputs_of(n), n.outputs) for n in layer.nodes)
        if not layer.inputs:
            continue
        types = (*layer.nodes[-1].outputs, *(layer.node.outputs[1:] if layer.activation is not None else ()))
        for t in types:
            n = (t if tokens is None else one_token(t, tokens)).elements
            elements += n
            weighted += n if macs else 0
            sizes[t.dtype] = sizes.get(t.dtype, 0) + n * ITEM_BYTES[t.dtype]
        for inner in layer.nodes:
            if isinstance(inner.op, Region):
                more = inner_activations(inner)
                elements, weighted = elements + more[0], weighted + more[1]
                sizes |= {dtype: sizes.get(dtype, 0) + size for dtype, size in more[2].items()}
    return runs * elements, runs * weighted, {dtype: runs * size for dtype, size in sizes.items()}
