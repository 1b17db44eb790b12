"""Normalisation. ONNX has it along fixed axes; others are moved there and back."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

from netspec.ops.norm import (
    BatchNorm,
    GroupNorm,
    InstanceNorm,
    L2Normalize,
    LayerNorm,
    LocalResponseNorm,
    OverAxes,
    RmsNorm,
)

from ..builder.site import Site
from ..builder.value_info import Attribute, Value
from .activation import along
from .base import Results, lower

Operands: TypeAlias = Callable[[Value], tuple[Value, ...]]
"""The operands of a node, once its first is known."""

LAYER_NORM_SINCE, GROUP_NORM_SINCE, RMS_NORM_SINCE = 17, 21, 23
"""The first operator sets that have these operators; before, they are put together from others."""

MACHINE_EPSILON = {"float16": 2.0**-10, "bfloat16": 2.0**-7, "float32": 2.0**-23, "float64": 2.0**-52}


@lower.rule(BatchNorm)
def batch_norm(op: BatchNorm, site: Site) -> Results:
    """``BatchNormalization`` by the running statistics."""
    gain, shift = affine(site, (site.x.own[op.axis],), site.x)
    mean, variance = site.weight("running_mean"), site.weight("running_var")
    return channels_first(
        site, op.axis, "BatchNormalization", lambda x: (x, gain, shift, mean, variance), epsilon=op.eps
    )


@lower.rule(InstanceNorm)
def instance_norm(op: InstanceNorm, site: Site) -> Results:
    """``InstanceNormalization``."""
    x = site.x
    gain, shift = affine(site, (x.own[op.axis],), x)
    return channels_first(site, op.axis, "InstanceNormalization", lambda x: (x, gain, shift), epsilon=op.eps)


@lower.rule(GroupNorm)
def group_norm(op: GroupNorm, site: Site) -> Results:
    """``GroupNormalization``; before it came, ``InstanceNormalization`` of groups, then gain and shift."""
    x = site.x
    channels = x.own[op.axis]
    if site.opset >= GROUP_NORM_SINCE:
        gain, shift = affine(site, (channels,), x)
        return channels_first(
            site, op.axis, "GroupNormalization", lambda x: (x, gain, shift), epsilon=op.eps, num_groups=op.groups
        )
    if op.axis:
        x = site.transposed(x, first(x.rank, op.axis), "first")
    flat = site.reshaped(x, (op.groups, math.prod(x.own) // op.groups), "groups")
    ones, zeros = site.number("ones", [1.0] * op.groups, x), site.number("zeros", [0.0] * op.groups, x)
    even = site.add("InstanceNormalization", flat, ones, zeros, what="even", epsilon=op.eps)
    out: tuple[str, tuple[Value, ...], dict[str, Attribute]]
    out = "Reshape", (even, site.shape_for(even, x.own, "ungroup")), {}
    if op.affine:
        even = site.reshaped(even, x.own, "ungrouped")
        scaled = site.add("Mul", even, along(site, site.weight("weight"), x.rank - 1, "gain"), what="scaled")
        out = "Add", (scaled, along(site, site.weight("bias"), x.rank - 1, "shift")), {}
    return moved_back(site, x, op.axis, *out)


@lower.rule(LayerNorm)
def layer_norm(op: LayerNorm, site: Site) -> Results:
    """``LayerNormalization``; before it came, its formula."""
    x, trailing = axes_last(op, site)
    axes = range(x.rank - len(op.axis), x.rank)
    shape = x.own[axes.start :]
    bias = site.maybe_weight("bias")
    if site.opset >= LAYER_NORM_SINCE:
        gain = site.maybe_weight("weight") or ones(site, shape, x)
        operands: tuple[Value, ...] = (x, gain) if bias is None else (x, gain, bias)
        return ordered(
            site, x, op, trailing, "LayerNormalization", operands, {"axis": x.axis(axes.start), "epsilon": op.eps}
        )
    mean = site.reduced("ReduceMean", x, axes, True, "mean")
    apart = site.add("Sub", x, mean, what="apart")
    gain_or_none = site.maybe_weight("weight")
    root = root_mean_square(site, apart, axes, op.eps, "deviation")
    steps: list[tuple[str, Value]] = [("Div", root)]
    steps += [("Mul", gain_or_none)] if gain_or_none is not None else []
    steps += [("Add", bias)] if bias is not None else []
    return chained(site, apart, op, trailing, steps)


@lower.rule(RmsNorm)
def rms_norm(op: RmsNorm, site: Site) -> Results:
    """``RMSNormalization``; before it came, its formula."""
    x, trailing = axes_last(op, site)
    axes = range(x.rank - len(op.axis), x.rank)
    eps = MACHINE_EPSILON[x.dtype] if op.eps is None else op.eps
    gain = site.maybe_weight("weight")
    if site.opset >= RMS_NORM_SINCE:
        operands = (x, gain or ones(site, x.own[axes.start :], x))
        return ordered(
            site, x, op, trailing, "RMSNormalization", operands, {"axis": x.axis(axes.start), "epsilon": eps}
        )
    steps: list[tuple[str, Value]] = [("Div", root_mean_square(site, x, axes, eps, "root"))]
    steps += [("Mul", gain)] if gain is not None else []
    return chained(site, x, op, trailing, steps)


@lower.rule(LocalResponseNorm)
def local_response_norm(op: LocalResponseNorm, site: Site) -> Results:
    """``LRN`` on images for an odd size; else its formula, as ONNX puts the odd channel after and PyTorch before."""
    x = site.x
    if op.size % 2 and x.rank == 3:
        return channels_first(
            site, op.axis, "LRN", lambda x: (x,), size=op.size, alpha=op.alpha, beta=op.beta, bias=op.k
        )
    if op.axis:
        x = site.transposed(x, first(x.rank, op.axis), "first")
    squares = site.add("Mul", x, x, what="squares")
    rest = math.prod(x.own[1:])
    column = site.reshaped(squares, (1, x.own[0], rest), "column")
    before, after = op.size // 2, (op.size - 1) // 2
    column = site.padded(column, {1: (before, after)}, "neighbours")
    means = site.add(
        "AveragePool", column, what="means", own=(1, x.own[0], rest), kernel_shape=[op.size, 1], strides=[1, 1]
    )
    means = site.reshaped(means, x.own, "mean_squares")
    scaled = site.add("Mul", means, site.number("alpha", op.alpha, x), what="scaled")
    base = site.add("Add", scaled, site.number("k", op.k, x), what="base")
    divisor = site.add("Pow", base, site.number("beta", op.beta, x), what="divisor")
    return moved_back(site, x, op.axis, "Div", (x, divisor), {})


@lower.rule(L2Normalize)
def l2_normalize(op: L2Normalize, site: Site) -> Results:
    """The input over its norm, which is kept from zero."""
    x = site.inputs[0]
    norm = site.reduced("ReduceL2", x, [op.axis], True, "norm")
    return site.result("Div", x, site.add("Clip", norm, site.number("eps", op.eps, x), what="kept"))


def affine(site: Site, shape: Sequence[int], like: Value) -> tuple[Value, Value]:
    """Gain and shift: the layer's own, or ones and zeros, which ONNX asks for."""
    size = shape[0]
    gain = site.maybe_weight("weight") or site.number("ones", [1.0] * size, like)
    return gain, site.maybe_weight("bias") or site.number("zeros", [0.0] * size, like)


def ones(site: Site, shape: Sequence[int], like: Value) -> Value:
    """A gain that changes nothing."""
    return site.number("ones", [1.0] * math.prod(shape), like, tuple(shape))


def first(rank: int, axis: int) -> list[int]:
    """The order that moves an axis to the front."""
    return [axis, *(a for a in range(rank) if a != axis)]


def moved_back(
    site: Site, x: Value, axis: int, kind: str, operands: Sequence[Value], attributes: dict[str, Attribute]
) -> Results:
    """The last node of a chain on an input whose axis was moved to the front: followed by one that moves it back."""
    if not axis:
        return site.result(kind, *operands, **attributes)
    made = site.add(kind, *operands, what="normal", own=x.own, more=attributes)
    return site.result("Transpose", made, perm=site.order(made, [*range(1, axis + 1), 0, *range(axis + 1, x.rank)]))


def channels_first(
    site: Site, axis: int, kind: str, operands: Operands, **attributes: Attribute
) -> Results:
    """A node that finds the channels right after the batch."""
    x = site.x
    if axis:
        x = site.transposed(x, first(x.rank, axis), "first")
    return moved_back(site, x, axis, kind, operands(x), attributes)


def axes_last(op: OverAxes, site: Site) -> tuple[Value, bool]:
    """The input with the normalised axes at the end, and whether they were there."""
    x, axes = site.x, op.axes()
    if axes == tuple(range(x.rank - len(axes), x.rank)):
        return x, True
    return site.transposed(x, [*(a for a in range(x.rank) if a not in axes), *axes], "last"), False


def ordered(
    site: Site, x: Value, op: OverAxes, trailing: bool, kind: str, operands: Sequence[Value],
    attributes: dict[str, Attribute],
) -> Results:
    """The last node of a chain, followed by one that takes the axes back where they were not at the end."""
    if trailing:
        return site.result(kind, *operands, **attributes)
    made = site.add(kind, *operands, what="normal", own=x.own, more=attributes)
    axes = op.axes()
    order = [*(a for a in range(x.rank) if a not in axes), *axes]
    return site.result("Transpose", made, perm=site.order(made, [order.index(a) for a in range(x.rank)]))


def chained(site: Site, x: Value, op: OverAxes, trailing: bool, steps: list[tuple[str, Value]]) -> Results:
    """Steps of two operands, one after the other."""
    for kind, operand in steps[:-1]:
        x = site.add(kind, x, operand, what=kind.lower())
    kind, operand = steps[-1]
    return ordered(site, x, op, trailing, kind, (x, operand), {})


def root_mean_square(site: Site, x: Value, axes: Sequence[int], eps: float, what: str) -> Value:
    """The root of the mean square over axes, plus epsilon."""
    squares = site.add("Mul", x, x, what="squares")
    mean = site.reduced("ReduceMean", squares, axes, True, "mean_square")
    return site.add("Sqrt", site.add("Add", mean, site.number("eps", eps, x), what="kept"), what=what)
