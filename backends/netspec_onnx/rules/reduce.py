"""Reductions."""

from __future__ import annotations

from netspec.ops.reduce import Max, Mean, Min, Prod, Reduction, Sum, Var
from netspec.shapes.sizes import is_named
from netspec.shapes.types import FLOATS

from ..builder.common_nodes import add_reduction, reduction_operands
from ..builder.site import Site
from ..builder.value_info import ELEMENT, GraphValue
from .rule_table import Results, lower


@lower.rule(Mean)
def mean(op: Mean, site: Site) -> Results:
    """``ReduceMean``."""
    return reduce(op, site, "ReduceMean", site.inputs[0])


@lower.rule(Sum)
def sum(op: Sum, site: Site) -> Results:
    """``ReduceSum``; integers and booleans in int64."""
    return accumulate(op, site, "ReduceSum")


@lower.rule(Max)
def max(op: Max, site: Site) -> Results:
    """``ReduceMax``; booleans in int32."""
    return extreme(op, site, "ReduceMax")


@lower.rule(Min)
def min(op: Min, site: Site) -> Results:
    """``ReduceMin``; booleans in int32."""
    return extreme(op, site, "ReduceMin")


@lower.rule(Prod)
def prod(op: Prod, site: Site) -> Results:
    """``ReduceProd``; integers and booleans in int64."""
    return accumulate(op, site, "ReduceProd")


@lower.rule(Var)
def var(op: Var, site: Site) -> Results:
    """The sum of squared deviations from the mean, divided by the number of values minus the correction."""
    x = site.inputs[0]
    axes = op.reduced(site.input_types[0])
    if not axes:
        return site.result("Sub", x, x)
    mean = add_reduction(site, "ReduceMean", x, axes, True, "mean")
    distances = site.add("Sub", x, mean, name="distances")
    if not op.correction:
        squares = site.add("Mul", distances, distances, name="squares")
        return reduce(op, site, "ReduceMean", squares)
    total = add_reduction(site, "ReduceSumSquare", distances, axes, op.keepdims, "total")
    count = op.count(site.input_types[0]) - op.correction
    if is_named(count):
        divisor = site.add_node(
            "Cast",
            [site.integers("count", count)],
            (),
            batched=False,
            name="divisor",
            dtype=x.dtype,
            to=ELEMENT[x.dtype],
        )
    else:
        divisor = site.constant("divisor", count, x)
    return site.result("Div", total, divisor)


def accumulate(op: Sum | Prod, site: Site, kind: str) -> Results:
    """A sum or product; integers and booleans in int64, as in PyTorch."""
    x = site.inputs[0]
    if x.dtype not in FLOATS and x.dtype != "int64":
        x = site.add("Cast", x, name="numbers", dtype="int64", to=ELEMENT["int64"])
    return reduce(op, site, kind, x)


def extreme(op: Max, site: Site, kind: str) -> Results:
    """The maximum or minimum; booleans in int32."""
    x = site.inputs[0]
    if x.dtype != "bool":
        return reduce(op, site, kind, x)
    x = site.add("Cast", x, name="numbers", dtype="int32", to=ELEMENT["int32"])
    axes = op.reduced(site.input_types[0])
    if not axes:
        return site.result("Identity", x)
    result = add_reduction(site, kind, x, axes, op.keepdims, "extreme")
    return site.result("Cast", result, to=ELEMENT["bool"])


def reduce(op: Reduction, site: Site, kind: str, x: GraphValue) -> Results:
    """One reduction, or ``Identity`` if there is no axis to reduce."""
    axes = op.reduced(site.input_types[0])
    if not axes:
        return site.result("Identity", x)
    operands, attributes = reduction_operands(site, kind, x, axes)
    return site.result(kind, *operands, keepdims=int(op.keepdims), **attributes)
