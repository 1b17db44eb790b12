"""Operations with a pattern: reshapes around a reduction, transposition, repetition or product."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from netspec.ops.common.matrix_product import find_matrix_product
from netspec.ops.pattern import Einsum, Rearrange
from netspec.shapes.sizes import is_same
from netspec.shapes.types import FLOATS

from ..builder.common_nodes import add_reduction, add_reshape, add_transpose, perm, reduction_operands, reshape_target
from ..builder.site import Site
from ..builder.value_info import BATCH, ELEMENT, Attribute, GraphValue
from .rule_table import Results, lower

LETTERS = "acdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""Letters for the axes in an ``Einsum``; ``b`` is the batch."""
REDUCTIONS = {"sum": "ReduceSum", "mean": "ReduceMean", "max": "ReduceMax", "min": "ReduceMin", "prod": "ReduceProd"}
AddNode: TypeAlias = "Callable[[GraphValue, bool], GraphValue]"
"""Adds a node to a value; the last one has the name of the layer."""


@lower.rule(Rearrange)
def rearrange(op: Rearrange, site: Site) -> Results:
    """``Reshape``, a reduction, ``Transpose``, ``Reshape``, ``Expand`` and ``Reshape``, as far as needed."""
    layout = op.layout(site.input_types)
    x, sizes = site.inputs[0], layout.sizes
    names = [name for group in layout.inputs[0] for name in group]
    steps: list[AddNode] = []
    if op.by in ("sum", "prod") and x.dtype not in (*FLOATS, "int64"):
        steps.append(_cast(site, "int64"))
    as_numbers = op.by in ("max", "min") and x.dtype == "bool"
    if as_numbers:
        steps.append(_cast(site, "int32"))
    if any(len(group) != 1 for group in layout.inputs[0]):
        steps.append(_reshape(site, [sizes[n] for n in names], "parts"))
    if op.by is not None:
        gone = op.reduced(layout)
        steps.append(_reduce(site, op.by, [names.index(n) for n in gone]))
        names = [n for n in names if n not in gone]
    if as_numbers:
        steps.append(_cast(site, "bool"))
    order = [name for name in layout.order if name in names]
    if order != names:
        steps.append(_transpose(site, [names.index(n) for n in order]))
    shape = [sizes[n] for n in order]
    new = {name for name in layout.order if name not in names and not is_same(sizes[name], 1)}
    if new:
        shape = [sizes[n] for n in layout.order]
        steps.append(_reshape(site, [sizes[n] if n in order else 1 for n in layout.order], "apart"))
        steps.append(_expand(site, [sizes[n] if n in new else 1 for n in layout.order], shape))
    if shape != list(site.node.outputs[0].shape):
        steps.append(_reshape(site, site.node.outputs[0].shape, "joined"))
    return _result(site, x, steps)


@lower.rule(Einsum)
def einsum(op: Einsum, site: Site) -> Results:
    """``MatMul`` for a matrix product, otherwise ``Einsum``, between ``Reshape`` nodes that split and merge axes."""
    layout = op.layout(site.input_types)
    values: list[GraphValue] = []
    for number, (x, groups) in enumerate(zip(site.inputs, layout.inputs, strict=True)):
        names = [name for group in groups for name in group]
        divided = any(len(group) != 1 for group in groups)
        values.append(add_reshape(site, x, [layout.sizes[n] for n in names], f"parts{number}") if divided else x)
    shape = [layout.sizes[n] for n in layout.order]
    product = find_matrix_product(layout, [v.batched for v in values])
    if product is not None:
        for number, turned in enumerate(product):
            rank = values[number].rank
            if turned:
                order = [*range(rank - 2), rank - 1, rank - 2]
                values[number] = add_transpose(site, values[number], order, f"turned{number}")
        steps = [_combined(site, "MatMul", values, shape)]
    else:
        if any(v.batched and v.shape[0] == BATCH for v in values):
            values = [_without_single_batch(site, v, f"only{number}") for number, v in enumerate(values)]
        letters = dict(zip({n: None for groups in layout.inputs for g in groups for n in g}, LETTERS, strict=False))
        sides = [
            "b" * v.batched + "".join(letters[n] for group in groups for n in group)
            for v, groups in zip(values, layout.inputs, strict=True)
        ]
        output = "b" * any(v.batched for v in values) + "".join(letters[n] for n in layout.order)
        half = values[0].dtype == "bfloat16"  # which Einsum lacks
        if half:
            values = [_single(site, v, f"single{number}") for number, v in enumerate(values)]
        steps = [_combined(site, "Einsum", values, shape, equation=f"{','.join(sides)}->{output}")]
        if half:
            steps.append(_cast(site, "bfloat16"))
    if shape != list(site.node.outputs[0].shape):
        steps.append(_reshape(site, site.node.outputs[0].shape, "joined"))
    return _result(site, values[0], steps)


def _result(site: Site, x: GraphValue, steps: list[AddNode]) -> GraphValue:
    """Applies all steps; ``Identity`` if there are none."""
    if not steps:
        return site.result("Identity", x)
    for number, step in enumerate(steps, 1):
        x = step(x, number == len(steps))
    return x


def _without_single_batch(site: Site, value: GraphValue, name: str) -> GraphValue:
    """Removes a batch axis of 1, which an ``Einsum`` would not broadcast."""
    if not value.batched or value.shape[0] == BATCH:
        return value
    axes = site.integers(f"{name}_axes", [0])
    return site.add_node("Squeeze", [value, axes], value.item_shape, batched=False, name=name)


def _single(site: Site, value: GraphValue, name: str) -> GraphValue:
    """Casts a value to float32."""
    return site.add_node(
        "Cast", [value], value.shape, batched=value.batched, name=name, dtype="float32", to=ELEMENT["float32"]
    )


# -- steps -------------------------------------------------------------------------------------------------------------
def _reshape(site: Site, shape: Sequence[int], name: str) -> AddNode:
    def step(x: GraphValue, last: bool) -> GraphValue:
        if not last:
            return add_reshape(site, x, shape, name)
        return site.result("Reshape", x, reshape_target(site, x, shape))

    return step


def _transpose(site: Site, order: Sequence[int]) -> AddNode:
    def step(x: GraphValue, last: bool) -> GraphValue:
        return site.result("Transpose", x, perm=perm(x, order)) if last else add_transpose(site, x, order)

    return step


def _reduce(site: Site, by: str, axes: Sequence[int]) -> AddNode:
    def step(x: GraphValue, last: bool) -> GraphValue:
        if not last:
            return add_reduction(site, REDUCTIONS[by], x, axes, False, by)
        operands, attributes = reduction_operands(site, REDUCTIONS[by], x, axes)
        return site.result(REDUCTIONS[by], *operands, keepdims=0, **attributes)

    return step


def _cast(site: Site, dtype: str) -> AddNode:
    def step(x: GraphValue, last: bool) -> GraphValue:
        if last:
            return site.result("Cast", x, to=ELEMENT[dtype])
        return site.add("Cast", x, name=f"as_{dtype}", dtype=dtype, to=ELEMENT[dtype])

    return step


def _expand(site: Site, target: Sequence[int], shape: Sequence[int]) -> AddNode:
    def step(x: GraphValue, last: bool) -> GraphValue:
        sizes = site.integers("repeat", [1, *target] if x.batched else list(target))
        if last:
            return site.result("Expand", x, sizes)
        return site.add("Expand", x, sizes, name="repeated", item_shape=shape)

    return step


def _combined(
    site: Site, kind: str, values: Sequence[GraphValue], shape: Sequence[int], **attributes: Attribute
) -> AddNode:
    def step(x: GraphValue, last: bool) -> GraphValue:
        if last:
            return site.result(kind, *values, **attributes)
        return site.add(kind, *values, name="product", item_shape=shape, extra=attributes)

    return step
