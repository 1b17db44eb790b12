"""Operations that join tensors. Axes are set against each other from the right, but the batch stays in front."""

from __future__ import annotations

from netspec.ops.merge import Add, Average, Concat, Divide, Matmul, Maximum, Merge, Multiply, Subtract

from ..builder.site import Site
from ..builder.value_info import BATCH, FLOATS, Value
from .base import Results, lower

KINDS: dict[type, tuple[str, str, str]] = {
    Add: ("Add", "Sum", "Or"),
    Multiply: ("Mul", "", "And"),
    Maximum: ("Max", "Max", "Or"),
    Average: ("Mean", "Mean", ""),
    Subtract: ("Sub", "", ""),
    Divide: ("Div", "", ""),
}
"""For each operation the ONNX operator of two operands, of any number (floats alone), and of truth values."""


@lower.rule(Add, Multiply, Maximum, Average, Subtract, Divide)
def merge(op: Merge, site: Site) -> Results:
    """One node for two inputs, and for any number where ONNX has one; else a chain."""
    values = together(site)
    if len(values) == 1:
        return site.result("Identity", values[0])
    two, many, truth = KINDS[type(op)]
    kind = truth if values[0].dtype == "bool" else two
    if len(values) == 2:
        return site.result(kind, *values)
    if many and values[0].dtype in FLOATS:
        return site.result(many, *values)
    first = values[0]
    for second in values[1:-1]:
        own = broadcast(first, second)
        first = site.add(kind, first, second, what=kind.lower(), own=own)
    return site.result(kind, first, values[-1])


@lower.rule(Matmul)
def matmul(op: Matmul, site: Site) -> Results:
    """``MatMul``."""
    return site.result("MatMul", *together(site))


@lower.rule(Concat)
def concat(op: Concat, site: Site) -> Results:
    """``Concat``; what is the same for every example is repeated first."""
    values = list(site.inputs)
    like = next((v for v in values if v.lead and v.shape[0] == BATCH), None)
    if any(v.lead for v in values):
        values = [site.over_batch(v, like) for v in values]
    return site.result("Concat", *values, axis=values[0].axis(op.axis))


def together(site: Site) -> list[Value]:
    """The inputs with as many axes as the widest has, where a batch axis would come to lie against another."""
    rank = max(v.rank for v in site.inputs)
    return [site.aligned(v, rank) for v in site.inputs]


def broadcast(a: Value, b: Value) -> tuple[int, ...]:
    """The shape of two values set against each other, without the batch axis."""
    rank = max(a.rank, b.rank)
    first, second = (1,) * (rank - a.rank) + a.own, (1,) * (rank - b.rank) + b.own
    return tuple(m if n == 1 else n for n, m in zip(first, second, strict=True))
