"""Attention from matrix products, so that it runs on every operator set."""

from __future__ import annotations

import math

from netspec.ops.attention import Attention, DotProductAttention

from .pool import LOWEST
from .rules import Results, lower
from .site import Site
from .values import Dim, Value


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
    own = site.node.outputs[0].shape
    return site.result("Reshape", mixed, site.shape_for(mixed, [str(n) if type(n) is not int else n for n in own]))


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
    if mask is not None:
        mask = site.aligned(mask, scores.rank)
        if mask.dtype == "bool":
            scores = _kept(site, mask, scores, "masked")
        else:
            scores = site.add("Add", scores, mask, what="masked", own=scores.own)
    if causal:
        earlier = site.add(
            "GreaterOrEqual", _numbers(site, q, n, "rows", (1,)), _numbers(site, k, m, "columns", (0,)),
            what="earlier", own=(n, m), dtype="bool",
        )
        scores = _kept(site, earlier, scores, "causal")
    weights = site.add("Softmax", scores, what="weights", axis=-1)
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
    assert isinstance(width, int)
    split = site.reshaped(x, (*x.own[:-1], heads, width // heads), f"{what}_split")
    order = _swapped(split.rank)
    if turned:
        order[-2], order[-1] = order[-1], order[-2]
    return site.transposed(split, order, f"{what}_heads")


def _swapped(rank: int) -> list[int]:
    """The order that exchanges length and heads."""
    return [*range(rank - 3), rank - 2, rank - 3, rank - 1]


def _kept(site: Site, mask: Value, scores: Value, what: str) -> Value:
    """The scores where the mask is true; elsewhere what no softmax sees."""
    least = site.number("least", LOWEST.get(scores.dtype, -1e300), scores)
    return site.add("Where", mask, scores, least, what=what, own=scores.own, dtype=scores.dtype)


def _numbers(site: Site, x: Value, size: Dim, what: str, axes: tuple[int]) -> Value:
    """The numbers of the positions of a length, as a column (new axis 1) or a row (new axis 0)."""
    if isinstance(size, int):
        counted = list(range(size))
        return site.integers(what, [[i] for i in counted] if axes == (1,) else [counted])
    length = site.size_of(x, x.rank - 2)
    numbers = site.raw(
        "Range", [site.integers("zero", 0), length, site.integers("one", 1)], (size,), lead=False, what=what
    )
    shape = (size, 1) if axes == (1,) else (1, size)
    return site.raw("Unsqueeze", [numbers, site.integers("axes", list(axes))], shape, lead=False, what=f"{what}_axis")
