"""Operations that change the sizes of window axes."""

from __future__ import annotations

from collections.abc import Sequence

from netspec.ops.common.spatial_axes import channel_and_spatial_axes
from netspec.ops.resize import CenterCrop, ChannelShuffle, Crop, Pad, PixelShuffle, PixelUnshuffle, Upsample
from netspec.shapes.sizes import is_named

from ..builder.common_nodes import (
    END,
    PAD_MODES,
    WRAP_SINCE,
    add_reshape,
    add_transpose,
    pad_operands,
    perm,
    reshape_target,
    slice_operands,
    wrapped_parts,
)
from ..builder.resize_forms import resize_attributes
from ..builder.site import Site
from ..builder.value_info import ELEMENT, Attribute, Dim, GraphValue
from .averaging import averaging_matrix
from .nearest import gather_nearest
from .resize_rounding import agrees_with_resize, exact_ratio, is_exact_scale, nearest_steps, scale_for
from .rule_table import Results, lower

Ranges = dict[int, tuple[int, int, int]]


@lower.rule(Pad)
def pad(op: Pad, site: Site) -> Results:
    """``Pad``; circular padding in earlier operator sets by slices of the opposite side."""
    x = site.inputs[0]
    pads = {a: (before, after) for a, before, after in op.amounts(site.input_types[0])}
    if op.mode == "circular" and site.opset < WRAP_SINCE:
        last = max(pads)
        for axis, (before, after) in pads.items():
            if axis != last:
                parts, item_shape = wrapped_parts(site, x, axis, before, after)
                x = site.add("Concat", *parts, name="pad", item_shape=item_shape, axis=x.axis(axis))
        parts, _ = wrapped_parts(site, x, last, *pads[last])
        return site.result("Concat", *parts, axis=x.axis(last))
    mode = PAD_MODES.get(op.mode, "constant")
    operands, attributes = pad_operands(site, x, pads, mode, op.value if op.value else None)
    return site.result("Pad", *operands, **attributes)


@lower.rule(Crop)
def crop(op: Crop, site: Site) -> Results:
    """``Slice``; ends are counted from the end of the axis."""
    x = site.inputs[0]
    ranges: Ranges = {}
    for a, before, after in op.amounts(site.input_types[0]):
        ranges[a] = (before, x.item_shape[a] - after if is_named(after) else -after or END, 1)
    return site.result("Slice", x, *slice_operands(site, x, ranges))


@lower.rule(CenterCrop)
def center_crop(op: CenterCrop, site: Site) -> Results:
    """``Slice`` of the centre."""
    x, kind = site.inputs[0], site.input_types[0]
    ranges: Ranges = {}
    for a in channel_and_spatial_axes(op, kind)[1]:
        n, size = kind.shape[a], site.node.outputs[0].shape[a]
        ranges[a] = ((n - size) // 2, (n - size) // 2 + size, 1)
    return site.result("Slice", x, *slice_operands(site, x, ranges))


@lower.rule(Upsample)
def upsample(op: Upsample, site: Site) -> Results:
    """``Resize`` with PyTorch's coordinates: by the scale if it is given, otherwise by the sizes.

    Nearest neighbours are selected by ``Gather`` if ``Resize`` would round differently from PyTorch.
    """
    x, kind = site.x, site.input_types[0]
    channel, axes = channel_and_spatial_axes(op, kind)
    pairs = [(kind.shape[a], site.node.outputs[0].shape[a]) for a in axes]
    if op.antialias:
        return _averaged(op, site, channel)
    sizes = [m for _, m in pairs]
    own_scales = op.scales(len(axes))
    scales = [] if op.align_corners else [scale_for(s, *pair) for s, pair in zip(own_scales, pairs, strict=True) if s]
    if op.mode == "nearest":
        if scales and len(axes) == 2:  # PyTorch uses the exact ratio for an unchanged or doubled size
            scales = [exact_ratio(n, m) or s for s, (n, m) in zip(scales, pairs, strict=True)]
        steps = nearest_steps(pairs, own_scales)
        used: Sequence[float | None] = scales or [None] * len(pairs)
        if not all(agrees_with_resize(*pair, step, s) for pair, step, s in zip(pairs, steps, used, strict=True)):
            return gather_nearest(site, axes, pairs, steps, own_scales)
    if channel is None:
        x = site.add("Unsqueeze", x, site.integers("channel", [1]), name="channels", item_shape=(1, *x.item_shape))
    elif channel:
        x = add_transpose(site, x, [channel, *axes], "first")
    attributes: dict[str, Attribute] = dict(resize_attributes(op.mode, op.align_corners))
    cut = [i for i, (s, (n, _)) in enumerate(zip(scales, pairs, strict=False)) if is_named(n) and not is_exact_scale(s)]
    operands = _operands_by_scale(site, x, scales) if scales else _operands_by_size(site, x, sizes)
    if channel == 0 and not cut:
        return site.result("Resize", *operands, **attributes)
    if channel and op.mode == "bicubic" and any(site.bounds(m - n)[0] < 0 for n, m in pairs):
        resized = _resize_by_channel(site, x, sizes, cut, scales, attributes)
    else:
        item_shape = (x.item_shape[0], *_sizes_before_cut(site, sizes, cut))
        resized = site.add("Resize", *operands, name="resized", item_shape=item_shape, extra=attributes)
        if channel == 0:
            return site.result("Slice", resized, *_cut_operands(site, sizes, cut))
        if cut:
            bounds = _cut_operands(site, sizes, cut)
            resized = site.add("Slice", resized, *bounds, name="cut", item_shape=(x.item_shape[0], *sizes))
    if channel is None:
        return site.result("Squeeze", resized, site.integers("channel", [1]))
    order = [channel, *axes]
    return site.result("Transpose", resized, perm=perm(resized, [order.index(a) for a in range(resized.rank)]))


def _averaged(op: Upsample, site: Site, channel: int | None) -> Results:
    """With ``antialias``: a matrix product from the left for the rows, and from the right for the columns."""
    x, before, after = site.x, site.input_types[0].shape, site.node.outputs[0].shape
    axes = [a for a in range(3) if a != channel]
    order = [channel or 0, *axes]
    if channel:
        x = add_transpose(site, x, order, "first")
    scales = op.scales(2)
    rows, columns = (
        averaging_matrix(site, before[a], after[a], s, op.mode, name)
        for a, s, name in zip(axes, scales, ("rows", "columns"), strict=True)
    )
    if x.dtype != "float32":
        rows, columns = (
            site.add_node("Cast", [w], w.shape, batched=False, name="as_input", dtype=x.dtype, to=ELEMENT[x.dtype])
            for w in (rows, columns)
        )
    turned = site.add_node(
        "Transpose", [columns], columns.shape[::-1], batched=False, name="columns_turned", perm=[1, 0]
    )
    shape = (x.item_shape[0], after[axes[0]], x.item_shape[2])
    x = site.add("MatMul", rows, x, name="rows_averaged", item_shape=shape, dtype=x.dtype)
    if not channel:
        return site.result("MatMul", x, turned)
    x = site.add("MatMul", x, turned, name="averaged", item_shape=(shape[0], shape[1], after[axes[1]]))
    return site.result("Transpose", x, perm=perm(x, [order.index(a) for a in range(3)]))


@lower.rule(PixelShuffle)
def pixel_shuffle(op: PixelShuffle, site: Site) -> Results:
    """``DepthToSpace`` with channels before blocks."""
    x = site.x
    channel, axes = op.image(site.input_types[0])
    if not channel:
        return site.result("DepthToSpace", x, blocksize=op.factor, mode="CRD")
    order = [channel, *axes]
    x = add_transpose(site, x, order, "first")
    after = site.node.outputs[0].shape
    shuffled = site.add(
        "DepthToSpace", x, name="shuffled", item_shape=[after[a] for a in order], blocksize=op.factor, mode="CRD"
    )
    return site.result("Transpose", shuffled, perm=perm(shuffled, [order.index(a) for a in range(3)]))


@lower.rule(PixelUnshuffle)
def pixel_unshuffle(op: PixelUnshuffle, site: Site) -> Results:
    """Moves the positions within blocks to channels, after the original ones; ``SpaceToDepth`` would put them first."""
    x, r = site.x, op.factor
    channel, axes = op.image(site.input_types[0])
    order = [channel, *axes]
    if channel:
        x = add_transpose(site, x, order, "first")
    after = [site.node.outputs[0].shape[a] for a in order]
    blocks = add_reshape(site, x, (x.item_shape[0], after[1], r, after[2], r), "blocks")
    transposed = add_transpose(site, blocks, (0, 2, 4, 1, 3), "turned")
    if not channel:
        return site.result("Reshape", transposed, reshape_target(site, transposed, after))
    shuffled = add_reshape(site, transposed, after, "unshuffled")
    return site.result("Transpose", shuffled, perm=perm(shuffled, [order.index(a) for a in range(3)]))


@lower.rule(ChannelShuffle)
def channel_shuffle(op: ChannelShuffle, site: Site) -> Results:
    """Splits the channels into groups, and swaps groups and channels within a group."""
    x, a = site.inputs[0], op.axis
    per_group = op.per_group(site.input_types[0])
    groups = add_reshape(site, x, (*x.item_shape[:a], op.groups, per_group, *x.item_shape[a + 1 :]), "groups")
    order = list(range(groups.rank))
    order[a], order[a + 1] = a + 1, a
    transposed = add_transpose(site, groups, order, "turned")
    return site.result("Reshape", transposed, reshape_target(site, transposed, x.item_shape))


def _resize_by_channel(
    site: Site, x: GraphValue, sizes: list[int], cut: list[int], scales: list[float], attributes: dict[str, Attribute]
) -> GraphValue:
    """A ``Resize`` with every channel as a separate example, between two ``Reshape`` nodes.

    ONNX Runtime moves a ``Transpose`` across a ``Resize`` and then rejects its own result: cubic, channels last,
    smaller (1.32: "'Cubic' mode only supports"). It does not move a ``Transpose`` across a ``Reshape``.
    """
    first, c = x.shape[0], x.item_shape[0]
    examples = c * first if isinstance(first, int) else f"{c}*{first}"
    by_channel = site.add_node(
        "Reshape",
        [x, site.integers("apart_to", [-1, 1, *x.item_shape[1:]])],
        (examples, 1, *x.item_shape[1:]),
        batched=True,
        name="apart",
    )
    if scales:
        operands = _operands_by_scale(site, by_channel, scales)
    elif isinstance(examples, int):
        operands = (by_channel, None, None, site.integers("sizes", [examples, 1, *sizes]))
    else:
        count = site.add_node(
            "Mul", [site.batch_size(x), site.integers("channels", [c])], (1,), batched=False, name="count"
        )
        known = site.integers("sizes", [1, *sizes])
        whole = site.add_node("Concat", [count, known], (len(x.shape),), batched=False, name="all_sizes", axis=0)
        operands = (by_channel, None, None, whole)
    before = (examples, 1, *_sizes_before_cut(site, sizes, cut))
    resized = site.add_node("Resize", operands, before, batched=True, name="resized", extra=attributes)
    if cut:
        bounds = _cut_operands(site, sizes, cut)
        resized = site.add_node("Slice", [resized, *bounds], (examples, 1, *sizes), batched=True, name="cut")
    together = site.integers("together_to", [-1, c, *sizes])
    return site.add_node("Reshape", [resized, together], (first, c, *sizes), batched=True, name="together")


def _sizes_before_cut(site: Site, sizes: list[int], cut: list[int]) -> list[Dim]:
    """Returns the output sizes of ``Resize``; unknown along axes whose scale is slightly above that of the spec."""
    return [f"{site.node.name}/resized/size{i}" if i in cut else m for i, m in enumerate(sizes)]


def _cut_operands(site: Site, sizes: list[int], cut: list[int]) -> tuple[GraphValue, ...]:
    """Returns the operands of the ``Slice`` that removes a surplus last position of ``Resize``."""
    starts = site.integers("cut_starts", [0] * len(cut))
    return starts, site.integers("cut_ends", [sizes[i] for i in cut]), site.integers("cut_axes", [i + 2 for i in cut])


def _operands_by_scale(site: Site, x: GraphValue, scales: list[float]) -> tuple[GraphValue | None, ...]:
    """The operands of a ``Resize`` by scales."""
    return x, None, site.floats("scales", [1.0, 1.0, *scales])


def _operands_by_size(site: Site, x: GraphValue, sizes: list[int]) -> tuple[GraphValue | None, ...]:
    """The operands of a ``Resize`` by sizes, which include those of batch and channels.

    The attribute ``axes`` (since opset 18) would avoid these, but ONNX Runtime moves a ``Transpose`` across a
    ``Resize`` and then loses the sizes (1.32: "Number of elements of input 'sizes' (0) does not match the number of
    axes").
    """
    if x.shape[0] == 1:
        return x, None, None, site.integers("sizes", [1, x.item_shape[0], *sizes])
    known = site.integers("sizes", [x.item_shape[0], *sizes])
    whole = site.add_node(
        "Concat", [site.batch_size(x), known], (len(x.shape),), batched=False, name="all_sizes", axis=0
    )
    return x, None, None, whole
