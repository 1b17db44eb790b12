"""Darknet's sections that apply windows to an image, and those that change its height and width."""

from __future__ import annotations

from typing import Any

from ...text.writer import ALONE
from ...text.yaml_reader import Name
from .darknet_file import Section
from .darknet_network import Network

_CHANGES = ("binary", "xnor", "antialiasing", "share_index", "deform", "sway", "rotate", "stretch", "coordconv")
"""Options of convolutions and pools that change their computation and have no equivalent."""


def convolution(net: Network, s: Section) -> int:
    """A convolution; with a batch normalisation, a use of the block ``Conv``."""
    _, h, w = net.image_shape(s)
    filters, size, groups = s.integer("filters", 1), s.integer("size", 1), s.integer("groups", 1)
    stride_y, stride_x = (s.integer(key, s.integer("stride", 1)) for key in ("stride_y", "stride_x"))
    dilation = s.integer("dilation", 1)
    padding = size // 2 if s.integer("pad", 0) else s.integer("padding", 0)
    for option in _CHANGES:
        if s.integer(option, 0):
            net.add_problem(s, f"'{option}'", "netspec has no equivalent convolution")
    activation = net.activation(s, "logistic")
    normalised = s.integer("batch_normalize", 0)
    pad = padding * dilation if dilation > 1 and s.integer("pad", 0) else padding
    reach = dilation * (size - 1) + 1
    if min(stride_x, stride_y, size, filters, groups) < 1 or min(h, w) + 2 * pad < reach:
        net.add_problem(s, "[convolutional]", "its sizes do not fit its input")
        return net.current
    shape = filters, (h + 2 * pad - reach) // stride_y + 1, (w + 2 * pad - reach) // stride_x + 1
    stride = stride_y if stride_x == stride_y else [stride_y, stride_x]
    body: dict[str, Any] = {"Conv": filters} if normalised else {"conv2d": filters, "kernel": size}
    arguments: dict[str, Any] = {"kernel": size, "stride": stride, "groups": groups, "dilation": dilation}
    body |= {key: value for key, value in arguments.items() if value != 1 and key not in body}
    if normalised:
        net.varied.update(key for key in ("groups", "dilation") if key in body)
        usual = dilation * (size - 1) // 2 if dilation > 1 else size // 2
        if pad != usual:
            net.varied.add("padding")
            body["padding"] = pad
        if activation != net.usual_activation:
            body["act"] = Name(activation)
    else:
        body |= {"padding": pad} if pad else {}
        body |= {"activation": Name(activation)} if activation != "identity" else {}
    return net.add("conv", body, shape)


def max_pool(net: Network, s: Section) -> int:
    """Maximum pooling; positions after the end are counted like in Darknet."""
    c, h, w = net.image_shape(s)
    stride = s.integer("stride", 1)
    size = s.integer("size", stride)
    padding = s.integer("padding", size - 1)
    for option in ("antialiasing", "maxpool_depth", "out_channels"):
        if s.integer(option, 0):
            net.add_problem(s, f"'{option}'", "netspec has no equivalent pooling")
    if stride < 1 or size < 1 or padding < 0 or min(h, w) + padding < size:
        net.add_problem(s, "[maxpool]", "its sizes do not fit its input")
        return net.current
    out = [(n + padding - size) // stride + 1 for n in (h, w)]
    before = padding // 2
    # Positions after the end that no window reaches need no padding.
    after = [max((o - 1) * stride + size - before - n, 0) for o, n in zip(out, (h, w), strict=True)]
    body: dict[str, Any] = {"max_pool2d": size}
    body |= {"stride": stride} if stride != size else {}
    if stride == 1 and size > 1 and out == [h, w] and before == (size - 1) // 2:
        body["padding"] = Name("same")
    elif before and after == [before, before]:
        body["padding"] = before
    elif before or any(after):
        body["padding"] = [[before, a] for a in after]
    return net.add("pool", body, (c, out[0], out[1]))


def average_pool(net: Network, s: Section) -> int:
    """Global average pooling; the axes remain with size 1 before a convolution."""
    c, _, _ = net.image_shape(s)
    following = [s.kind for s in net.sections[len(net.values) + 2 :] if s.kind != "dropout"]
    if following[:1] in (["convolutional"], ["conv"]):
        return net.add("pool", {"global_avg_pool": ALONE, "keepdims": True}, (c, 1, 1))
    return net.add("pool", {"global_avg_pool": ALONE}, (c,))


def local(net: Network, s: Section) -> int:
    """A convolution with separate weights per position: a use of the block ``Local``."""
    _, h, w = net.image_shape(s)
    filters, size, stride = s.integer("filters", 1), s.integer("size", 1), s.integer("stride", 1)
    padding = size // 2 if s.integer("pad", 0) else 0
    activation = net.activation(s, "logistic")
    if min(filters, size, stride) < 1 or min(h, w) + 2 * padding < size:
        net.add_problem(s, "[local]", "its sizes do not fit its input")
        return net.current
    body: dict[str, Any] = {"Local": filters, "kernel": size}
    body |= {"stride": stride} if stride != 1 else {}
    body |= {"padding": padding} if padding else {}
    body |= {"activation": Name(activation)} if activation != "identity" else {}
    shape = filters, (h + 2 * padding - size) // stride + 1, (w + 2 * padding - size) // stride + 1
    return net.add("local", body, shape)


def upsample(net: Network, s: Section) -> int:
    """Repeats each value along both axes."""
    c, h, w = net.image_shape(s)
    stride = s.integer("stride", 2)
    if stride < 1 or s.number("scale", 1.0) != 1.0:
        net.add_problem(s, "[upsample]", "it makes the map smaller, or scales its values")
        return net.current
    return net.add("up", {"upsample": stride}, (c, h * stride, w * stride))


def reorg(net: Network, s: Section) -> int:
    """Moves squares of values to channels."""
    c, h, w = net.image_shape(s)
    stride = s.integer("stride", 1)
    if stride < 1 or s.integer("reverse", 0) or h % stride or w % stride:
        net.add_problem(s, "[reorg]", "its stride does not divide the map, or it is reversed")
        return net.current
    note = "[reorg] orders channels in a way of its own: weights of the convolution after it do not fit as they are"
    net.notes += [note] if note not in net.notes else []
    return net.add("reorg", {"pixel_unshuffle": stride}, (c * stride**2, h // stride, w // stride))
