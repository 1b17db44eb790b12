"""Rules for operations that change the size of window axes."""

from __future__ import annotations

from netspec.ops.common.spatial_axes import channel_and_spatial_axes
from netspec.ops.resize import CenterCrop, ChannelShuffle, Crop, Pad, PixelShuffle, PixelUnshuffle, Shuffle, Upsample
from netspec.shapes.sizes import Size, is_named, is_same

from .lowered import Default, Expr, Literal, Lowered, Make, Site, batchless, expression, lower, numbered, simple
from .shape import ends_of_slice, indexing, slice_text

batchless(Crop, CenterCrop, ChannelShuffle)


def are_zero(*amounts: Size) -> bool:
    """Whether all amounts are 0, whatever the named dimensions."""
    return all(is_same(amount, 0) for amount in amounts)


@lower.rule(Pad)
def pad(op: Pad, site: Site) -> Lowered:
    """``F.pad``, or a function of the library for axes that a mode of ``F.pad`` does not support."""
    amounts = [(a, before, after) for a, before, after in op.amounts(site.x) if not are_zero(before, after)]
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
        if is_named(after):  # which may be 0
            stop: Size | None = site.x.shape[a] - after
        else:
            stop = -after if after else None
        parts, more = ends_of_slice(a, before, stop)
        if more:
            cuts[a] = parts
            holes |= more
    return indexing(site, cuts, holes) if cuts else expression("{0}")


@lower.rule(CenterCrop)
def center_crop(op: CenterCrop, site: Site) -> Lowered:
    """A function of the library to crop to another layer's size; otherwise indexing."""
    x, y = site.x, site.y
    if op.like and x.channel == 0 and site.xs[1].channel == 0 and "0" not in site.batch:
        return expression("center_crop({0}, {1}.shape[2:])")
    cuts: dict[int, tuple[str, ...]] = {}
    holes: dict[str, Literal] = {}
    for a in channel_and_spatial_axes(op, x)[1]:
        first = (x.shape[a] - y.shape[a]) // 2
        last = first + y.shape[a]
        if is_named(first) or is_named(last):
            parts, more = ends_of_slice(a, first, None if is_same(last, x.shape[a]) else last)
        else:
            parts, more = slice_text(a, first, last, x.shape[a])
        if more:
            cuts[a] = parts
            holes |= more
    return indexing(site, cuts, holes) if cuts else expression("{0}")


@lower.rule(Upsample)
def upsample(op: Upsample, site: Site) -> Lowered:
    """``nn.Upsample``, or ``F.interpolate`` to the size of another layer."""
    channel, axes = channel_and_spatial_axes(op, site.x)
    args: dict[str, Literal] = {}
    sizes = ""
    target: tuple[Size, ...] = ()
    if op.like:
        like = site.xs[1]
        theirs = channel_and_spatial_axes(op, like)[1]
        if channel_and_spatial_axes(op, like)[0] == 0 and site.batch[1] != "0":
            sizes = "{1}.shape[2:]"
        else:
            target = tuple(like.shape[a] for a in theirs)
    elif op.size is not None:
        target = tuple(site.y.shape[a] for a in axes)
    else:
        factors = tuple(int(s) if s is not None and s.is_integer() else s for s in op.scales(len(axes)))
        args["scale_factor"] = Default(factors[0] if len(set(factors)) == 1 else factors, None)
    holes: dict[str, Literal] = {}
    if any(map(is_named, target)):
        text, holes = numbered("size", target)
        sizes = f"({text}{',' if len(target) == 1 else ''})"
    elif target:
        args["size"] = Default(simple(target), None)
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
    if op.antialias and not sizes:  # nn.Upsample has no such argument
        scale, size = args.pop("scale_factor", None), args.pop("size", None)
        value: Literal = (scale or size or Default(1, None)).value
        text, holes = numbered("size", value) if isinstance(value, tuple) else ("{size0}", {"size0": value})  # pyright: ignore[reportUnknownArgumentType] - a tuple of sizes
        text = f"({text})" if isinstance(value, tuple) else text
        sizes = text if size is not None else ""
        how = f"size={sizes}" if size is not None else f"scale_factor={text}"
        more = f', {how}, mode="{op.mode}", align_corners=False, antialias=True'
        return expression(f"F.interpolate({{0}}{before}{more}){after}", **holes)
    if not sizes:
        return Lowered(Make("nn.Upsample", args), Expr(f"{{self}}({{0}}{before}){after}" if before else ""))
    mode = f', mode="{op.mode}"' if op.mode != "nearest" else ""
    corners = f", align_corners={op.align_corners}" if op.mode != "nearest" else ""
    corners += ", antialias=True" if op.antialias else ""
    return expression(f"F.interpolate({{0}}{before}, size={sizes}{mode}{corners}){after}", **holes)


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
