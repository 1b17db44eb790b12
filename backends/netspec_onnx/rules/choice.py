"""Operations that select, sort and move elements."""

from __future__ import annotations

from netspec.ops.choice import Argmax, Argmin, Extremum, OneHot, Ordering, ScatterAdd, Sort, TakeAlong, TopK
from netspec.shapes.sizes import Size

from ..builder.common_nodes import add_expand, add_range, repeat_over_batch
from ..builder.site import Site
from ..builder.value_info import ELEMENT, Attribute, GraphValue, broadcast
from .rule_table import Results, lower

SCATTER_ADD_SINCE = 16
"""The first operator set whose ``ScatterElements`` adds."""

HALF = ("float16", "bfloat16")


@lower.rule(TopK)
def top_k(op: TopK, site: Site) -> Results:
    """``TopK``; the mask is scattered at the indices."""
    x = site.inputs[0]
    values, index = ordered(op, site, x, op.k, largest=1)
    if not site.is_used(2):
        return values, index, None
    no = site.add("Less", x, x, name="no", dtype="bool")
    yes = site.add("Equal", index, index, name="yes", dtype="bool")
    mask = site.output_value(2, x.shape[: x.batched])
    return values, index, site.add_output(2, "ScatterElements", [no, index, yes], mask, axis=x.axis(op.axis))


@lower.rule(Sort)
def sort(op: Sort, site: Site) -> Results:
    """``TopK`` of all values, which is stable."""
    x = site.inputs[0]
    return ordered(op, site, x, x.item_shape[op.axis], largest=int(op.descending))


def ordered(op: Ordering, site: Site, x: GraphValue, k: Size, largest: int) -> tuple[GraphValue, GraphValue]:
    """Returns values and indices of a ``TopK`` as the first two outputs; bfloat16, which it lacks, in float32."""
    values, index = (site.output_value(i, x.shape[: x.batched]) for i in range(2))
    attributes: dict[str, Attribute] = {"axis": x.axis(op.axis), "largest": largest, "sorted": 1}
    many = site.integers("k", [k])
    if x.dtype != "bfloat16":
        site.add_outputs("TopK", [x, many], [values, index], **attributes)
        return values, index
    wide = site.add("Cast", x, name="wide", dtype="float32", to=ELEMENT["float32"])
    shapes = [values.item_shape] * 2
    chosen, places = site.add_multiple(
        "TopK", [wide, many], shapes, ["chosen", "places"], dtypes=["float32", "int64"], extra=attributes
    )
    site.add_output(0, "Cast", [chosen], values, to=ELEMENT["bfloat16"])
    return values, site.add_output(1, "Identity", [places], index)


@lower.rule(Argmax)
def argmax(op: Argmax, site: Site) -> Results:
    """``ArgMax``."""
    return position("ArgMax", op, site)


@lower.rule(Argmin)
def argmin(op: Argmin, site: Site) -> Results:
    """``ArgMin``."""
    return position("ArgMin", op, site)


def position(kind: str, op: Extremum, site: Site) -> Results:
    """``ArgMax`` or ``ArgMin``."""
    x = site.inputs[0]
    return site.result(kind, x, axis=x.axis(op.axis), keepdims=int(op.keepdims))


@lower.rule(OneHot)
def one_hot(op: OneHot, site: Site) -> Results:
    """``Equal`` to each number below ``classes``."""
    x = site.inputs[0]
    axes = site.integers("last", [-1])
    column = site.add("Unsqueeze", x, axes, name="column", item_shape=(*x.item_shape, 1))
    numbers = add_range(site, op.classes, "classes")
    if x.dtype != "int64":
        numbers = site.add("Cast", numbers, name="numbers", dtype=x.dtype, to=ELEMENT[x.dtype])
    is_at = site.add("Equal", column, numbers, name="is_at", dtype="bool", item_shape=(*x.item_shape, op.classes))
    return site.result("Cast", is_at, to=ELEMENT[site.element(site.node.outputs[0].dtype)])


@lower.rule(TakeAlong)
def take_along(op: TakeAlong, site: Site) -> Results:
    """``GatherElements`` of the broadcast input and index."""
    x, index = over_the_batch(site)
    shape = list(broadcast(x, index))
    sizes = {"input": x.item_shape[op.axis], "index": index.item_shape[op.axis]}
    parts = {"input": x, "index": index}
    for name, value in parts.items():
        parts[name] = add_expand(site, value, [*shape[: op.axis], sizes[name], *shape[op.axis + 1 :]], name)
    return site.result("GatherElements", parts["input"], parts["index"], axis=x.axis(op.axis))


@lower.rule(ScatterAdd)
def scatter_add(op: ScatterAdd, site: Site) -> Results:
    """``ScatterElements`` with addition onto zeros; half precision in float32."""
    site.require_opset(SCATTER_ADD_SINCE)
    x, index = over_the_batch(site)
    dtype = x.dtype
    if dtype in HALF:
        x = site.add("Cast", x, name="wide", dtype="float32", to=ELEMENT["float32"])
    shape = broadcast(x, index)
    x, index = (add_expand(site, value, shape, name) for value, name in ((x, "input"), (index, "index")))
    sizes = [*shape[: op.axis], op.size, *shape[op.axis + 1 :]]
    zeros = site.add_node(
        "Expand",
        [site.constant("zero", 0, x), site.integers("sizes", sizes)],
        tuple(sizes),
        batched=False,
        name="zeros",
    )
    attributes: dict[str, Attribute] = {"axis": x.axis(op.axis), "reduction": "add"}
    operands = repeat_over_batch(site, zeros, x), index, x
    if dtype not in HALF:
        return site.result("ScatterElements", *operands, **attributes)
    return site.result("Cast", site.add("ScatterElements", *operands, name="sums", extra=attributes), to=ELEMENT[dtype])


def over_the_batch(site: Site) -> tuple[GraphValue, GraphValue]:
    """Returns both inputs, repeated for every example if the other has a batch axis."""
    x, index = site.batched_input(0), site.batched_input(1)
    return repeat_over_batch(site, x, index), repeat_over_batch(site, index, x)
