"""Attention from matrix products, so that it runs on every operator set."""

from __future__ import annotations

import math

from netspec.ops.attention import Attention, DotProductAttention

from ..builder.site import Site
from ..builder.value_info import Value
from .base import Results, lower
from .merge import broadcast
from .pool import LOWEST


@lower.rule(Attention)
def attention(op: Attention, site: Site) -> Results:
    """Projections, :func:`attend`, and the projection of the result."""
    inputs = [site.batched(i) for i in op.roles(site.input_types)]
    width = op.widths(site.input_types)[0]
    mask = site.inputs[-1] if op.mask else None
    if len({v.name for v in inputs}) == 1 and "in_proj_weight" in dict(site.node.weights):
        joint = projected(site, inputs[0], site.weight("in_proj_weight"), site.maybe_weight("in_proj_bias"), "in_proj")
        q, k, v = parted(site, joint, joint.rank - 1, width, "qkv")
    else:
        weights, biases = _separate(op, site, width)
        q, k, v = (
            projected(site, x, weight, bias, f"{letter}_proj")
            for x, weight, bias, letter in zip(inputs, weights, biases, "qkv", strict=True)
        )
    mixed = attend(site, q, k, v, op.heads, 1 / math.sqrt(width // op.heads), op.causal, mask)
    flat = site.reshaped(mixed, (*mixed.own[:-2], width), "joined")
    weight, bias = site.weight("out_proj.weight"), site.maybe_weight("out_proj.bias")
    turned = site.transposed(weight, (1, 0), "out_proj_weight")
    if bias is None:
        return site.result("MatMul", flat, turned)
    return site.result("Add", site.add("MatMul", flat, turned, what="out_proj", own=flat.own), bias)


@lower.rule(DotProductAttention)
def dot_product_attention(op: DotProductAttention, site: Site) -> Results:
    """:func:`attend` on what comes in."""
    q, k, v = (site.batched(i) for i in range(3))
    width = op.widths(site.input_types)[0]
    scale = 1 / math.sqrt(width // op.heads) if op.scale is None else op.scale
    mixed = attend(site, q, k, v, op.heads, scale, op.causal, site.inputs[3] if op.mask else None)
    return site.result("Reshape", mixed, site.shape_for(mixed, site.node.outputs[0].shape))


def attend(
    site: Site, q: Value, k: Value, v: Value, heads: int, scale: float, causal: bool, mask: Value | None
) -> Value:
    """Each query's mean of the values, weighted by the softmax of its scaled products with the keys.

    Query, key and value are (…, length, heads * features); the result is (…, length, heads, features).
    """
    front = q.own[:-2]
    n, m = q.own[-2], k.own[-2]
    queries = site.add("Mul", _heads(site, q, heads, "q"), site.number("scale", scale, q), what="q_scaled")
    keys, values = _heads(site, k, heads, "k", turned=True), _heads(site, v, heads, "v")
    scores = site.add("MatMul", queries, keys, what="scores", own=(*front, heads, n, m))
    allowed: Value | None = None
    if mask is not None:
        mask = site.aligned(mask, scores.rank)
        if mask.dtype == "bool":
            allowed = mask
        else:
            scores = site.add("Add", scores, mask, what="masked", own=scores.own)
    if causal:
        earlier = site.add(
            "GreaterOrEqual", site.integers("rows", [[i] for i in range(n)]), site.integers("columns", [[*range(m)]]),
            what="earlier", own=(n, m), dtype="bool",
        )
        if allowed is not None:
            own = broadcast(allowed, earlier)
            earlier = site.add("And", allowed, earlier, what="allowed", own=own)
        allowed = earlier
    if allowed is not None:
        scores = _where(site, allowed, scores, LOWEST.get(scores.dtype, -1e300), "kept")
    weights = site.add("Softmax", scores, what="weights", axis=-1)
    if mask is not None and allowed is not None:
        # A query that may attend to nothing gets nothing, as in PyTorch, and not the mean of everything.
        weights = _where(site, allowed, weights, 0.0, "seen")
    mixed = site.add("MatMul", weights, values, what="mixed", own=(*front, heads, n, values.own[-1]))
    return site.transposed(mixed, _swapped(mixed.rank), "by_position")


def projected(site: Site, x: Value, weight: Value, bias: Value | None, what: str) -> Value:
    """A dense layer along the last axis."""
    turned = site.transposed(weight, (1, 0), f"{what}_weight")
    out = site.add("MatMul", x, turned, what=what, own=(*x.own[:-1], weight.shape[0]))
    return out if bias is None else site.add("Add", out, bias, what=f"{what}_sum")


def parted(site: Site, x: Value, axis: int, size: int, letters: str) -> list[Value]:
    """``Split`` into equal parts of a size along an axis; one part for each letter."""
    own = [size if a == axis else n for a, n in enumerate(x.own)]
    sizes = site.integers("parts", [size] * len(letters))
    return site.parts("Split", [x, sizes], [own] * len(letters), list(letters), axis=x.axis(axis))


def _separate(op: Attention, site: Site, width: int) -> tuple[list[Value], list[Value | None]]:
    """Weights and biases of the three projections."""
    if "in_proj_weight" in dict(site.node.weights):
        weights = parted(site, site.weight("in_proj_weight"), 0, width, "qkv")
    else:
        weights = [site.weight(f"{letter}_proj_weight") for letter in "qkv"]
    bias = site.maybe_weight("in_proj_bias")
    return weights, [None] * 3 if bias is None else [*parted(site, bias, 0, width, "qkv")]


def _heads(site: Site, x: Value, heads: int, what: str, *, turned: bool = False) -> Value:
    """(…, length, heads * features) as (…, heads, length, features), or with the last two exchanged."""
    width = x.own[-1]
    split = site.reshaped(x, (*x.own[:-1], heads, width // heads), f"{what}_split")
    order = _swapped(split.rank)
    if turned:
        order[-2], order[-1] = order[-1], order[-2]
    return site.transposed(split, order, f"{what}_heads")


def _swapped(rank: int) -> list[int]:
    """The order that exchanges length and heads."""
    return [*range(rank - 3), rank - 2, rank - 3, rank - 1]


def _where(site: Site, allowed: Value, x: Value, otherwise: float, what: str) -> Value:
    """The values where that is allowed, and a number elsewhere."""
    number = site.number(f"{what}_otherwise", otherwise, x)
    return site.add("Where", allowed, x, number, what=what, own=x.own, dtype=x.dtype)
