"""Convolutions: plain, depthwise, separable and transposed."""

from __future__ import annotations

from netspec.ops.common.filters import Convolution
from netspec.ops.conv import Conv, ConvTranspose, DepthwiseConv, SeparableConv

from ..builder.site import Site
from ..builder.value_info import Value
from .base import Results, lower

MODES = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}
"""ONNX's words for padding with what is there."""

WRAP_SINCE = 19
"""The first operator set whose ``Pad`` knows ``wrap``."""


@lower.rule(Conv, DepthwiseConv)
def conv(op: Convolution, site: Site) -> Results:
    """``Conv`` with explicit pads; a weight with ``connections`` or for all ``heads`` is first laid out for each."""
    x, pads = edged(op, site)
    kind = site.input_types[0]
    _, groups = op.groups_of(op.channels(kind))
    weight = site.weight("weight")
    if isinstance(op, Conv) and op.connections is not None:
        weight = dense_weight(op, site, weight, op.channels(kind))
    bias = site.maybe_weight("bias")
    if isinstance(op, DepthwiseConv) and op.heads > 1:
        weight = for_each_head(op, site, weight, "weight")
        bias = bias and for_each_head(op, site, bias, "bias")
    return site.result(
        "Conv", x, weight, bias,
        kernel_shape=op.kernel, strides=op.stride, dilations=op.dilation, group=groups, pads=pads,
    )


@lower.rule(SeparableConv)
def separable(op: SeparableConv, site: Site) -> Results:
    """Two ``Conv`` nodes: depthwise, then of size 1 over all channels."""
    x, pads = edged(op, site)
    kind = site.input_types[0]
    channels = op.channels(kind)
    middle = site.add(
        "Conv", x, site.weight("depthwise.weight"), what="depthwise",
        own=(channels * op.multiplier, *op.positions(kind)),
        kernel_shape=op.kernel, strides=op.stride, dilations=op.dilation, group=channels, pads=pads,
    )
    return site.result(
        "Conv", middle, site.weight("pointwise.weight"), site.maybe_weight("pointwise.bias"),
        kernel_shape=(1,) * op.rank, group=1,
    )


@lower.rule(ConvTranspose)
def conv_transpose(op: ConvTranspose, site: Site) -> Results:
    """``ConvTranspose``; what ``same`` and ``valid`` mean is worked out in :mod:`netspec.shapes.window`.

    ONNX Runtime wants ``output_padding`` below the stride, PyTorch below stride or dilation. More comes of zeros
    behind the input, each of which makes the result longer by the stride.
    """
    x, crops = site.x, [list(c) for c in op.cropping()]
    zeros: dict[int, tuple[int, int]] = {}
    for axis, (crop, stride) in enumerate(zip(crops, op.stride, strict=True), 1):
        if crop[2] >= stride:
            count = -(-crop[2] // stride)
            zeros[axis] = (0, count)
            crop[1], crop[2] = crop[1] + count * stride - crop[2], 0
    if zeros:
        x = site.padded(x, zeros)
    return site.result(
        "ConvTranspose", x, site.weight("weight"), site.maybe_weight("bias"),
        kernel_shape=op.kernel, strides=op.stride, dilations=op.dilation, group=op.groups,
        pads=[c[0] for c in crops] + [c[1] for c in crops], output_padding=[c[2] for c in crops],
    )


def edged(op: Convolution, site: Site) -> tuple[Value, list[int]]:
    """The input, padded with what is there where that is asked for, and the zeros that are still to be added."""
    x = site.x
    pairs = op.pads(site.input_types[0])
    if op.padding_mode == "zeros" or not any(map(any, pairs)):
        return x, [p[0] for p in pairs] + [p[1] for p in pairs]
    around = {a + 1: pair for a, pair in enumerate(pairs) if any(pair)}
    return around_edges(site, x, around, op.padding_mode), [0] * (2 * op.rank)


def around_edges(site: Site, x: Value, pads: dict[int, tuple[int, int]], mode: str) -> Value:
    """Padded by reflection, repetition of the edge, or from the other side."""
    if mode != "circular" or site.opset >= WRAP_SINCE:
        return site.padded(x, pads, mode=MODES[mode])
    for axis, (before, after) in pads.items():
        parts, own = wrap_parts(site, x, axis, before, after)
        x = site.add("Concat", *parts, what="pad", own=own, axis=x.axis(axis))
    return x


def wrap_parts(
    site: Site, x: Value, axis: int, before: int, after: int
) -> tuple[list[Value], tuple[int, ...]]:
    """What to put side by side along an axis so that it goes round, and the shape of that."""
    n = x.own[axis]
    parts = [x]
    if before:
        parts.insert(0, site.slice(x, axis, n - before, n, "wrap_before"))
    if after:
        parts.append(site.slice(x, axis, 0, after, "wrap_after"))
    return parts, tuple(n + before + after if a == axis else m for a, m in enumerate(x.own))


def dense_weight(op: Conv, site: Site, weight: Value, channels: int) -> Value:
    """The weight of all pairs from that of the connected ones: the others take a row of zeros behind the last.

    The stored weight keeps its name and shape; a runtime folds the two nodes.
    """
    assert op.connections is not None
    pairs = weight.own[0]
    rows: list[list[int]] = []
    taken = 0
    for row in op.connections:
        place = {channel: taken + i for i, channel in enumerate(row)}
        rows.append([place.get(channel, pairs) for channel in range(channels)])
        taken += len(row)
    with_zeros = site.padded(weight, {0: (0, 1)}, "weight_pad")
    return site.add(
        "Gather", with_zeros, site.integers("pairs", rows), what="weight", axis=0,
        own=(op.filters, channels, *weight.own[1:]),
    )


def for_each_head(op: DepthwiseConv, site: Site, weight: Value, what: str) -> Value:
    """A weight once for every head; the stored one keeps its name and shape, and a runtime folds the node."""
    return site.add(
        "Concat", *[weight] * op.heads, what=what, own=(weight.own[0] * op.heads, *weight.own[1:]), axis=0
    )
