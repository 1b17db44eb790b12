"""Pooling. Windows are made exact with explicit pads: ONNX's own ``ceil_mode`` counts windows differently.

PyTorch's last window starts inside the input or the padding before it, and may end behind the padding; what it
lacks there is added at the end, as what the operation ignores.
"""

from __future__ import annotations

import math

from netspec.ops.pool import (
    Adaptive,
    AdaptiveAvgPool,
    AdaptiveMaxPool,
    AvgPool,
    Global,
    GlobalAvgPool,
    GlobalMaxPool,
    LpPool,
    MaxPool,
    MaxUnpool,
    Padded,
    StochasticPool,
    Subsample,
)

from ..builder.site import Site
from ..builder.value_info import Value
from .base import Results, lower

LOWEST = {"float16": -65504.0, "bfloat16": -3.3895313892515355e38, "float32": -3.4028234663852886e38}
"""Least finite numbers."""

Pairs = list[tuple[int, int]]


@lower.rule(MaxPool)
def max_pool(op: MaxPool, site: Site) -> Results:
    """``MaxPool``; padding as wide as the taps are many, which ONNX Runtime refuses, stands before it."""
    x = site.x
    pairs, short = edges(op, site)
    pairs = [(before, after + more) for (before, after), more in zip(pairs, short, strict=True)]
    if any(max(pair) >= size for pair, size in zip(pairs, op.size, strict=True)):
        x = site.padded(x, _axes(pairs), fill=LOWEST.get(x.dtype, -math.inf))
        pairs = [(0, 0)] * op.rank
    return site.result(
        "MaxPool", x, kernel_shape=op.size, strides=op.strides(), dilations=op.dilation, pads=_flat(pairs)
    )


@lower.rule(AvgPool)
def avg_pool(op: AvgPool, site: Site) -> Results:
    """``AveragePool``. Padding counts where it is asked for; what a last window has behind it never does."""
    x = site.x
    pairs, short = edges(op, site)
    counted = op.count_include_pad and any(map(any, pairs))
    if counted and any(short):
        x = site.padded(x, _axes(pairs))
        pairs, counted = [(0, 0)] * op.rank, False
    pairs = [(before, after + more) for (before, after), more in zip(pairs, short, strict=True)]
    return site.result(
        "AveragePool", x, kernel_shape=op.size, strides=op.strides(), pads=_flat(pairs),
        count_include_pad=int(counted),
    )


@lower.rule(LpPool)
def lp_pool(op: LpPool, site: Site) -> Results:
    """``LpPool`` where the power is an even number; else powers, their sums, and the root."""
    pairs, short = edges(op, site)
    pairs = [(before, after + more) for (before, after), more in zip(pairs, short, strict=True)]
    x = site.x
    if op.p % 2 == 0:
        return site.result(
            "LpPool", x, kernel_shape=op.size, strides=op.strides(), pads=_flat(pairs), p=int(op.p)
        )
    powers = site.add("Pow", x, site.number("p", op.p, x), what="powers")
    own = site.node.outputs[0].shape
    means = site.add(
        "AveragePool", powers, what="means", own=own, kernel_shape=op.size, strides=op.strides(), pads=_flat(pairs),
        count_include_pad=1,
    )
    sums = site.add("Mul", means, site.number("elements", float(math.prod(op.size)), x), what="sums")
    return site.result("Pow", sums, site.number("root", 1 / op.p, x))


@lower.rule(MaxUnpool)
def max_unpool(op: MaxUnpool, site: Site) -> Results:
    """``MaxUnpool``, at the places that ``MaxPool`` finds once more; they count through the whole batch."""
    x, like = site.x, site.batched(1)
    x, like = site.over_batch(x, like), site.over_batch(like, x)
    _, places = site.parts(
        "MaxPool", [like], [x.own, x.own], ["maximum", "places"], dtypes=[like.dtype, "int64"], kernel_shape=op.size,
        strides=op.size,
    )
    rank = len(like.shape)
    shape = site.raw("Shape", [like], (rank,), lead=False, what="shape", dtype="int64")
    return site.result("MaxUnpool", x, places, shape, kernel_shape=op.size, strides=op.size)


@lower.rule(StochasticPool)
def stochastic_pool(op: StochasticPool, site: Site) -> Results:
    """In inference the mean of each window weighted by its own values: the sum of squares over the sum; 0 for zeros."""
    x = site.x
    own = site.node.outputs[0].shape
    squares = site.add("Mul", x, x, what="squares")
    above, below = (
        site.add("AveragePool", v, what=what, own=own, kernel_shape=op.size, strides=op.strides())
        for v, what in ((squares, "mean_square"), (x, "mean"))
    )
    empty = site.add("Equal", below, site.number("zero", 0.0, x), what="empty", dtype="bool")
    divisor = site.add("Where", empty, site.number("one", 1.0, x), below, what="divisor", dtype=x.dtype)
    return site.result("Div", above, divisor)


@lower.rule(Subsample)
def subsample(op: Subsample, site: Site) -> Results:
    """A depthwise ``Conv`` whose kernel is the gain at every position: the window's sum times gain, plus bias."""
    x, gain = site.x, site.weight("weight")
    (channels,) = gain.own
    kernel = site.reshaped(gain, (channels, *(1,) * (op.rank + 1)), "gain")
    full = (channels, 1, *op.size)
    kernel = site.add("Expand", kernel, site.integers("kernel_shape", list(full)), what="kernel", own=full)
    return site.result(
        "Conv", x, kernel, site.weight("bias"), kernel_shape=op.size, strides=op.strides(), group=channels
    )


@lower.rule(AdaptiveAvgPool, AdaptiveMaxPool)
def adaptive(op: Adaptive, site: Site) -> Results:
    """One window size where the sizes divide; else the windows' elements side by side, one axis after the other."""
    x = site.x
    mean = isinstance(op, AdaptiveAvgPool)
    sizes = x.own[1:]
    if all(m == 1 for m in op.size):
        kind = "ReduceMean" if mean else "ReduceMax"
        operands, attributes = site.reduction(kind, x, range(1, x.rank))
        return site.result(kind, *operands, keepdims=1, **attributes)
    if all(n % m == 0 for n, m in zip(sizes, op.size, strict=True)):
        step = [n // m for n, m in zip(sizes, op.size, strict=True)]
        return site.result("AveragePool" if mean else "MaxPool", x, kernel_shape=step, strides=step)
    uneven = [a for a, (n, m) in enumerate(zip(sizes, op.size, strict=True), 1) if n != m]
    for axis in uneven:
        x = _along(op, site, x, axis, mean, last=axis == uneven[-1])
    return x


@lower.rule(GlobalAvgPool, GlobalMaxPool)
def global_pool(op: Global, site: Site) -> Results:
    """A reduction over every axis but the channels."""
    x = site.x
    kind = "ReduceMean" if isinstance(op, GlobalAvgPool) else "ReduceMax"
    channel = op.channel(site.input_types[0])
    operands, attributes = site.reduction(kind, x, [a for a in range(x.rank) if a != channel])
    return site.result(kind, *operands, keepdims=int(op.keepdims), **attributes)


def edges(op: Padded, site: Site) -> tuple[Pairs, list[int]]:
    """Padding for each axis, and how far the last window reaches behind it (0 without ``ceil_mode``)."""
    kind = site.input_types[0]
    _, axes = op.window_axes(kind)
    pairs = list(op.pads(kind))
    short: list[int] = []
    for a, w, (before, after), count in zip(axes, op.windows(), pairs, op.positions(kind), strict=True):
        short.append(max((count - 1) * w.stride + w.extent - (kind.shape[a] + before + after), 0) if w.ceil_mode else 0)
    return pairs, short


def _along(op: Adaptive, site: Site, x: Value, axis: int, mean: bool, *, last: bool) -> Value:
    """Windows of changing sizes along one axis: position i of m holds ``floor(i n / m)`` to ``ceil((i + 1) n / m)``."""
    n, m = x.own[axis], op.size[axis - 1]
    spans = [range(i * n // m, -(-(i + 1) * n // m)) for i in range(m)]
    most = max(map(len, spans))
    index = [[span[min(j, len(span) - 1)] for j in range(most)] for span in spans]
    own = (*x.own[:axis], m, most, *x.own[axis + 1 :])
    taken = site.add("Gather", x, site.integers("windows", index), what="taken", own=own, axis=x.axis(axis))
    if mean:
        shares = [1 / len(span) if j < len(span) else 0.0 for span in spans for j in range(most)]
        column = site.number("shares", shares, x, (m, most, *(1,) * (x.rank - axis - 1)))
        taken = site.add("Mul", taken, column, what="weighted")
    kind = "ReduceSum" if mean else "ReduceMax"
    if not last:
        return site.reduced(kind, taken, [axis + 1], False, "pooled")
    operands, attributes = site.reduction(kind, taken, [axis + 1])
    return site.result(kind, *operands, keepdims=0, **attributes)


def _axes(pairs: Pairs) -> dict[int, tuple[int, int]]:
    return {a: pair for a, pair in enumerate(pairs, 1) if any(pair)}


def _flat(pairs: Pairs) -> list[int]:
    return [p[0] for p in pairs] + [p[1] for p in pairs]
