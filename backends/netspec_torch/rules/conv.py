"""Rules for convolutions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from netspec.ops.common.filters import Convolution
from netspec.ops.conv import Conv, ConvTranspose, DepthwiseConv, SeparableConv
from netspec.ops.pool import Padded

from .lowered import Default, Expr, Literal, Lowered, Make, Site, lower, numbered, simple


def fpad(pads: tuple[tuple[int, int], ...]) -> tuple[int, ...]:
    """Returns padding in the order of ``F.pad``, which starts with the last axis."""
    return tuple(n for pair in reversed(pads) for n in pair)


def same_pads(
    kernel: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]
) -> tuple[str, dict[str, Literal]]:
    """Returns the expression that computes ``same`` padding at run time, with its holes."""
    texts: list[str] = []
    holes: dict[str, Literal] = {}
    for name, values, default in (("kernel", kernel, 0), ("stride", stride, 0), ("dilation", dilation, 1)):
        if any(n != default for n in values):
            text, more = numbered(name, values)
            texts.append(f"({text}{',' if len(values) == 1 else ''})")
            holes |= more
    return f"same_padding({{0}}.shape[2:], {', '.join(texts)})", holes


def class_for_window_rank(name: str, window_rank: int) -> str:
    """Returns the name of the library's class for a number of window axes; ``name`` is that for two axes."""
    return name.replace("2d", f"{window_rank}d")


def sliding(op: Convolution, site: Site) -> dict[str, Any]:
    """Returns the arguments common to all convolutions; ``pads`` if the padding differs between the ends of an axis."""
    if follows_input(op, site):
        return {
            "kernel_size": simple(op.kernel),
            "stride": Default(simple(op.stride), 1),
            "dilation": Default(simple(op.dilation), 1),
        }
    pads = op.pads(site.x)
    even = not site.uneven and all(before == after for before, after in pads)
    args: dict[str, Any] = {"kernel_size": simple(op.kernel)}
    if not even:
        args["pads"] = fpad(pads)
    args["stride"] = Default(simple(op.stride), 1)
    if even:
        args["padding"] = Default(simple(tuple(before for before, _ in pads)), 0)
    args["dilation"] = Default(simple(op.dilation), 1)
    return args


def follows_input(op: Convolution | Padded, site: Site) -> bool:
    """Whether the padding is computed at run time, which strided ``same`` convolutions of unknown size require."""
    return site.follows and op.padding == "same"


def convolution_module(op: Convolution, site: Site, cls: str, args: dict[str, Literal]) -> Lowered:
    """Returns PyTorch's module, or a class of the library for uneven ``pads`` or padding that depends on the input."""
    if follows_input(op, site):
        return Lowered(Make(class_for_window_rank("SameConv2d", op.window_rank), args))
    if "pads" not in args:
        return Lowered(Make(f"nn.{cls}{op.window_rank}d", args))
    if op.padding == "causal" and op.padding_mode == "zeros" and op.stride == (1,):
        del args["pads"]
        return Lowered(Make("CausalConv1d", args))
    ours = class_for_window_rank("PaddedConv2d", op.window_rank)
    return Lowered(Make(ours, args))


@lower.rule(Conv)
def conv(op: Conv, site: Site) -> Lowered:
    """``nn.ConvNd``; a class of the library for a connection table or uneven padding."""
    channels = op.channels(site.x)
    first: dict[str, Literal] = {"in_channels": channels, "out_channels": op.filters}
    rest = sliding(op, site)
    if op.connections is not None and follows_input(op, site):
        args = {
            **first,
            "connections": op.connections,
            **rest,
            "kernel_size": op.kernel,
            "bias": Default(op.bias, True),
        }
        del args["out_channels"]
        mode = "" if op.padding_mode == "zeros" else f', mode="{op.padding_mode}"'
        pads, holes = same_pads(op.kernel, op.stride, op.dilation)
        call = Expr(f"{{self}}(F.pad({{0}}, {pads}{mode}))", holes)
        return Lowered(Make(class_for_window_rank("ConnectedConv2d", op.window_rank), args), call)
    if op.connections is not None:
        if "pads" not in rest:
            rest["pads"] = Default(fpad(op.pads(site.x)), (0,) * (2 * op.window_rank))
            del rest["padding"]
        else:
            rest["pads"] = Default(rest["pads"], (0,) * (2 * op.window_rank))
        del first["out_channels"]
        ours = class_for_window_rank("ConnectedConv2d", op.window_rank)
        bias = {"padding_mode": Default(op.padding_mode, "zeros"), "bias": Default(op.bias, True)}
        rest["kernel_size"] = op.kernel
        args = {**first, "connections": op.connections, **rest, **bias}
        return Lowered(Make(ours, args))
    args = {**first, **rest, "groups": Default(op.groups, 1)}
    return convolution_module(
        op, site, "Conv", {**args, "bias": Default(op.bias, True), "padding_mode": Default(op.padding_mode, "zeros")}
    )


@lower.rule(DepthwiseConv)
def depthwise(op: DepthwiseConv, site: Site) -> Lowered:
    """A convolution with a group per channel; heads with the same filters are folded into the batch."""
    channels = op.channels(site.x) // op.heads
    args = {"in_channels": channels, "out_channels": channels * op.multiplier, **sliding(op, site)}
    args |= {"groups": Default(channels, 1), "bias": Default(op.bias, True)}
    conv = convolution_module(op, site, "Conv", {**args, "padding_mode": Default(op.padding_mode, "zeros")})
    if op.heads == 1:
        return conv
    apart, together = "unflatten(1, ({heads}, -1)).flatten(0, 1)", "unflatten(0, (-1, {heads})).flatten(1, 2)"
    return replace(conv, call=Expr(f"{{self}}({{0}}.{apart}).{together}", {"heads": op.heads}))


@lower.rule(SeparableConv)
def separable(op: SeparableConv, site: Site) -> Lowered:
    """A class of the library: a depthwise and a pointwise convolution."""
    args: dict[str, Literal] = {"in_channels": op.channels(site.x), "out_channels": op.filters, **sliding(op, site)}
    args |= {"multiplier": Default(op.multiplier, 1), "bias": Default(op.bias, True)}
    args["padding_mode"] = Default(op.padding_mode, "zeros")
    kind = "Same" if follows_input(op, site) else "Padded" if "pads" in args else ""
    ours = class_for_window_rank(f"{kind}SeparableConv2d", op.window_rank)
    return Lowered(Make(ours, args))


@lower.rule(ConvTranspose)
def transposed(op: ConvTranspose, site: Site) -> Lowered:
    """``nn.ConvTransposeNd``; a class of the library crops if the padding differs between the ends of an axis."""
    padding: list[int] = []
    extra: list[int] = []
    crop: list[tuple[int, int]] = []
    for before, after, add in op.cropping():
        least = min(before, after)
        end = after - least - add
        padding.append(least)
        extra.append(max(-end, 0))
        crop.append((before - least, max(end, 0)))
    args: dict[str, Literal] = {
        "in_channels": op.channels(site.x),
        "out_channels": op.filters,
        "kernel_size": simple(op.kernel),
    }
    cropped = any(n for pair in crop for n in pair)
    if cropped:
        args["crop"] = fpad(tuple(crop))
    args |= {
        "stride": Default(simple(op.stride), 1),
        "padding": Default(simple(tuple(padding)), 0),
        "output_padding": Default(simple(tuple(extra)), 0),
        "groups": Default(op.groups, 1),
        "bias": Default(op.bias, True),
        "dilation": Default(simple(op.dilation), 1),
    }
    if not cropped:
        return Lowered(Make(f"nn.ConvTranspose{op.window_rank}d", args))
    ours = class_for_window_rank("CroppedConvTranspose2d", op.window_rank)
    return Lowered(Make(ours, args))
