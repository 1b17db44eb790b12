"""Convolutions: plain, depthwise, separable and transposed."""

from __future__ import annotations

from netspec.ops.common.filters import Convolution
from netspec.ops.conv import Conv, ConvTranspose, DepthwiseConv, SeparableConv

from ..builder.common_nodes import add_edge_pad, add_pad
from ..builder.site import Site
from ..builder.value_info import Attribute, GraphValue
from .per_example import convolve_each, differs, shared_weight
from .rule_table import Results, lower
from .window_padding import by_axis, needed_pads, no_padding, padding_attributes


@lower.rule(Conv, DepthwiseConv)
def conv(op: Convolution, site: Site) -> Results:
    """``Conv`` with explicit pads; a weight with ``connections`` or shared between ``heads`` is expanded first."""
    x, padding = pad_edges(op, site)
    kind = site.input_types[0]
    _, groups = op.groups_of(op.channels(kind))
    weight = shared_weight(site, site.weight("weight"), "weight")
    assert weight is not None
    if isinstance(op, Conv) and op.connections is not None:
        weight = connected_weight(op, site, weight, op.channels(kind))
    bias = shared_weight(site, site.optional_weight("bias"), "bias")
    if isinstance(op, DepthwiseConv) and op.heads > 1:
        weight = repeat_for_heads(op, site, weight, "weight")
        bias = bias and repeat_for_heads(op, site, bias, "bias")
    attributes: dict[str, Attribute] = {
        "kernel_shape": op.kernel,
        "strides": op.stride,
        "dilations": op.dilation,
        "group": groups,
        **padding,
    }
    if differs(weight) or differs(bias):
        return convolve_each(site, "Conv", x, weight, bias, attributes)
    return site.result("Conv", x, weight, bias, **attributes)


@lower.rule(SeparableConv)
def separable(op: SeparableConv, site: Site) -> Results:
    """Two ``Conv`` nodes: depthwise, then pointwise."""
    x, padding = pad_edges(op, site)
    kind = site.input_types[0]
    channels = op.channels(kind)
    middle = site.add(
        "Conv",
        x,
        site.weight("depthwise.weight"),
        name="depthwise",
        item_shape=(channels * op.multiplier, *op.positions(kind)),
        kernel_shape=op.kernel,
        strides=op.stride,
        dilations=op.dilation,
        group=channels,
        extra=padding,
    )
    return site.result(
        "Conv",
        middle,
        site.weight("pointwise.weight"),
        site.optional_weight("pointwise.bias"),
        kernel_shape=(1,) * op.window_rank,
        group=1,
    )


@lower.rule(ConvTranspose)
def conv_transpose(op: ConvTranspose, site: Site) -> Results:
    """``ConvTranspose``; the meaning of ``same`` and ``valid`` is computed in :mod:`netspec.shapes.window`.

    ONNX Runtime requires ``output_padding`` to be less than the stride, PyTorch less than stride or dilation. Larger
    values are implemented by zeros after the input, each of which lengthens the result by the stride.
    """
    x, crops = site.x, [list(c) for c in op.cropping()]
    zeros: dict[int, tuple[int, int]] = {}
    for axis, (crop, stride) in enumerate(zip(crops, op.stride, strict=True), 1):
        if crop[2] >= stride:
            count = -(-crop[2] // stride)
            zeros[axis] = (0, count)
            crop[1], crop[2] = crop[1] + count * stride - crop[2], 0
    if zeros:
        x = add_pad(site, x, zeros)
    weight = shared_weight(site, site.weight("weight"), "weight")
    bias = shared_weight(site, site.optional_weight("bias"), "bias")
    assert weight is not None
    attributes: dict[str, Attribute] = {
        "kernel_shape": op.kernel,
        "strides": op.stride,
        "dilations": op.dilation,
        "group": op.groups,
        "pads": [c[0] for c in crops] + [c[1] for c in crops],
        "output_padding": [c[2] for c in crops],
    }
    if differs(weight) or differs(bias):
        return convolve_each(site, "ConvTranspose", x, weight, bias, attributes)
    return site.result("ConvTranspose", x, weight, bias, **attributes)


def pad_edges(op: Convolution, site: Site) -> tuple[GraphValue, dict[str, Attribute]]:
    """The input, padded unless ``Conv`` can pad it, and the attribute for the padding that remains."""
    x = site.x
    pairs = needed_pads(op.windows(), op.pads(site.input_types[0]))
    padding = padding_attributes(op.windows(), pairs)
    amounts = by_axis(pairs)
    if padding is not None and (op.padding_mode == "zeros" or not amounts):
        return x, padding
    if op.padding_mode == "zeros":
        return add_pad(site, x, amounts), no_padding(op.window_rank)
    return add_edge_pad(site, x, amounts, op.padding_mode), no_padding(op.window_rank)


def connected_weight(op: Conv, site: Site, weight: GraphValue, channels: int) -> GraphValue:
    """Returns the weight for all pairs of channels, with zeros for unconnected ones.

    The stored weight keeps its name and shape; a runtime folds the two nodes into a constant.
    """
    assert op.connections is not None
    pairs = [[number, channel] for number, row in enumerate(op.connections) for channel in row]
    shape = (op.filters, channels, *weight.item_shape[1:])
    zero = site.constant("zero", 0.0, weight)
    zeros = site.add("Expand", zero, site.integers("weight_shape", list(shape)), name="zeros", item_shape=shape)
    return site.add("ScatterND", zeros, site.integers("pairs", pairs), weight, name="weight", item_shape=shape)


def repeat_for_heads(op: DepthwiseConv, site: Site, weight: GraphValue, name: str) -> GraphValue:
    """The weight repeated for every head; the stored one keeps its name and shape, and a runtime folds the node."""
    times = site.integers(f"{name}_times", [op.heads, *(1,) * (weight.rank - 1)])
    item_shape = (weight.item_shape[0] * op.heads, *weight.item_shape[1:])
    return site.add("Tile", weight, times, name=name, item_shape=item_shape)
