"""Reductions."""

from __future__ import annotations

from netspec.ops.reduce import Max, Mean, Reduction, Sum

from ..builder.site import Site
from ..builder.value_info import ELEMENT, FLOATS
from .base import Results, lower


@lower.rule(Mean, Sum, Max)
def reduce(op: Reduction, site: Site) -> Results:
    """``ReduceMean``, ``ReduceSum`` (of whole numbers in int64) or ``ReduceMax``."""
    x = site.inputs[0]
    kind = f"Reduce{type(op).__name__}"
    truth = x.dtype == "bool" and isinstance(op, Max)
    if truth:
        x = site.add("Cast", x, what="numbers", dtype="int32", to=ELEMENT["int32"])
    elif isinstance(op, Sum) and x.dtype not in FLOATS and x.dtype != "int64":
        x = site.add("Cast", x, what="numbers", dtype="int64", to=ELEMENT["int64"])
    gone = op.reduced(site.input_types[0])
    if not gone:
        return site.result("Identity", x)
    if truth:
        greatest = site.reduced(kind, x, gone, op.keepdims, "greatest")
        return site.result("Cast", greatest, to=ELEMENT["bool"])
    operands, attributes = site.reduction(kind, x, gone)
    return site.result(kind, *operands, keepdims=int(op.keepdims), **attributes)
