"""Operations that run along an axis."""

from __future__ import annotations

import onnx
from onnx import helper

from netspec.ops.along import Cumsum, Flip, Recurrence
from netspec.shapes.types import FLOATS

from ..builder.common_nodes import END, add_expand, repeat_over_batch
from ..builder.site import Site
from ..builder.value_info import ELEMENT, Attribute, broadcast
from .rule_table import Results, lower


@lower.rule(Cumsum)
def cumsum(op: Cumsum, site: Site) -> Results:
    """``CumSum``; integers and booleans in int64, half precision in float32."""
    x = site.inputs[0]
    axis = site.integers("axis", x.axis(op.axis))
    dtype = "int64" if x.dtype not in FLOATS else "float64" if x.dtype == "float64" else "float32"
    if x.dtype == dtype:
        return site.result("CumSum", x, axis)
    wide = site.add("Cast", x, name="wide", dtype=dtype, to=ELEMENT[dtype])
    if dtype == "int64":
        return site.result("CumSum", wide, axis)
    return site.result("Cast", site.add("CumSum", wide, axis, name="sums"), to=ELEMENT[x.dtype])


@lower.rule(Flip)
def flip(op: Flip, site: Site) -> Results:
    """``Slice`` from the end, by steps of -1."""
    x, count = site.inputs[0], len(op.axis)
    bounds = {
        "starts": [-1] * count,
        "ends": [-END] * count,
        "axes": [x.axis(a) for a in op.axis],
        "steps": [-1] * count,
    }
    return site.result("Slice", x, *(site.integers(name, numbers) for name, numbers in bounds.items()))


@lower.rule(Recurrence)
def recurrence(op: Recurrence, site: Site) -> Results:
    """``Scan`` along the axis."""
    a, b = site.batched_input(0), site.batched_input(1)
    shape = broadcast(a, b)
    a = add_expand(site, repeat_over_batch(site, a, b), shape, "factor")
    b = add_expand(site, repeat_over_batch(site, b, a), shape, "term")
    rest = [n for number, n in enumerate(shape) if number != op.axis]
    zero, sizes = site.constant("zero", 0.0, b), site.integers("sizes", rest)
    start = site.add_node("Expand", [zero, sizes], tuple(rest), batched=False, name="zeros") if rest else zero
    start = repeat_over_batch(site, start, b)
    attributes: dict[str, Attribute] = {
        "body": step_of_recurrence(ELEMENT[b.dtype]),
        "num_scan_inputs": 2,
        "scan_input_axes": [a.axis(op.axis)] * 2,
        "scan_output_axes": [b.axis(op.axis)],
    }
    operands, shapes = [start, a, b], [rest, shape]
    _, states = site.add_multiple("Scan", operands, shapes, ["last", "states"], dtypes=[b.dtype] * 2, extra=attributes)
    return site.result("Identity", states)


def step_of_recurrence(element: int) -> onnx.GraphProto:
    """Returns the body of the ``Scan``. Its names begin with a slash, which no name of a layer does."""
    state, a, b, following, out = (
        helper.make_tensor_value_info(f"/{name}", element, None) for name in ("state", "a", "b", "next", "out")
    )
    nodes = [
        helper.make_node("Mul", ["/a", "/state"], ["/kept"]),
        helper.make_node("Add", ["/kept", "/b"], ["/next"]),
        helper.make_node("Identity", ["/next"], ["/out"]),
    ]
    return helper.make_graph(nodes, "step", [state, a, b], [following, out])
