"""Operations that change the size of window axes."""

from __future__ import annotations

from netspec.ops.common.planes import plane
from netspec.ops.resize import CenterCrop, ChannelShuffle, Crop, Pad, PixelShuffle, PixelUnshuffle, Upsample

from ..builder.site import Site
from ..builder.value_info import Attribute, Value
from .base import Results, lower
from .conv import MODES, WRAP_SINCE, wrap_parts
from .resize_rounding import fitted, nearest_rows, resized_rows

Cuts = dict[int, tuple[int, int, int]]


@lower.rule(Pad)
def pad(op: Pad, site: Site) -> Results:
    """``Pad``; before ONNX could go round, slices of the other side."""
    x = site.inputs[0]
    pads = {a: (before, after) for a, before, after in op.amounts(site.input_types[0])}
    if op.mode == "circular" and site.opset < WRAP_SINCE:
        last = max(pads)
        for axis, (before, after) in pads.items():
            if axis != last:
                parts, own = wrap_parts(site, x, axis, before, after)
                x = site.add("Concat", *parts, what="pad", own=own, axis=x.axis(axis))
        parts, _ = wrap_parts(site, x, last, *pads[last])
        return site.result("Concat", *parts, axis=x.axis(last))
    mode = MODES.get(op.mode, "constant")
    operands, attributes = site.padding(x, pads, mode, op.value if op.value else None)
    return site.result("Pad", *operands, **attributes)


@lower.rule(Crop)
def crop(op: Crop, site: Site) -> Results:
    """``Slice``; ends are counted from the end, so that sizes need not be known."""
    x = site.inputs[0]
    cuts: Cuts = {a: (before, -after or 2**62, 1) for a, before, after in op.amounts(site.input_types[0])}
    return site.result("Slice", x, *site.slicing(x, cuts))


@lower.rule(CenterCrop)
def center_crop(op: CenterCrop, site: Site) -> Results:
    """``Slice`` of the middle."""
    x, kind = site.inputs[0], site.input_types[0]
    cuts: Cuts = {}
    for a in plane(op, kind)[1]:
        n, size = kind.shape[a], site.node.outputs[0].shape[a]
        cuts[a] = ((n - size) // 2, (n - size) // 2 + size, 1)
    return site.result("Slice", x, *site.slicing(x, cuts))


@lower.rule(Upsample)
def upsample(op: Upsample, site: Site) -> Results:
    """``Resize``, with PyTorch's coordinates: by the scale where one is given, else by the sizes.

    Nearest neighbours are taken by ``Gather`` where rounding would make ``Resize`` take others than PyTorch does.
    """
    x, kind = site.x, site.input_types[0]
    channel, axes = plane(op, kind)
    pairs = [(kind.shape[a], site.node.outputs[0].shape[a]) for a in axes]
    sizes = [m for _, m in pairs]
    given = op.scales(len(axes))
    scales = [] if op.align_corners else [fitted(s, n, m) for s, (n, m) in zip(given, pairs, strict=True) if s]
    if op.mode == "nearest":
        if scales and len(axes) == 2:  # PyTorch takes sizes that come out the same or doubled as just that
            scales = [m / n if m in (n, 2 * n) else s for s, (n, m) in zip(scales, pairs, strict=True)]
        rows = nearest_rows(pairs, given)
        if rows != resized_rows(pairs, scales):
            return _gathered(site, dict(zip(axes, rows, strict=True)))
    if channel is None:
        x = site.add("Unsqueeze", x, site.integers("channel", [1]), what="channels", own=(1, *x.own))
    elif channel:
        x = site.transposed(x, [channel, *axes], "first")
    attributes: dict[str, Attribute] = (
        {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        if op.mode == "nearest"
        else {
            "mode": "cubic" if op.mode == "bicubic" else "linear",
            "coordinate_transformation_mode": "align_corners" if op.align_corners else "half_pixel",
        }
    )
    operands = _scaled(site, x, scales) if scales else _sized(site, x, sizes)
    if channel == 0:
        return site.result("Resize", *operands, **attributes)
    own = (x.own[0], *sizes)
    if channel and op.mode == "bicubic" and any(m < n for n, m in pairs):
        made = _one_by_one(site, x, sizes, scales, attributes)
    else:
        made = site.add("Resize", *operands, what="resized", own=own, more=attributes)
    if channel is None:
        return site.result("Squeeze", made, site.integers("channel", [1]))
    order = [channel, *axes]
    return site.result("Transpose", made, perm=site.order(made, [order.index(a) for a in range(made.rank)]))


@lower.rule(PixelShuffle)
def pixel_shuffle(op: PixelShuffle, site: Site) -> Results:
    """``DepthToSpace``, channels before blocks."""
    x = site.x
    channel, axes = op.image(site.input_types[0])
    if not channel:
        return site.result("DepthToSpace", x, blocksize=op.factor, mode="CRD")
    order = [channel, *axes]
    x = site.transposed(x, order, "first")
    after = site.node.outputs[0].shape
    made = site.add(
        "DepthToSpace", x, what="shuffled", own=[after[a] for a in order], blocksize=op.factor, mode="CRD"
    )
    return site.result("Transpose", made, perm=site.order(made, [order.index(a) for a in range(3)]))


@lower.rule(PixelUnshuffle)
def pixel_unshuffle(op: PixelUnshuffle, site: Site) -> Results:
    """Blocks taken apart and put behind their channel; ``SpaceToDepth`` would put them before all channels."""
    x, r = site.x, op.factor
    channel, axes = op.image(site.input_types[0])
    order = [channel, *axes]
    if channel:
        x = site.transposed(x, order, "first")
    after = [site.node.outputs[0].shape[a] for a in order]
    blocks = site.reshaped(x, (x.own[0], after[1], r, after[2], r), "blocks")
    turned = site.transposed(blocks, (0, 2, 4, 1, 3), "turned")
    if not channel:
        return site.result("Reshape", turned, site.shape_for(turned, after))
    made = site.reshaped(turned, after, "unshuffled")
    return site.result("Transpose", made, perm=site.order(made, [order.index(a) for a in range(3)]))


@lower.rule(ChannelShuffle)
def channel_shuffle(op: ChannelShuffle, site: Site) -> Results:
    """Groups as an axis of their own, exchanged with the channels in them."""
    x, a = site.inputs[0], op.axis
    per = op.per_group(site.input_types[0])
    groups = site.reshaped(x, (*x.own[:a], op.groups, per, *x.own[a + 1 :]), "groups")
    order = list(range(groups.rank))
    order[a], order[a + 1] = a + 1, a
    turned = site.transposed(groups, order, "turned")
    return site.result("Reshape", turned, site.shape_for(turned, x.own))


def _gathered(site: Site, rows: dict[int, list[int]]) -> Results:
    """Rows of some axes, one axis after the other."""
    x = site.inputs[0]
    taken = [(a, r) for a, r in rows.items() if r != list(range(x.own[a]))]
    for a, row in taken[:-1]:
        own = [len(row) if b == a else n for b, n in enumerate(x.own)]
        x = site.add("Gather", x, site.integers(f"rows{a}", row), what=f"taken{a}", own=own, axis=x.axis(a))
    a, row = taken[-1]
    return site.result("Gather", x, site.integers(f"rows{a}", row), axis=x.axis(a))


def _one_by_one(
    site: Site, x: Value, sizes: list[int], scales: list[float], attributes: dict[str, Attribute]
) -> Value:
    """A ``Resize`` of every channel as an example of its own, between transposes.

    ONNX Runtime moves transposes across a ``Resize`` and then refuses what it has made itself: cubic, channels last
    and smaller (1.32: "'Cubic' mode only supports"). It does not move them across a ``Reshape``.
    """
    first, c = x.shape[0], x.own[0]
    many = c * first if isinstance(first, int) else f"{c}*{first}"
    apart = site.raw(
        "Reshape", [x, site.integers("apart_to", [-1, 1, *x.own[1:]])], (many, 1, *x.own[1:]), lead=True, what="apart"
    )
    if scales:
        operands = _scaled(site, apart, scales)
    elif isinstance(many, int):
        operands = (apart, None, None, site.integers("sizes", [many, 1, *sizes]))
    else:
        count = site.raw("Mul", [site.batch_size(x), site.integers("channels", [c])], (1,), lead=False, what="count")
        known = site.integers("sizes", [1, *sizes])
        whole = site.raw("Concat", [count, known], (len(x.shape),), lead=False, what="all_sizes", axis=0)
        operands = (apart, None, None, whole)
    made = site.raw("Resize", operands, (many, 1, *sizes), lead=True, what="resized", more=attributes)
    together = site.integers("together_to", [-1, c, *sizes])
    return site.raw("Reshape", [made, together], (first, c, *sizes), lead=True, what="together")


def _scaled(site: Site, x: Value, scales: list[float]) -> tuple[Value | None, ...]:
    """Operands of a ``Resize`` by scales."""
    return x, None, site.floats("scales", [1.0, 1.0, *scales])


def _sized(site: Site, x: Value, sizes: list[int]) -> tuple[Value | None, ...]:
    """Operands of a ``Resize`` to sizes; they hold those of batch and channels too.

    Its attribute ``axes`` (since opset 18) would spare that, but ONNX Runtime moves transposes across a ``Resize`` and
    then loses the sizes (1.32: "Number of elements of input 'sizes' (0) does not match the number of axes").
    """
    if x.shape[0] == 1:
        return x, None, None, site.integers("sizes", [1, x.own[0], *sizes])
    known = site.integers("sizes", [x.own[0], *sizes])
    whole = site.raw(
        "Concat", [site.batch_size(x), known], (len(x.shape),), lead=False, what="all_sizes", axis=0
    )
    return x, None, None, whole
