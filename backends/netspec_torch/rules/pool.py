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

from .conv import fpad, ranked
from .lowered import Default, Lowered, Make, Site, expression, lower, module, numbered, simple


def plain(op: Padded, site: Site) -> bool:
    """Whether PyTorch's pooling supports the padding: equal at both ends, and at most half the window.

    Not where another use of the block has padding that it does not support, so that all uses are of one class.
    """
    if site.uneven:
        return False
    pads = op.pads(site.x)
    return all(before == after and 2 * before <= size for (before, after), size in zip(pads, op.size, strict=True))


def beyond(op: Padded, site: Site) -> bool:
    """Whether a window is larger than its unpadded input, which only ``avg_pool3d`` rejects."""
    _, axes = op.window_axes(site.x)
    return any(site.x.shape[a] < w.extent for a, w in zip(axes, op.windows(), strict=True))


def covering(op: Padded, site: Site) -> tuple[tuple[int, int], ...]:
    """The padding with which windows cover, without ``ceil_mode``, what they cover with it."""
    out: list[tuple[int, int]] = []
    _, axes = op.window_axes(site.x)
    for a, w, n, (before, after) in zip(axes, op.windows(), op.positions(site.x), op.pads(site.x), strict=True):
        end = (n - 1) * w.stride + w.extent - site.x.shape[a] - before
        out.append((before, max(end, after)))
    return tuple(out)


def strides(op: Padded | StochasticPool | Subsample) -> dict[str, Any]:
    """The stride, left out where it is the size of the window."""
    return {"stride": Default(simple(op.strides()), simple(op.size))}


@lower.rule(MaxPool)
def max_pool(op: MaxPool, site: Site) -> Lowered:
    """``nn.MaxPoolNd``."""
    args: dict[str, Any] = {"kernel_size": simple(op.size)}
    dilation = {"dilation": Default(simple(op.dilation), 1)}
    if plain(op, site):
        args |= strides(op)
        args["padding"] = Default(simple(tuple(before for before, _ in op.pads(site.x))), 0)
        return module(f"nn.MaxPool{op.rank}d", **args, **dilation, ceil_mode=Default(op.ceil_mode, False))
    ours = ranked("PaddedMaxPool2d", op.rank)
    args |= {"pads": fpad(covering(op, site)), **strides(op), **dilation}
    return Lowered(Make(ours, args))


@lower.rule(MaxUnpool)
def max_unpool(op: MaxUnpool, site: Site) -> Lowered:
    """A class of the library, which recomputes the indices of the maxima: pooling layers return values only."""
    ours = ranked("MaxUnpool2d", op.rank)
    return Lowered(Make(ours, {"kernel_size": simple(op.size)}))


@lower.rule(AvgPool)
def avg_pool(op: AvgPool, site: Site) -> Lowered:
    """``nn.AvgPoolNd``."""
    args: dict[str, Any] = {"kernel_size": simple(op.size)}
    include = {"count_include_pad": Default(op.count_include_pad, True)}
    if plain(op, site) and not (op.rank == 3 and beyond(op, site)):
        args |= strides(op)
        args["padding"] = Default(simple(tuple(before for before, _ in op.pads(site.x))), 0)
        return module(f"nn.AvgPool{op.rank}d", **args, ceil_mode=Default(op.ceil_mode, False), **include)
    pads, all_pads = op.pads(site.x), covering(op, site)
    over = tuple((0, whole - after) for (_, after), (_, whole) in zip(pads, all_pads, strict=True))
    args |= {"pads": fpad(pads), **strides(op)}
    args["overhang"] = Default(fpad(over), (0,) * (2 * op.rank))
    ours = ranked("PaddedAvgPool2d", op.rank)
    return Lowered(Make(ours, {**args, **include}))


@lower.rule(LpPool)
def lp_pool(op: LpPool, site: Site) -> Lowered:
    """``nn.LPPool2d`` where it computes the same: an exponent of 2, and no partial windows."""
    p: float = int(op.p) if op.p.is_integer() else op.p
    pads = covering(op, site)
    whole = all(pair == (0, 0) for pair in pads)
    if whole and op.p == 2:
        return module("nn.LPPool2d", norm_type=p, kernel_size=simple(op.size), **strides(op))
    args = {"norm_type": p, "kernel_size": simple(op.size), **strides(op), "pads": Default(fpad(pads), (0, 0, 0, 0))}
    return module("LpPool2d", **args)


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
    return module(f"nn.AdaptiveAvgPool{op.rank}d", output_size=simple(op.size))


@lower.rule(AdaptiveMaxPool)
def adaptive_max_pool(op: AdaptiveMaxPool, site: Site) -> Lowered:
    """``nn.AdaptiveMaxPoolNd``."""
    return module(f"nn.AdaptiveMaxPool{op.rank}d", output_size=simple(op.size))


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
