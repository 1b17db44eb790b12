"""Attention as matrix products, which every operator set has."""

from __future__ import annotations

import math

from netspec.ops.attention import Attention, DotProductAttention
from netspec.shapes.sizes import is_same

from ..builder.common_nodes import (
    add_column,
    add_range,
    add_reduction,
    add_reshape,
    add_transpose,
    align_rank,
    append_axes,
    reshape_target,
)
from ..builder.site import Site
from ..builder.value_info import ELEMENT, LOWEST, GraphValue, broadcast
from .rule_table import Results, lower

ATTENTION_SINCE = 23
"""The first operator set with ``Attention``."""


@lower.rule(Attention)
def attention(op: Attention, site: Site) -> Results:
    """Input projections, :func:`attend`, and the output projection."""
    inputs = [site.batched_input(i) for i in op.roles(site.input_types)]
    width = op.widths(site.input_types)[0]
    mask = site.inputs[-1] if op.mask else None
    if len({v.name for v in inputs}) == 1 and "in_proj_weight" in dict(site.node.weights):
        joint = project(site, inputs[0], site.weight("in_proj_weight"), site.optional_weight("in_proj_bias"), "in_proj")
        q, k, v = split_equally(site, joint, joint.rank - 1, width, "qkv")
    else:
        weights, biases = _separate_projections(op, site, width)
        q, k, v = (
            project(site, x, weight, bias, f"{letter}_proj")
            for x, weight, bias, letter in zip(inputs, weights, biases, "qkv", strict=True)
        )
    mixed = attend(site, q, k, v, op.heads, 1 / math.sqrt(width // op.heads), op.causal, mask)
    flat = add_reshape(site, mixed, (*mixed.item_shape[:-2], width), "joined")
    weight, bias = site.weight("out_proj.weight"), site.optional_weight("out_proj.bias")
    columns = add_transpose(site, weight, (1, 0), "out_proj_weight")
    if bias is None:
        return site.result("MatMul", flat, columns)
    return site.result("Add", site.add("MatMul", flat, columns, name="out_proj", item_shape=flat.item_shape), bias)


@lower.rule(DotProductAttention)
def dot_product_attention(op: DotProductAttention, site: Site) -> Results:
    """:func:`attend` on the inputs."""
    q, k, v = (site.batched_input(i) for i in range(3))
    width = op.widths(site.input_types)[0]
    scale = 1 / math.sqrt(width // op.heads) if op.scale is None else op.scale
    if fits_operator(op, site, (q, k, v)):
        seen = None if op.window is None else seen_keys(site, q.item_shape[-2], k.item_shape[-2], op.causal, op.window)
        causal = int(op.causal and seen is None)
        return site.result(
            "Attention", q, k, v, seen, q_num_heads=op.heads, kv_num_heads=op.key_heads, scale=scale, is_causal=causal
        )
    mask, sinks = site.inputs[3] if op.mask else None, site.inputs[-1] if op.sinks else None
    mixed = attend(site, q, k, v, op.heads, scale, op.causal, mask, op.key_heads, op.window, op.cap, sinks)
    return site.result("Reshape", mixed, reshape_target(site, mixed, site.node.outputs[0].shape))


def fits_operator(op: DotProductAttention, site: Site, values: tuple[GraphValue, GraphValue, GraphValue]) -> bool:
    """Whether the operator ``Attention`` is equivalent.

    The operator applies its cap after the mask, and has no sinks. Its result is undefined for a query without an
    allowed key, which may occur with a mask, and with a window unless there are as many queries as keys.
    """
    q, k, _ = values
    if site.opset < ATTENTION_SINCE or op.mask or op.cap is not None or op.sinks:
        return False
    if q.rank != 2 or q.dtype == "float64" or len({x.shape[0] for x in values}) > 1:
        return False
    return op.window is None or is_same(q.item_shape[0], k.item_shape[0])


def attend(
    site: Site,
    q: GraphValue,
    k: GraphValue,
    v: GraphValue,
    heads: int,
    scale: float,
    causal: bool,
    mask: GraphValue | None,
    kv_heads: int | None = None,
    window: int | None = None,
    cap: float | None = None,
    sinks: GraphValue | None = None,
) -> GraphValue:
    """Returns the mean of the values for each query, weighted by the softmax of its scaled products with the keys.

    Query, key and value are (…, length, heads * features); the result is (…, length, heads, features). Query heads that
    share a head of key and value are handled as further rows of one product.
    """
    leading = q.item_shape[:-2]
    n, m = q.item_shape[-2], k.item_shape[-2]
    groups = heads if kv_heads is None else kv_heads
    rows = heads // groups * n
    queries = site.add("Mul", _heads(site, q, heads, "q"), site.constant("scale", scale, q), name="q_scaled")
    keys, values = _heads(site, k, groups, "k", transpose_last=True), _heads(site, v, groups, "v")
    if groups != heads:
        queries = add_reshape(site, queries, (*leading, groups, rows, queries.item_shape[-1]), "q_groups")
    scores = site.add("MatMul", queries, keys, name="scores", item_shape=(*leading, groups, rows, m))
    if groups != heads:
        scores = add_reshape(site, scores, (*leading, heads, n, m), "scores_by_head")
    if cap is not None:
        most = site.constant("cap", cap, scores)
        bent = site.add("Tanh", site.add("Div", scores, most, name="part_of_cap"), name="bent")
        scores = site.add("Mul", bent, most, name="capped")
    allowed: GraphValue | None = None
    if mask is not None:
        mask = align_rank(site, mask, scores.rank)
        if mask.dtype == "bool":
            allowed = mask
        else:
            scores = site.add("Add", scores, mask, name="masked", item_shape=scores.item_shape)
    if causal or window is not None:
        seen = seen_keys(site, n, m, causal, window)
        if allowed is not None:
            seen = site.add("And", allowed, seen, name="allowed", item_shape=broadcast(allowed, seen))
        allowed = seen
    if allowed is not None:
        scores = _where(site, allowed, scores, LOWEST.get(scores.dtype, -1e300), "kept")
    weights = softmax(site, scores, sinks)
    if allowed is not None and (mask is not None or (window is not None and not is_same(n, m))):
        # The result for a query without an allowed key is zero, as in PyTorch, not the mean of all values.
        weights = _where(site, allowed, weights, 0.0, "seen")
    if groups != heads:
        weights = add_reshape(site, weights, (*leading, groups, rows, m), "weights_by_group")
    features = values.item_shape[-1]
    mixed = site.add("MatMul", weights, values, name="mixed", item_shape=(*leading, groups, rows, features))
    if groups != heads:
        mixed = add_reshape(site, mixed, (*leading, heads, n, features), "mixed_by_head")
    return add_transpose(site, mixed, _length_and_heads_swapped(mixed.rank), "by_position")


def seen_keys(site: Site, n: int, m: int, causal: bool, window: int | None) -> GraphValue:
    """Returns which keys each query may attend to, as (n, m): none after it, and none outside of its window."""
    rows, columns = add_column(site, add_range(site, n, "queries"), "rows"), add_range(site, m, "columns")
    seen: GraphValue | None = None
    if causal:
        seen = site.add("GreaterOrEqual", rows, columns, name="earlier", item_shape=(n, m), dtype="bool")
    if window is not None:
        ends = add_range(site, m, "window_ends", window)
        near = site.add("Less", rows, ends, name="not_before", item_shape=(n, m), dtype="bool")
        seen = near if seen is None else site.add("And", seen, near, name="in_window", item_shape=(n, m))
        if not causal:
            ends = add_column(site, add_range(site, n, "row_ends", window), "row_ends_column")
            near = site.add("Greater", ends, columns, name="not_after", item_shape=(n, m), dtype="bool")
            seen = site.add("And", seen, near, name="in_window", item_shape=(n, m))
    assert seen is not None
    return seen


def softmax(site: Site, scores: GraphValue, sinks: GraphValue | None) -> GraphValue:
    """Returns the softmax of the scores of each query; a sink is an additional score whose weight is dropped."""
    if sinks is None:
        return site.add("Softmax", scores, name="weights", axis=-1)
    last = scores.rank - 1
    if sinks.dtype != scores.dtype:
        sinks = site.add("Cast", sinks, name="sinks_as_scores", dtype=scores.dtype, to=ELEMENT[scores.dtype])
    column = append_axes(site, align_rank(site, sinks, scores.rank - 2), 2, "sinks")
    greatest = add_reduction(site, "ReduceMax", scores, (last,), True, "greatest")
    greatest = site.add("Max", greatest, column, name="greatest_of_all", item_shape=greatest.item_shape)
    powers = site.add("Exp", site.add("Sub", scores, greatest, name="less_greatest"), name="powers")
    total = add_reduction(site, "ReduceSum", powers, (last,), True, "sum")
    lost = site.add("Sub", column, greatest, name="sink_less_greatest", item_shape=greatest.item_shape)
    total = site.add("Add", total, site.add("Exp", lost, name="sink_power"), name="sum_with_sink")
    return site.add("Div", powers, total, name="weights")


def project(site: Site, x: GraphValue, weight: GraphValue, bias: GraphValue | None, name: str) -> GraphValue:
    """A dense layer along the last axis."""
    columns = add_transpose(site, weight, (1, 0), f"{name}_weight")
    out = site.add("MatMul", x, columns, name=name, item_shape=(*x.item_shape[:-1], weight.shape[0]))
    return out if bias is None else site.add("Add", out, bias, name=f"{name}_sum")


def split_equally(site: Site, x: GraphValue, axis: int, size: int, names: str) -> list[GraphValue]:
    """``Split`` along an axis into parts of equal size, one for each letter of ``names``."""
    item_shape = [size if a == axis else n for a, n in enumerate(x.item_shape)]
    sizes = site.integers("parts", [size] * len(names))
    return site.add_multiple("Split", [x, sizes], [item_shape] * len(names), list(names), axis=x.axis(axis))


def _separate_projections(op: Attention, site: Site, width: int) -> tuple[list[GraphValue], list[GraphValue | None]]:
    """Weights and biases of the projections of query, key and value."""
    if "in_proj_weight" in dict(site.node.weights):
        weights = split_equally(site, site.weight("in_proj_weight"), 0, width, "qkv")
    else:
        weights = [site.weight(f"{letter}_proj_weight") for letter in "qkv"]
    bias = site.optional_weight("in_proj_bias")
    return weights, [None] * 3 if bias is None else [*split_equally(site, bias, 0, width, "qkv")]


def _heads(site: Site, x: GraphValue, heads: int, name: str, *, transpose_last: bool = False) -> GraphValue:
    """Reshapes (…, length, heads * features) to (…, heads, length, features), or with the last two axes swapped."""
    width = x.item_shape[-1]
    split = add_reshape(site, x, (*x.item_shape[:-1], heads, width // heads), f"{name}_split")
    order = _length_and_heads_swapped(split.rank)
    if transpose_last:
        order[-2], order[-1] = order[-1], order[-2]
    return add_transpose(site, split, order, f"{name}_heads")


def _length_and_heads_swapped(rank: int) -> list[int]:
    """The order of axes that swaps length and heads."""
    return [*range(rank - 3), rank - 2, rank - 3, rank - 1]


def _where(site: Site, allowed: GraphValue, x: GraphValue, otherwise: float, name: str) -> GraphValue:
    """Replaces values by a constant where not allowed."""
    number = site.constant(f"{name}_otherwise", otherwise, x)
    return site.add("Where", allowed, x, number, name=name, item_shape=x.item_shape, dtype=x.dtype)
