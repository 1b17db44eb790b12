"""Rotary position embedding: ``RotaryEmbedding`` if it is available and equivalent, else its formula."""

from __future__ import annotations

import math

from netspec.ops.rotary import Rotary

from ..builder.common_nodes import (
    add_column,
    add_range,
    add_reshape,
    add_slice,
    add_transpose,
    align_rank,
    append_axes,
    reshape_target,
)
from ..builder.site import Site
from ..builder.value_info import BATCH, ELEMENT, GraphValue
from .rule_table import Results, lower

ROTARY_SINCE = 23
"""The first operator set with ``RotaryEmbedding``."""


@lower.rule(Rotary)
def rotary(op: Rotary, site: Site) -> Results:
    """Rotates pairs of features; other features are unchanged."""
    first, dims = op.turned(site.input_types[0])
    x = site.batched_input(0)
    angles = site.inputs[1] if op.angles else _angles(op, site, x, dims)
    per_head = angles.rank == 3
    if site.opset >= ROTARY_SINCE and x.rank == 2 and x.dtype != "float64" and not first and not per_head:
        if angles.batched and angles.shape[0] == x.shape[0] == BATCH:
            return _operator(op, site, x, angles, dims, None)
        if not angles.batched:
            return _operator(op, site, x, angles, dims, _positions(site, x))
    if per_head:
        angles = add_transpose(site, angles, (1, 0, 2), "angles_by_position")
    else:
        number = angles.axis(1)
        n, pairs = angles.item_shape
        axes = site.integers("heads_axis", [number])
        angles = site.add("Unsqueeze", angles, axes, name="angles_of_heads", item_shape=(n, 1, pairs))
    cos, sin = _waves(site, align_rank(site, angles, x.rank + 1), x.dtype)
    head = op.head(site.input_types[0])
    split = add_reshape(site, x, (*x.item_shape[:-1], op.heads, head), "by_head")
    last = split.rank - 1
    turned = add_slice(site, split, last, first, first + dims, "turned") if dims < head else split
    parts = _turn(op, site, turned, cos, sin)
    untouched = [(0, first), (first + dims, head)]
    before, after = ([add_slice(site, split, last, a, b, "kept")] if a < b else [] for a, b in untouched)
    together = [*before, *parts, *after]
    joined = site.add("Concat", *together, name="joined", item_shape=split.item_shape, axis=split.axis(last))
    return site.result("Reshape", joined, reshape_target(site, joined, site.node.outputs[0].shape))


def _turn(op: Rotary, site: Site, x: GraphValue, cos: GraphValue, sin: GraphValue) -> list[GraphValue]:
    """Returns the rotated features along the last axis, in parts to be concatenated."""
    last, dims = x.rank - 1, x.item_shape[-1]
    interleaved = op.pairs == "interleaved"
    if interleaved:
        a, b = (add_slice(site, x, last, i, dims, f"{name}_of_pairs", 2) for i, name in enumerate(("first", "second")))
    else:
        a = add_slice(site, x, last, 0, dims // 2, "first_half")
        b = add_slice(site, x, last, dims // 2, dims, "second_half")
    parts = [
        site.add(
            kind,
            site.add("Mul", left, cos, name="along"),
            site.add("Mul", right, sin, name="across"),
            name=f"turned_{name}",
        )
        for kind, left, right, name in (("Sub", a, b, "first"), ("Add", b, a, "second"))
    ]
    if not interleaved:
        return parts
    columns = [append_axes(site, part, 1, "column") for part in parts]
    shape = (*parts[0].item_shape, 2)
    pairs = site.add("Concat", *columns, name="pairs", item_shape=shape, axis=columns[0].axis(x.rank))
    return [add_reshape(site, pairs, x.item_shape, "interleaved")]


def _operator(
    op: Rotary, site: Site, x: GraphValue, angles: GraphValue, dims: int, positions: GraphValue | None
) -> Results:
    cos, sin = _waves(site, angles, x.dtype)
    return site.result(
        "RotaryEmbedding",
        x,
        cos,
        sin,
        positions,
        interleaved=int(op.pairs == "interleaved"),
        num_heads=op.heads,
        rotary_embedding_dim=0 if dims == x.item_shape[-1] // op.heads else dims,
    )


def _positions(site: Site, x: GraphValue) -> GraphValue:
    """Returns the position numbers for every example: (N, n)."""
    n = x.item_shape[0]
    row = add_range(site, n, "positions")
    target = site.add_node(
        "Concat", [site.batch_size(x), site.integers("count", [n])], (2,), batched=False, name="batch_by_n", axis=0
    )
    return site.add_node("Expand", [row, target], (x.shape[0], n), batched=True, name="positions_of_batch")


def _angles(op: Rotary, site: Site, x: GraphValue, dims: int) -> GraphValue:
    """``position * theta ** (-2 i / dims)`` as (n, dims / 2), in double precision."""
    n = x.item_shape[-2]
    positions = site.add(
        "Cast", add_range(site, n, "positions"), name="numbers", dtype="float64", to=ELEMENT["float64"]
    )
    rates = [op.theta ** (-i / dims) for i in range(0, dims, 2)]
    return site.add(
        "Mul",
        add_column(site, positions, "column"),
        site.constant("rates", rates, positions, (dims // 2,)),
        name="angles",
        item_shape=(n, dims // 2),
    )


def _waves(site: Site, angles: GraphValue, dtype: str) -> tuple[GraphValue, GraphValue]:
    """Returns cosine and sine of angles in the type of the features; runtimes only support the sine of doubles."""
    ahead = site.add("Add", angles, site.constant("quarter", math.pi / 2, angles), name="quarter_ahead")
    waves: list[GraphValue] = []
    for name, x in (("cos", ahead), ("sin", angles)):
        wave = site.add("Sin", x, name=name)
        if wave.dtype != dtype:
            wave = site.add("Cast", wave, name=f"{name}_of_features", dtype=dtype, to=ELEMENT[dtype])
        waves.append(wave)
    return waves[0], waves[1]
