"""Rules for pooling."""

from __future__ import annotations

from typing import Any

from netspec.ops.pool import (
    AdaptiveAvgPool,
    AdaptiveMaxPool,
    AvgPool,
    GlobalAvgPool,
    GlobalMaxPool,
    LpPool,
    MaxPool,
    MaxUnpool,
    Padded,
    StochasticPool,
    Subsample,
)
from netspec.shapes.sizes import Size, is_named, maximum

from .conv import class_for_window_rank, follows_input, fpad, same_pads
from .lowered import Default, Expr, Lowered, Make, Site, expression, lower, module, numbered, simple


def fits_pytorch(op: Padded, site: Site) -> bool:
    """Whether PyTorch's pooling supports the padding: equal at both ends, and at most half the window.

    False if another use of the block has unsupported padding, so that all uses can share a class.
    """
    if site.uneven:
        return False
    pads = op.pads(site.x)
    return all(before == after and 2 * before <= size for (before, after), size in zip(pads, op.size, strict=True))


def exceeds_input(op: Padded, site: Site) -> bool:
    """Whether a window is, or may be at run time, larger than its unpadded input, which only ``avg_pool3d`` rejects."""
    _, axes = op.window_axes(site.x)
    return any(
        w.pads != (0, 0) or w.ceil_mode if is_named(site.x.shape[a]) else site.x.shape[a] < w.extent
        for a, w in zip(axes, op.windows(), strict=True)
    )


def covering_pads(op: Padded, site: Site) -> tuple[tuple[int, int], ...]:
    """Returns padding with which windows cover the same positions as with ``ceil_mode``."""
    out: list[tuple[int, int]] = []
    _, axes = op.window_axes(site.x)
    for a, w, n, (before, after) in zip(axes, op.windows(), op.positions(site.x), op.pads(site.x), strict=True):
        end = (n - 1) * w.stride + w.extent - site.x.shape[a] - before
        out.append((before, maximum(end, after)))
    return tuple(out)


def strides(op: Padded | StochasticPool | Subsample) -> dict[str, Any]:
    """Returns the stride, omitted if it equals the size of the window."""
    return {"stride": Default(simple(op.strides()), simple(op.size))}


@lower.rule(MaxPool)
def max_pool(op: MaxPool, site: Site) -> Lowered:
    """``nn.MaxPoolNd``."""
    args: dict[str, Any] = {"kernel_size": simple(op.size)}
    dilation = {"dilation": Default(simple(op.dilation), 1)}
    if follows_input(op, site):
        ours = class_for_window_rank("SameMaxPool2d", op.window_rank)
        return Lowered(Make(ours, {**args, **strides(op), **dilation}))
    if fits_pytorch(op, site):
        args |= strides(op)
        args["padding"] = Default(simple(tuple(before for before, _ in op.pads(site.x))), 0)
        return module(f"nn.MaxPool{op.window_rank}d", **args, **dilation, ceil_mode=Default(op.ceil_mode, False))
    pads = fpad(covering_pads(op, site))
    if any(map(is_named, pads)):
        return max_pool_of_padded(op, pads)
    ours = class_for_window_rank("PaddedMaxPool2d", op.window_rank)
    args |= {"pads": pads, **strides(op), **dilation}
    return Lowered(Make(ours, args))


def max_pool_of_padded(op: MaxPool, pads: tuple[Size, ...]) -> Lowered:
    """Returns max pooling for ``ceil_mode`` with padding that depends on a run-time size."""
    text, holes = numbered("pad", pads)
    arguments = {"kernel_size": simple(op.size), "stride": simple(op.strides()), "dilation": simple(op.dilation)}
    if arguments["dilation"] == 1:
        del arguments["dilation"]
    rest = ", ".join(f"{name}={{{name}}}" for name in arguments)
    padded = f'F.pad({{0}}, ({text}), value=float("-inf"))'
    return expression(f"F.max_pool{op.window_rank}d({padded}, {rest})", **holes, **arguments)


@lower.rule(MaxUnpool)
def max_unpool(op: MaxUnpool, site: Site) -> Lowered:
    """A class of the library, which recomputes the indices of the maxima because pooling layers return only values."""
    ours = class_for_window_rank("MaxUnpool2d", op.window_rank)
    return Lowered(Make(ours, {"kernel_size": simple(op.size)}))


@lower.rule(AvgPool)
def avg_pool(op: AvgPool, site: Site) -> Lowered:
    """``nn.AvgPoolNd``."""
    args: dict[str, Any] = {"kernel_size": simple(op.size)}
    include = {"count_include_pad": Default(op.count_include_pad, True)}
    if follows_input(op, site):
        return Lowered(Make(class_for_window_rank("SameAvgPool2d", op.window_rank), {**args, **strides(op), **include}))
    if fits_pytorch(op, site) and not (op.window_rank == 3 and exceeds_input(op, site)):
        args |= strides(op)
        args["padding"] = Default(simple(tuple(before for before, _ in op.pads(site.x))), 0)
        return module(f"nn.AvgPool{op.window_rank}d", **args, ceil_mode=Default(op.ceil_mode, False), **include)
    pads, all_pads = op.pads(site.x), covering_pads(op, site)
    over = tuple((0, whole - after) for (_, after), (_, whole) in zip(pads, all_pads, strict=True))
    if any(is_named(n) for pair in over for n in pair):
        text, holes = numbered("overhang", fpad(over))
        call = class_for_window_rank("padded_avg_pool2d", op.window_rank)
        arguments = {"kernel_size": simple(op.size), "stride": simple(op.strides()), "pads": fpad(pads)}
        rest = ", ".join(f"{{{name}}}" for name in arguments)
        count = "" if op.count_include_pad else ", count_include_pad=False"
        return expression(f"{call}({{0}}, {rest}, ({text}){count})", **arguments, **holes)
    args |= {"pads": fpad(pads), **strides(op)}
    args["overhang"] = Default(fpad(over), (0,) * (2 * op.window_rank))
    ours = class_for_window_rank("PaddedAvgPool2d", op.window_rank)
    return Lowered(Make(ours, {**args, **include}))


@lower.rule(LpPool)
def lp_pool(op: LpPool, site: Site) -> Lowered:
    """``nn.LPPool2d`` if it is equivalent: for exponent 2 without partial windows."""
    p: float = int(op.p) if op.p.is_integer() else op.p
    args = {"norm_type": p, "kernel_size": simple(op.size), **strides(op)}
    if follows_input(op, site):
        text, holes = same_pads(op.size, op.strides(), (1,) * op.window_rank)
        return Lowered(Make("LpPool2d", args), Expr(f"{{self}}(F.pad({{0}}, {text}))", holes))
    pads = covering_pads(op, site)
    if any(is_named(n) for pair in pads for n in pair):
        text, holes = numbered("pad", fpad(pads))
        return Lowered(Make("LpPool2d", args), Expr(f"{{self}}(F.pad({{0}}, ({text})))", holes))
    whole = all(pair == (0, 0) for pair in pads)
    if whole and op.p == 2:
        return module("nn.LPPool2d", norm_type=p, kernel_size=simple(op.size), **strides(op))
    return module("LpPool2d", **args, pads=Default(fpad(pads), (0, 0, 0, 0)))


@lower.rule(StochasticPool)
def stochastic_pool(op: StochasticPool, site: Site) -> Lowered:
    """A class of the library."""
    stride = op.strides()
    return module("StochasticPool2d", kernel_size=op.size, stride=Default(stride, op.size))


@lower.rule(Subsample)
def subsample(op: Subsample, site: Site) -> Lowered:
    """A class of the library."""
    channels = site.x.shape[0]
    return module("Subsample2d", channels=channels, kernel_size=simple(op.size), **strides(op))


@lower.rule(AdaptiveAvgPool)
def adaptive_avg_pool(op: AdaptiveAvgPool, site: Site) -> Lowered:
    """``nn.AdaptiveAvgPoolNd``."""
    return module(f"nn.AdaptiveAvgPool{op.window_rank}d", output_size=simple(op.size))


@lower.rule(AdaptiveMaxPool)
def adaptive_max_pool(op: AdaptiveMaxPool, site: Site) -> Lowered:
    """``nn.AdaptiveMaxPoolNd``."""
    return module(f"nn.AdaptiveMaxPool{op.window_rank}d", output_size=simple(op.size))


@lower.rule(GlobalAvgPool)
def global_avg_pool(op: GlobalAvgPool, site: Site) -> Lowered:
    """A mean over all axes but batch and channels."""
    return _over("mean", op, site)


@lower.rule(GlobalMaxPool)
def global_max_pool(op: GlobalMaxPool, site: Site) -> Lowered:
    """A maximum over all axes but batch and channels."""
    return _over("amax", op, site)


def _over(method: str, op: GlobalAvgPool | GlobalMaxPool, site: Site) -> Lowered:
    channel = op.channel(site.x)
    axes, holes = numbered("d", tuple(site.axis(a) for a in range(site.x.rank) if a != channel))
    single = len(holes) == 1
    keep = ", keepdim=True" if op.keepdims else ""
    return expression(f"{{0}}.{method}({axes if single else f'({axes})'}{keep})", **holes)
