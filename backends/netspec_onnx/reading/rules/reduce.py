"""Reductions over axes."""

from __future__ import annotations

from typing import Any

from ..batch import item_axis, off_axes
from ..node import OnnxNode
from ..rule_table import Inputs, Result, rule
from ..site import Site
from ..values import SourceTensor

REDUCTIONS: dict[str, tuple[str | None, str, str | None]] = {
    "ReduceMean": (None, "mean", None),
    "ReduceSum": (None, "sum", None),
    "ReduceMax": (None, "max", None),
    "ReduceMin": (None, "min", None),
    "ReduceProd": (None, "prod", None),
    "ReduceL1": ("abs", "sum", None),
    "ReduceL2": ("square", "sum", "sqrt"),
    "ReduceSumSquare": ("square", "sum", None),
    "ReduceLogSum": (None, "sum", "log"),
    "ReduceLogSumExp": ("exp", "sum", "log"),
}
"""For each operator: an operation on every element, the reduction, and an operation on the result."""


@rule(*REDUCTIONS)
def reduction(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """A reduction with operations before and after it."""
    x, axes = inputs.need(0), r.integers(node, "axes", inputs)
    if not axes and node.attribute("noop_with_empty_axes", 0):
        return x
    before, kind, after = REDUCTIONS[node.operator]
    if before is not None:
        x = r.unary(before, x)
    out = reduced(r, kind, x, axes or list(range(x.rank)), bool(node.attribute("keepdims", 1)))
    return out if after is None else r.unary(after, out)


def reduced(r: Site, kind: str, x: SourceTensor, axes: list[int], keepdims: bool) -> SourceTensor:
    """Reduces axes of the source."""
    x = off_axes(r, x, axes)
    gone = sorted(a % x.rank for a in axes)
    if not gone:
        return x
    arguments: dict[str, Any] = {"axis": [item_axis(x, a) for a in gone], "keepdims": keepdims}
    (number,) = r.emit(kind, [r.number(x)], arguments)
    batch = x.batch
    if batch is not None and not keepdims:
        batch = batch.moved(-sum(a < batch.axis for a in gone))
    return r.output_value(number, batch, x.shared)
