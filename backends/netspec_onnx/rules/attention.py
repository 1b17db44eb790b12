"""Attention as matrix products, which every operator set has."""

from __future__ import annotations

import math

from netspec.ops.attention import Attention, DotProductAttention

from ..builder.helpers import add_column, add_range, add_reshape, add_transpose, align_rank, reshape_target
from ..builder.site import Site
from ..builder.value_info import LOWEST, Value, broadcast
from .rule_table import Results, lower


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
    mixed = attend(site, q, k, v, op.heads, scale, op.causal, site.inputs[3] if op.mask else None)
    return site.result("Reshape", mixed, reshape_target(site, mixed, site.node.outputs[0].shape))


def attend(
    site: Site, q: Value, k: Value, v: Value, heads: int, scale: float, causal: bool, mask: Value | None
) -> Value:
    """The mean of the values for each query, weighted by the softmax of its scaled products with the keys.

    Query, key and value are (…, length, heads * features); the result is (…, length, heads, features).
    """
    leading = q.item_shape[:-2]
    n, m = q.item_shape[-2], k.item_shape[-2]
    queries = site.add("Mul", _heads(site, q, heads, "q"), site.constant("scale", scale, q), name="q_scaled")
    keys, values = _heads(site, k, heads, "k", transpose_last=True), _heads(site, v, heads, "v")
    scores = site.add("MatMul", queries, keys, name="scores", item_shape=(*leading, heads, n, m))
    allowed: Value | None = None
    if mask is not None:
        mask = align_rank(site, mask, scores.rank)
        if mask.dtype == "bool":
            allowed = mask
        else:
            scores = site.add("Add", scores, mask, name="masked", item_shape=scores.item_shape)
    if causal:
        earlier = site.add(
            "GreaterOrEqual",
            add_column(site, add_range(site, n, "queries"), "rows"),
            add_range(site, m, "columns"),
            name="earlier",
            item_shape=(n, m),
            dtype="bool",
        )
        if allowed is not None:
            item_shape = broadcast(allowed, earlier)
            earlier = site.add("And", allowed, earlier, name="allowed", item_shape=item_shape)
        allowed = earlier
    if allowed is not None:
        scores = _where(site, allowed, scores, LOWEST.get(scores.dtype, -1e300), "kept")
    weights = site.add("Softmax", scores, name="weights", axis=-1)
    if mask is not None and allowed is not None:
        # The result for a query without an allowed key is zero, as in PyTorch, not the mean of all values.
        weights = _where(site, allowed, weights, 0.0, "seen")
    mixed = site.add("MatMul", weights, values, name="mixed", item_shape=(*leading, heads, n, values.item_shape[-1]))
    return add_transpose(site, mixed, _length_and_heads_swapped(mixed.rank), "by_position")


def project(site: Site, x: Value, weight: Value, bias: Value | None, name: str) -> Value:
    """A dense layer along the last axis."""
    columns = add_transpose(site, weight, (1, 0), f"{name}_weight")
    out = site.add("MatMul", x, columns, name=name, item_shape=(*x.item_shape[:-1], weight.shape[0]))
    return out if bias is None else site.add("Add", out, bias, name=f"{name}_sum")


def split_equally(site: Site, x: Value, axis: int, size: int, names: str) -> list[Value]:
    """``Split`` along an axis into parts of equal size, one for each letter of ``names``."""
    item_shape = [size if a == axis else n for a, n in enumerate(x.item_shape)]
    sizes = site.integers("parts", [size] * len(names))
    return site.add_multiple("Split", [x, sizes], [item_shape] * len(names), list(names), axis=x.axis(axis))


def _separate_projections(op: Attention, site: Site, width: int) -> tuple[list[Value], list[Value | None]]:
    """Weights and biases of the projections of query, key and value."""
    if "in_proj_weight" in dict(site.node.weights):
        weights = split_equally(site, site.weight("in_proj_weight"), 0, width, "qkv")
    else:
        weights = [site.weight(f"{letter}_proj_weight") for letter in "qkv"]
    bias = site.optional_weight("in_proj_bias")
    return weights, [None] * 3 if bias is None else [*split_equally(site, bias, 0, width, "qkv")]


def _heads(site: Site, x: Value, heads: int, name: str, *, transpose_last: bool = False) -> Value:
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


def _where(site: Site, allowed: Value, x: Value, otherwise: float, name: str) -> Value:
    """The values where allowed, and a constant elsewhere."""
    number = site.constant(f"{name}_otherwise", otherwise, x)
    return site.add("Where", allowed, x, number, name=name, item_shape=x.item_shape, dtype=x.dtype)
