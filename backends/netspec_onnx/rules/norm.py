"""Normalisation. ONNX normalises along fixed axes, so other axes are moved there and back."""

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
from netspec.shapes.sizes import is_named

from ..builder.common_nodes import add_pad, add_reduction, add_reshape, add_transpose, append_axes, perm, reshape_target
from ..builder.site import Site
from ..builder.value_info import Attribute, GraphValue
from .rule_table import Results, lower

Operands: TypeAlias = Callable[[GraphValue], tuple[GraphValue, ...]]
"""Returns the operands of a node, given the first one."""

LAYER_NORM_SINCE, GROUP_NORM_SINCE, RMS_NORM_SINCE = 17, 21, 23
"""The first operator sets with these operators; earlier ones compose them of others."""

MOMENTUM = 0.1
"""The default of ONNX, as PyTorch defines momentum: the weight of the current batch."""
MACHINE_EPSILON = {"float16": 2.0**-10, "bfloat16": 2.0**-7, "float32": 2.0**-23, "float64": 2.0**-52}


@lower.rule(BatchNorm)
def batch_norm(op: BatchNorm, site: Site) -> Results:
    """``BatchNormalization`` with the running statistics."""
    gain, shift = gain_and_shift(site, (site.x.item_shape[op.axis],), site.x)
    mean, variance = site.weight("running_mean"), site.weight("running_var")
    attributes: dict[str, Attribute] = {"epsilon": op.eps}
    if op.momentum != MOMENTUM:
        attributes["momentum"] = 1 - op.momentum
    return with_channels_first(
        site, op.axis, "BatchNormalization", lambda x: (x, gain, shift, mean, variance), **attributes
    )


@lower.rule(InstanceNorm)
def instance_norm(op: InstanceNorm, site: Site) -> Results:
    """``InstanceNormalization``."""
    x = site.x
    gain, shift = gain_and_shift(site, (x.item_shape[op.axis],), x)
    return with_channels_first(site, op.axis, "InstanceNormalization", lambda x: (x, gain, shift), epsilon=op.eps)


@lower.rule(GroupNorm)
def group_norm(op: GroupNorm, site: Site) -> Results:
    """``GroupNormalization``; in earlier operator sets, ``InstanceNormalization`` of groups, then gain and shift."""
    x = site.x
    channels = x.item_shape[op.axis]
    if site.opset >= GROUP_NORM_SINCE:
        gain, shift = gain_and_shift(site, (channels,), x)
        return with_channels_first(
            site, op.axis, "GroupNormalization", lambda x: (x, gain, shift), epsilon=op.eps, num_groups=op.groups
        )
    if op.axis:
        x = add_transpose(site, x, axis_first(x.rank, op.axis), "first")
    flat = add_reshape(site, x, (op.groups, math.prod(x.item_shape) // op.groups), "groups")
    unit_gain, zero_shift = site.constant("ones", [1.0] * op.groups, x), site.constant("zeros", [0.0] * op.groups, x)
    normalised = site.add("InstanceNormalization", flat, unit_gain, zero_shift, name="even", epsilon=op.eps)
    last: tuple[str, tuple[GraphValue, ...], dict[str, Attribute]]
    last = "Reshape", (normalised, reshape_target(site, normalised, x.item_shape, "ungroup")), {}
    if op.affine:
        normalised = add_reshape(site, normalised, x.item_shape, "ungrouped")
        scaled = site.add(
            "Mul", normalised, append_axes(site, site.weight("weight"), x.rank - 1, "gain"), name="scaled"
        )
        last = "Add", (scaled, append_axes(site, site.weight("bias"), x.rank - 1, "shift")), {}
    return result_with_axis_back(site, x, op.axis, *last)


@lower.rule(LayerNorm)
def layer_norm(op: LayerNorm, site: Site) -> Results:
    """``LayerNormalization``; in earlier operator sets, its formula."""
    x, trailing = move_axes_last(op, site)
    axes = range(x.rank - len(op.axis), x.rank)
    shape = x.item_shape[axes.start :]
    bias = site.optional_weight("bias")
    if site.opset >= LAYER_NORM_SINCE and not any(map(is_named, shape)):  # the operator needs a gain of known shape
        gain = site.optional_weight("weight") or unit_gain(site, shape, x)
        operands: tuple[GraphValue, ...] = (x, gain) if bias is None else (x, gain, bias)
        return result_with_axes_back(
            site, x, op, trailing, "LayerNormalization", operands, {"axis": x.axis(axes.start), "epsilon": op.eps}
        )
    mean = add_reduction(site, "ReduceMean", x, axes, True, "mean")
    centred = site.add("Sub", x, mean, name="apart")
    gain_or_none = site.optional_weight("weight")
    root = root_mean_square(site, centred, axes, op.eps, "deviation")
    steps: list[tuple[str, GraphValue]] = [("Div", root)]
    steps += [("Mul", gain_or_none)] if gain_or_none is not None else []
    steps += [("Add", bias)] if bias is not None else []
    return chain(site, centred, op, trailing, steps)


@lower.rule(RmsNorm)
def rms_norm(op: RmsNorm, site: Site) -> Results:
    """``RMSNormalization``; in earlier operator sets, its formula."""
    x, trailing = move_axes_last(op, site)
    axes = range(x.rank - len(op.axis), x.rank)
    eps = MACHINE_EPSILON[x.dtype] if op.eps is None else op.eps
    gain = site.optional_weight("weight")
    if site.opset >= RMS_NORM_SINCE and not any(map(is_named, x.item_shape[axes.start :])):
        operands = (x, gain or unit_gain(site, x.item_shape[axes.start :], x))
        return result_with_axes_back(
            site, x, op, trailing, "RMSNormalization", operands, {"axis": x.axis(axes.start), "epsilon": eps}
        )
    steps: list[tuple[str, GraphValue]] = [("Div", root_mean_square(site, x, axes, eps, "root"))]
    steps += [("Mul", gain)] if gain is not None else []
    return chain(site, x, op, trailing, steps)


@lower.rule(LocalResponseNorm)
def local_response_norm(op: LocalResponseNorm, site: Site) -> Results:
    """``LRN`` for odd sizes on images, else its formula, because even windows of ONNX are centred differently.

    ONNX Runtime rejects an ``LRN`` whose ``alpha`` or ``beta`` is not positive.
    """
    x = site.x
    if op.size % 2 and x.rank == 3 and op.alpha > 0 and op.beta > 0:
        return with_channels_first(
            site, op.axis, "LRN", lambda x: (x,), size=op.size, alpha=op.alpha, beta=op.beta, bias=op.k
        )
    if op.axis:
        x = add_transpose(site, x, axis_first(x.rank, op.axis), "first")
    squares = site.add("Mul", x, x, name="squares")
    positions = math.prod(x.item_shape[1:])
    column = add_reshape(site, squares, (1, x.item_shape[0], positions), "column")
    before, after = op.size // 2, (op.size - 1) // 2
    column = add_pad(site, column, {1: (before, after)}, "neighbours")
    means = site.add(
        "AveragePool",
        column,
        name="means",
        item_shape=(1, x.item_shape[0], positions),
        kernel_shape=[op.size, 1],
        strides=[1, 1],
    )
    means = add_reshape(site, means, x.item_shape, "mean_squares")
    scaled = site.add("Mul", means, site.constant("alpha", op.alpha, x), name="scaled")
    base = site.add("Add", scaled, site.constant("k", op.k, x), name="base")
    divisor = site.add("Pow", base, site.constant("beta", op.beta, x), name="divisor")
    return result_with_axis_back(site, x, op.axis, "Div", (x, divisor), {})


@lower.rule(L2Normalize)
def l2_normalize(op: L2Normalize, site: Site) -> Results:
    """The input divided by its norm, which is at least epsilon."""
    x = site.inputs[0]
    norm = add_reduction(site, "ReduceL2", x, op.axis, True, "norm")
    return site.result("Div", x, site.add("Clip", norm, site.constant("eps", op.eps, x), name="kept"))


def gain_and_shift(site: Site, shape: Sequence[int], like: GraphValue) -> tuple[GraphValue, GraphValue]:
    """Returns gain and shift; ones and zeros if the layer has none, because ONNX requires them."""
    size = shape[0]
    gain = site.optional_weight("weight") or repeated(site, "ones", 1.0, size, like)
    return gain, site.optional_weight("bias") or repeated(site, "zeros", 0.0, size, like)


def repeated(site: Site, name: str, number: float, count: int, like: GraphValue) -> GraphValue:
    """A vector of equal numbers."""
    if not is_named(count):
        return site.constant(name, [number] * count, like)
    element = site.constant(f"{name}_element", [number], like)
    return site.add_node(
        "Expand", [element, site.integers(f"{name}_count", [count])], (count,), batched=False, name=name
    )


def unit_gain(site: Site, shape: Sequence[int], like: GraphValue) -> GraphValue:
    """A gain of ones."""
    return site.constant("ones", [1.0] * math.prod(shape), like, tuple(shape))


def axis_first(rank: int, axis: int) -> list[int]:
    """The order of axes that moves one to the front."""
    return [axis, *(a for a in range(rank) if a != axis)]


def result_with_axis_back(
    site: Site, x: GraphValue, axis: int, kind: str, operands: Sequence[GraphValue], attributes: dict[str, Attribute]
) -> Results:
    """Adds the last node on an input whose axis was moved to the front, then a ``Transpose`` that moves it back."""
    if not axis:
        return site.result(kind, *operands, **attributes)
    normalised = site.add(kind, *operands, name="normal", item_shape=x.item_shape, extra=attributes)
    return site.result(
        "Transpose", normalised, perm=perm(normalised, [*range(1, axis + 1), 0, *range(axis + 1, x.rank)])
    )


def with_channels_first(site: Site, axis: int, kind: str, operands: Operands, **attributes: Attribute) -> Results:
    """Adds a node to the input with the channels directly after the batch."""
    x = site.x
    if axis:
        x = add_transpose(site, x, axis_first(x.rank, axis), "first")
    return result_with_axis_back(site, x, axis, kind, operands(x), attributes)


def move_axes_last(op: OverAxes, site: Site) -> tuple[GraphValue, bool]:
    """Moves the normalised axes to the end; also returns whether they were already there.

    Heads become a separate axis before that of their features.
    """
    x, axes = site.x, op.axes()
    trailing = axes == tuple(range(x.rank - len(axes), x.rank))
    if not trailing:
        x = add_transpose(site, x, [*(a for a in range(x.rank) if a not in axes), *axes], "last")
    if op.heads > 1:
        x = add_reshape(site, x, (*x.item_shape[:-1], op.heads, x.item_shape[-1] // op.heads), "heads")
    return x, trailing


def result_with_axes_back(
    site: Site,
    x: GraphValue,
    op: OverAxes,
    trailing: bool,
    kind: str,
    operands: Sequence[GraphValue],
    attributes: dict[str, Attribute],
) -> Results:
    """Adds the last node, then a ``Transpose`` that moves the axes back if necessary; heads are merged."""
    if trailing and op.heads == 1:
        return site.result(kind, *operands, **attributes)
    normalised = site.add(kind, *operands, name="normal", item_shape=x.item_shape, extra=attributes)
    axes = op.axes()
    if op.heads > 1:
        joined = (*x.item_shape[:-2], op.heads * x.item_shape[-1])
        if trailing:
            return site.result("Reshape", normalised, reshape_target(site, normalised, joined))
        x = normalised = add_reshape(site, normalised, joined, "joined")
    order = [*(a for a in range(x.rank) if a not in axes), *axes]
    return site.result("Transpose", normalised, perm=perm(normalised, [order.index(a) for a in range(x.rank)]))


def chain(site: Site, x: GraphValue, op: OverAxes, trailing: bool, steps: list[tuple[str, GraphValue]]) -> Results:
    """Applies operators with a second operand, one after another."""
    for kind, operand in steps[:-1]:
        x = site.add(kind, x, operand, name=kind.lower())
    kind, operand = steps[-1]
    return result_with_axes_back(site, x, op, trailing, kind, (x, operand), {})


def root_mean_square(site: Site, x: GraphValue, axes: Sequence[int], eps: float, name: str) -> GraphValue:
    """Returns the root of the mean square over axes plus epsilon."""
    squares = site.add("Mul", x, x, name="squares")
    mean = add_reduction(site, "ReduceMean", squares, axes, True, "mean_square")
    return site.add("Sqrt", site.add("Add", mean, site.constant("eps", eps, x), name="kept"), name=name)
