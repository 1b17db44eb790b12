"""Reductions."""

from __future__ import annotations

from netspec.ops.reduce import Max, Mean, Reduction, Sum
from netspec.shapes.types import FLOATS

from ..builder.helpers import add_reduction, reduction_operands
from ..builder.site import Site
from ..builder.value_info import ELEMENT, Value
from .rule_table import Results, lower


@lower.rule(Mean)
def mean(op: Mean, site: Site) -> Results:
    """``ReduceMean``."""
    return reduce(op, site, "ReduceMean", site.inputs[0])


@lower.rule(Sum)
def sum(op: Sum, site: Site) -> Results:
    """``ReduceSum``; of integers and truth values in int64."""
    x = site.inputs[0]
    if x.dtype not in FLOATS and x.dtype != "int64":
        x = site.add("Cast", x, name="numbers", dtype="int64", to=ELEMENT["int64"])
    return reduce(op, site, "ReduceSum", x)


@lower.rule(Max)
def max(op: Max, site: Site) -> Results:
    """``ReduceMax``; of truth values in int32."""
    x = site.inputs[0]
    if x.dtype != "bool":
        return reduce(op, site, "ReduceMax", x)
    x = site.add("Cast", x, name="numbers", dtype="int32", to=ELEMENT["int32"])
    axes = op.reduced(site.input_types[0])
    if not axes:
        return site.result("Identity", x)
    largest = add_reduction(site, "ReduceMax", x, axes, op.keepdims, "greatest")
    return site.result("Cast", largest, to=ELEMENT["bool"])


def reduce(op: Reduction, site: Site, kind: str, x: Value) -> Results:
    """One reduction, or ``Identity`` if there is no axis to reduce."""
    axes = op.reduced(site.input_types[0])
    if not axes:
        return site.result("Identity", x)
    operands, attributes = reduction_operands(site, kind, x, axes)
    return site.result(kind, *operands, keepdims=int(op.keepdims), **attributes)
