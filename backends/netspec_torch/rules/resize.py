"""Rules for operations that change the size of window axes."""

from __future__ import annotations

from netspec.ops.common.planes import plane
from netspec.ops.resize import CenterCrop, ChannelShuffle, Crop, Pad, PixelShuffle, PixelUnshuffle, Shuffle, Upsample

from .lowered import Default, Expr, Literal, Lowered, Make, Site, batchless, expression, lower, numbered, simple
from .shape import cut, indexed

batchless(Crop, CenterCrop, ChannelShuffle)


@lower.rule(Pad)
def pad(op: Pad, site: Site) -> Lowered:
    """``F.pad``; in modes that it supports for the last axes only, by a function of the library for other axes."""
    amounts = [(a, before, after) for a, before, after in op.amounts(site.x) if before or after]
    if not amounts:
        return expression("{0}")
    rank = site.x.rank
    first = min(a for a, _, _ in amounts)
    by_axis = {a: (before, after) for a, before, after in amounts}
    if op.mode == "zeros" or (first >= 1 and rank in (2, 3, 4)):
        pads = tuple(n for a in reversed(range(first, rank)) for n in by_axis.get(a, (0, 0)))
        if op.mode != "zeros":
            pads += (0, 0) * (first - 1)
        text, holes = numbered("pad", pads)
        rest = ""
        if op.mode != "zeros":
            rest = f', mode="{op.mode}"'
        elif op.value:
            rest, holes["value"] = ", value={value}", op.value
        return expression(f"F.pad({{0}}, ({text}){rest})", **holes)
    out = "{0}"
    for a, before, after in amounts:
        out = f'pad_axis({out}, {site.axis(a)}, ({before}, {after}), "{op.mode}")'
    return expression(out)


@lower.rule(Crop)
def crop(op: Crop, site: Site) -> Lowered:
    """Indexing with slices."""
    cuts: dict[int, tuple[str, ...]] = {}
    holes: dict[str, Literal] = {}
    for a, before, after in op.amounts(site.x):
        parts, more = ["", ""], {}
        if before:
            parts[0], more[f"start{a}"] = f"{{start{a}}}", before
        if after:
            parts[1], more[f"stop{a}"] = f"{{stop{a}}}", -after
        if more:
            cuts[a] = tuple(parts)
            holes |= more
    return indexed(site, cuts, holes) if cuts else expression("{0}")


@lower.rule(CenterCrop)
def center_crop(op: CenterCrop, site: Site) -> Lowered:
    """A function of the library to crop to another layer's size; otherwise indexing."""
    x, y = site.x, site.y
    if op.like and x.channel == 0 and site.xs[1].channel == 0 and "0" not in site.batch:
        return expression("center_crop({0}, {1}.shape[2:])")
    cuts: dict[int, tuple[str, ...]] = {}
    holes: dict[str, Literal] = {}
    for a in plane(op, x)[1]:
        first = (x.shape[a] - y.shape[a]) // 2
        parts, more = cut(a, first, first + y.shape[a], x.shape[a])
        if more:
            cuts[a] = parts
            holes |= more
    return indexed(site, cuts, holes) if cuts else expression("{0}")


@lower.rule(Upsample)
def upsample(op: Upsample, site: Site) -> Lowered:
    """``nn.Upsample``, or ``F.interpolate`` to the size of another layer."""
    channel, axes = plane(op, site.x)
    args: dict[str, Literal] = {}
    sizes = ""
    if op.like:
        like = site.xs[1]
        theirs = plane(op, like)[1]
        if plane(op, like)[0] == 0 and site.batch[1] != "0":
            sizes = "{1}.shape[2:]"
        else:
            args["size"] = Default(simple(tuple(like.shape[a] for a in theirs)), None)
    elif op.size is not None:
        args["size"] = Default(simple(tuple(site.y.shape[a] for a in axes)), None)
    else:
        factors = tuple(int(s) if s is not None and s.is_integer() else s for s in op.scales(len(axes)))
        args["scale_factor"] = Default(factors[0] if len(set(factors)) == 1 else factors, None)
    args["mode"] = Default(op.mode, "nearest")
    if op.mode != "nearest":
        args["align_corners"] = Default(op.align_corners, None if not op.align_corners else False)
        if not op.align_corners:
            args["align_corners"] = Default(False, None)
    if channel == 0:
        before, after = "", ""
    elif channel is None:
        before, after = ".unsqueeze(1)", ".squeeze(1)"
    else:
        before, after = f".movedim({channel + 1}, 1)", f".movedim(1, {channel + 1})"
    if not sizes:
        return Lowered(Make("nn.Upsample", args), Expr(f"{{self}}({{0}}{before}){after}" if before else ""))
    mode = f', mode="{op.mode}"' if op.mode != "nearest" else ""
    corners = f", align_corners={op.align_corners}" if op.mode != "nearest" else ""
    return expression(f"F.interpolate({{0}}{before}, size={sizes}{mode}{corners}){after}")


@lower.rule(PixelShuffle)
def pixel_shuffle(op: PixelShuffle, site: Site) -> Lowered:
    """``nn.PixelShuffle``."""
    return _shuffled(op, site, "nn.PixelShuffle", "upscale_factor")


@lower.rule(PixelUnshuffle)
def pixel_unshuffle(op: PixelUnshuffle, site: Site) -> Lowered:
    """``nn.PixelUnshuffle``."""
    return _shuffled(op, site, "nn.PixelUnshuffle", "downscale_factor")


def _shuffled(op: Shuffle, site: Site, cls: str, argument: str) -> Lowered:
    channel, _ = op.image(site.x)
    call = "" if channel == 0 else f"{{self}}({{0}}.movedim({channel + 1}, 1)).movedim(1, {channel + 1})"
    return Lowered(Make(cls, {argument: op.factor}), Expr(call))


@lower.rule(ChannelShuffle)
def channel_shuffle(op: ChannelShuffle, site: Site) -> Lowered:
    """A function of the library."""
    return expression("channel_shuffle({0}, {groups}, {dim})", groups=op.groups, dim=site.axis(op.axis))
