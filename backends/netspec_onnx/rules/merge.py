"""Operations that combine tensors. They are broadcast from the last axis, but the batch axis stays first."""

from __future__ import annotations

from netspec.ops.merge import Add, Average, Concat, Divide, Matmul, Maximum, Merge, Multiply, Stack, Subtract
from netspec.shapes.types import FLOATS

from ..builder.common_nodes import align_rank, repeat_over_batch
from ..builder.site import Site
from ..builder.value_info import BATCH, GraphValue, broadcast
from .rule_table import Results, lower


@lower.rule(Add)
def add(op: Add, site: Site) -> Results:
    """``Add``, ``Sum`` of several, or ``Or``."""
    return combine(op, site, "Add", several="Sum", truth_values="Or")


@lower.rule(Multiply)
def multiply(op: Multiply, site: Site) -> Results:
    """``Mul`` or ``And``."""
    return combine(op, site, "Mul", truth_values="And")


@lower.rule(Maximum)
def maximum(op: Maximum, site: Site) -> Results:
    """``Max`` or ``Or``."""
    return combine(op, site, "Max", several="Max", truth_values="Or")


@lower.rule(Average)
def average(op: Average, site: Site) -> Results:
    """``Mean``."""
    return combine(op, site, "Mean", several="Mean")


@lower.rule(Subtract)
def subtract(op: Subtract, site: Site) -> Results:
    """``Sub``."""
    return combine(op, site, "Sub")


@lower.rule(Divide)
def divide(op: Divide, site: Site) -> Results:
    """``Div``."""
    return combine(op, site, "Div")


@lower.rule(Matmul)
def matmul(op: Matmul, site: Site) -> Results:
    """``MatMul``."""
    return site.result("MatMul", *aligned_inputs(site))


@lower.rule(Concat)
def concat(op: Concat, site: Site) -> Results:
    """``Concat``; values that are equal for all examples are repeated first."""
    values = list(site.inputs)
    like = next((v for v in values if v.batched and v.shape[0] == BATCH), None)
    if any(v.batched for v in values):
        values = [repeat_over_batch(site, v, like) for v in values]
    return site.result("Concat", *values, axis=values[0].axis(op.axis))


@lower.rule(Stack)
def stack(op: Stack, site: Site) -> Results:
    """``Unsqueeze`` of each, and ``Concat``."""
    values = list(site.inputs)
    like = next((v for v in values if v.batched and v.shape[0] == BATCH), None)
    if any(v.batched for v in values):
        values = [repeat_over_batch(site, v, like) for v in values]
    axes = site.integers("axes", [values[0].axis(op.axis)])
    apart = [
        site.add(
            "Unsqueeze", v, axes, name=f"apart{i}", item_shape=(*v.item_shape[: op.axis], 1, *v.item_shape[op.axis :])
        )
        for i, v in enumerate(values)
    ]
    return site.result("Concat", *apart, axis=values[0].axis(op.axis))


def combine(op: Merge, site: Site, pair: str, several: str = "", truth_values: str = "") -> Results:
    """Adds one node for two inputs, or for several if ONNX has an operator for that; otherwise a chain of nodes.

    Args:
        op: the operation.
        site: receives the nodes.
        pair: ONNX's operator for two inputs.
        several: its operator for several floating-point inputs.
        truth_values: its operator for two booleans.
    """
    values = aligned_inputs(site)
    if len(values) == 1:
        return site.result("Identity", values[0])
    kind = truth_values if values[0].dtype == "bool" else pair
    if len(values) == 2:
        return site.result(kind, *values)
    if several and values[0].dtype in FLOATS:
        return site.result(several, *values)
    first = values[0]
    for second in values[1:-1]:
        first = site.add(kind, first, second, name=kind.lower(), item_shape=broadcast(first, second))
    return site.result(kind, first, values[-1])


def aligned_inputs(site: Site) -> list[GraphValue]:
    """Returns the inputs with equal ranks, so that batch axes are aligned."""
    rank = max(v.rank for v in site.inputs)
    return [align_rank(site, v, rank) for v in site.inputs]
