"""Pooling with explicit pads, because ONNX's ``ceil_mode`` counts windows differently from PyTorch.

With PyTorch's ``ceil_mode`` the last window starts inside the input or the padding before it, and may reach beyond the
padding after it. The positions beyond are added as padding that the operation ignores.
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
from netspec.shapes.sizes import is_named

from ..builder.common_nodes import (
    add_column,
    add_pad,
    add_range,
    add_reduction,
    add_reshape,
    append_axes,
    reduction_operands,
    repeat_over_batch,
)
from ..builder.site import Site
from ..builder.value_info import ELEMENT, LOWEST, GraphValue
from .rule_table import Results, lower
from .window_padding import Pads, by_axis, needed_pads, no_padding, padding_attributes


@lower.rule(MaxPool)
def max_pool(op: MaxPool, site: Site) -> Results:
    """``MaxPool``; padding of at least the window's size, which ONNX Runtime rejects, is a ``Pad`` before it."""
    x = site.x
    pads = full_pads(op, site)
    padding = padding_attributes(op.windows(), pads)
    if padding is None or (
        "pads" in padding and any(max(pair) >= size for pair, size in zip(pads, op.size, strict=True))
    ):
        x = add_pad(site, x, by_axis(pads), fill=LOWEST.get(x.dtype, -math.inf))
        padding = no_padding(op.window_rank)
    return site.result("MaxPool", x, kernel_shape=op.size, strides=op.strides(), dilations=op.dilation, **padding)


@lower.rule(AvgPool)
def avg_pool(op: AvgPool, site: Site) -> Results:
    """``AveragePool``. Padding counts with ``count_include_pad``; positions beyond it never count."""
    x = site.x
    pads, beyond = pads_and_overhang(op, site)
    counted = op.count_include_pad and bool(by_axis(pads))
    if counted and any(beyond):
        x = add_pad(site, x, by_axis(pads))
        pads, counted = [(0, 0)] * op.window_rank, False
    pads = [(before, after + more) for (before, after), more in zip(pads, beyond, strict=True)]
    padding = padding_attributes(op.windows(), pads)
    if padding is None and not counted:
        return _mean_of_present(op, site, pads)
    if padding is None:
        x = add_pad(site, x, by_axis(pads))
        padding, counted = no_padding(op.window_rank), False
    return site.result(
        "AveragePool", x, kernel_shape=op.size, strides=op.strides(), **padding, count_include_pad=int(counted)
    )


def _mean_of_present(op: AvgPool, site: Site, pads: Pads) -> Results:
    """The mean of the padded input, divided by the mean of ones in its place, which is the fraction that counts."""
    x = site.x
    ones_shape = (1, *x.item_shape[1:])
    ones = site.add_node(
        "Expand",
        [site.constant("one", 1.0, x), site.integers("ones_shape", [1, *ones_shape])],
        (1, *ones_shape),
        batched=True,
        name="ones",
    )
    sizes = site.node.outputs[0].shape[1:]
    mean, share = (
        site.add(
            "AveragePool",
            add_pad(site, value, by_axis(pads), f"{name}_pad"),
            name=name,
            item_shape=(value.item_shape[0], *sizes),
            kernel_shape=op.size,
            strides=op.strides(),
        )
        for name, value in (("mean", x), ("share", ones))
    )
    return site.result("Div", mean, share)


@lower.rule(LpPool)
def lp_pool(op: LpPool, site: Site) -> Results:
    """``LpPool`` if the exponent is even; otherwise powers of absolute values, their sums, and the root."""
    pads = full_pads(op, site)
    x = site.x
    padding = padding_attributes(op.windows(), pads)
    if padding is None:
        x, padding = add_pad(site, x, by_axis(pads)), no_padding(op.window_rank)
    if op.p % 2 == 0:
        return site.result("LpPool", x, kernel_shape=op.size, strides=op.strides(), **padding, p=int(op.p))
    powers = site.add("Pow", site.add("Abs", x, name="absolute"), site.constant("p", op.p, x), name="powers")
    item_shape = site.node.outputs[0].shape
    means = site.add(
        "AveragePool",
        powers,
        name="means",
        item_shape=item_shape,
        kernel_shape=op.size,
        strides=op.strides(),
        extra={**padding, "count_include_pad": 1},
    )
    sums = site.add("Mul", means, site.constant("elements", float(math.prod(op.size)), x), name="sums")
    return site.result("Pow", sums, site.constant("root", 1 / op.p, x))


@lower.rule(MaxUnpool)
def max_unpool(op: MaxUnpool, site: Site) -> Results:
    """``MaxUnpool`` at the positions that a second ``MaxPool`` returns, which are relative to the whole batch."""
    x, like = site.x, site.batched_input(1)
    x, like = repeat_over_batch(site, x, like), repeat_over_batch(site, like, x)
    _, positions = site.add_multiple(
        "MaxPool",
        [like],
        [x.item_shape, x.item_shape],
        ["maximum", "places"],
        dtypes=[like.dtype, "int64"],
        kernel_shape=op.size,
        strides=op.size,
    )
    rank = len(like.shape)
    shape = site.add_node("Shape", [like], (rank,), batched=False, name="shape", dtype="int64")
    return site.result("MaxUnpool", x, positions, shape, kernel_shape=op.size, strides=op.size)


@lower.rule(StochasticPool)
def stochastic_pool(op: StochasticPool, site: Site) -> Results:
    """In inference, the mean of each window weighted by its values: the sum of squares over the sum, or 0."""
    x = site.x
    item_shape = site.node.outputs[0].shape
    squares = site.add("Mul", x, x, name="squares")
    numerator, denominator = (
        site.add("AveragePool", v, name=name, item_shape=item_shape, kernel_shape=op.size, strides=op.strides())
        for v, name in ((squares, "mean_square"), (x, "mean"))
    )
    is_zero = site.add("Equal", denominator, site.constant("zero", 0.0, x), name="empty", dtype="bool")
    divisor = site.add("Where", is_zero, site.constant("one", 1.0, x), denominator, name="divisor", dtype=x.dtype)
    return site.result("Div", numerator, divisor)


@lower.rule(Subsample)
def subsample(op: Subsample, site: Site) -> Results:
    """A depthwise ``Conv`` whose kernel repeats the gain: the window's sum times gain, plus bias."""
    x, gain = site.x, site.weight("weight")
    (channels,) = gain.item_shape
    kernel = add_reshape(site, gain, (channels, *(1,) * (op.window_rank + 1)), "gain")
    kernel_shape = (channels, 1, *op.size)
    kernel = site.add(
        "Expand", kernel, site.integers("kernel_shape", list(kernel_shape)), name="kernel", item_shape=kernel_shape
    )
    return site.result(
        "Conv", x, kernel, site.weight("bias"), kernel_shape=op.size, strides=op.strides(), group=channels
    )


@lower.rule(AdaptiveAvgPool)
def adaptive_avg_pool(op: AdaptiveAvgPool, site: Site) -> Results:
    """``AveragePool`` if the sizes divide; else :func:`adaptive`."""
    return adaptive(op, site, "AveragePool", "ReduceMean")


@lower.rule(AdaptiveMaxPool)
def adaptive_max_pool(op: AdaptiveMaxPool, site: Site) -> Results:
    """``MaxPool`` if the sizes divide; else :func:`adaptive`."""
    return adaptive(op, site, "MaxPool", "ReduceMax")


@lower.rule(GlobalAvgPool)
def global_avg_pool(op: GlobalAvgPool, site: Site) -> Results:
    """``ReduceMean`` over all axes but the channels."""
    return pool_globally(op, site, "ReduceMean")


@lower.rule(GlobalMaxPool)
def global_max_pool(op: GlobalMaxPool, site: Site) -> Results:
    """``ReduceMax`` over all axes but the channels."""
    return pool_globally(op, site, "ReduceMax")


def pool_globally(op: Global, site: Site, kind: str) -> Results:
    """A reduction over all axes but the channels."""
    x = site.x
    channel = op.channel(site.input_types[0])
    operands, attributes = reduction_operands(site, kind, x, [a for a in range(x.rank) if a != channel])
    return site.result(kind, *operands, keepdims=int(op.keepdims), **attributes)


def adaptive(op: Adaptive, site: Site, pool: str, reduction: str) -> Results:
    """One reduction to a single position, one pooling if the sizes divide, else :func:`_pool_axis` for each axis."""
    x = site.x
    sizes = x.item_shape[1:]
    if all(m == 1 for m in op.size):
        operands, attributes = reduction_operands(site, reduction, x, range(1, x.rank))
        return site.result(reduction, *operands, keepdims=1, **attributes)
    if not any(map(is_named, sizes)) and all(n % m == 0 for n, m in zip(sizes, op.size, strict=True)):
        step = [n // m for n, m in zip(sizes, op.size, strict=True)]
        return site.result(pool, x, kernel_shape=step, strides=step)
    axes = [a for a, (n, m) in enumerate(zip(sizes, op.size, strict=True), 1) if n != m]
    for axis in axes:
        x = _pool_axis(op, site, x, axis, "ReduceSum" if reduction == "ReduceMean" else reduction, axis == axes[-1])
    return x


def _pool_axis(op: Adaptive, site: Site, x: GraphValue, axis: int, kind: str, is_last: bool) -> GraphValue:
    """Pools along one axis: output i of m covers positions ``floor(i n / m)`` to before ``ceil((i + 1) n / m)``.

    ``Gather`` arranges the windows along a new axis, which is then reduced. Windows are padded to the size of the
    largest by repeating their last position; for a mean, that padding has weight 0. The positions are computed by the
    model, once when a runtime loads the file, so that the file does not grow with the sizes.
    """
    n, m = x.item_shape[axis], op.size[axis - 1]
    size = largest_window(n, m)
    column = add_column(site, add_range(site, m, "outputs"), "column")
    scaled = site.add("Mul", column, site.integers("size", n), name="scaled")
    first = site.add("Div", scaled, site.integers("count", m), name="first")
    ends = site.add("Add", scaled, site.integers("before_size", n - 1), name="ends")
    last = site.add("Div", ends, site.integers("count", m), name="last")
    positions = site.add("Add", first, add_range(site, size, "offsets"), name="positions", item_shape=(m, size))
    index = site.add("Min", positions, last, name="windows")
    shape = (*x.item_shape[:axis], m, size, *x.item_shape[axis + 1 :])
    elements = site.add("Gather", x, index, name="elements", item_shape=shape, axis=x.axis(axis))
    if kind == "ReduceSum":
        inside = site.add("LessOrEqual", positions, last, name="inside", dtype="bool")
        lengths = site.add("Add", site.add("Sub", last, first, name="steps"), site.integers("one", 1), name="lengths")
        ones, divisors = (
            site.add("Cast", v, name=name, dtype=x.dtype, to=ELEMENT[x.dtype])
            for v, name in ((inside, "ones"), (lengths, "divisors"))
        )
        shares = append_axes(site, site.add("Div", ones, divisors, name="shares"), x.rank - axis - 1, "weights")
        elements = site.add("Mul", elements, shares, name="weighted")
    if not is_last:
        return add_reduction(site, kind, elements, [axis + 1], False, "pooled")
    operands, attributes = reduction_operands(site, kind, elements, [axis + 1])
    return site.result(kind, *operands, keepdims=0, **attributes)


def largest_window(n: int, m: int) -> int:
    """Returns the largest window size of an adaptive pooling from n to m positions.

    With n = q m + r, window i starts at a multiple of gcd(n, m) / m after a position and is n / m long: it touches q
    positions if r is 0, at most q + 1 if r is the gcd, and else up to q + 2. For a run-time size, it is at most q + 1
    if r is 0 or 1, and else q + 2.
    """
    if is_named(n):
        return (n + m - 2) // m + 1
    q, r = divmod(n, m)
    return q + (0 if r == 0 else 1 if r == math.gcd(n, m) else 2)


def full_pads(op: Padded, site: Site) -> Pads:
    """The padding of each axis, including positions beyond it that the last window reaches."""
    pads, beyond = pads_and_overhang(op, site)
    return [(before, after + more) for (before, after), more in zip(pads, beyond, strict=True)]


def pads_and_overhang(op: Padded, site: Site) -> tuple[Pads, list[int]]:
    """The padding of each axis, and how far the last window may reach beyond it (0 without ``ceil_mode``).

    For a size that is known only at run time, the overhang is the largest for which no further window fits: the count
    of windows is then that of ``ceil_mode`` for every size.
    """
    kind = site.input_types[0]
    _, axes = op.window_axes(kind)
    windows = op.windows()
    pads = needed_pads(windows, op.pads(kind))
    beyond: list[int] = []
    for a, w, (before, after), count in zip(axes, windows, pads, op.positions(kind), strict=True):
        n = kind.shape[a]
        if not w.ceil_mode or w.pads in ("same", "causal"):
            beyond.append(0)
        elif is_named(n):
            beyond.append(min(w.stride, w.extent - after) - 1)
        else:
            beyond.append(max((count - 1) * w.stride + w.extent - (n + before + after), 0))
    return pads, beyond
