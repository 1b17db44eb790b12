"""Conversions between windows and channels."""

from __future__ import annotations

from netspec.ops.windows import Fold, Unfold
from netspec.shapes.sizes import is_named

from ..builder.common_nodes import (
    add_column,
    add_expand,
    add_pad,
    add_range,
    add_transpose,
    reshape_target,
    slice_operands,
)
from ..builder.site import Site
from ..builder.value_info import GraphValue
from .rule_table import Results, lower
from .window_padding import by_axis, flat_pads

COL2IM_SINCE = 18


@lower.rule(Unfold)
def unfold(op: Unfold, site: Site) -> Results:
    """``Pad``, then ``Gather`` of rows and columns at the positions of every element of the window."""
    x, kind = site.x, site.input_types[0]
    pads = by_axis(op.pads(kind))
    if pads:
        x = add_pad(site, x, pads)
    positions = op.positions(kind)
    shape = list(x.item_shape)
    for a, name in ((2, "columns"), (1, "rows")):  # the last axis first, because each is split in two
        index = _places(site, op, a - 1, positions[a - 1], name)
        shape[a : a + 1] = [op.kernel[a - 1], positions[a - 1]]
        x = site.add("Gather", x, index, name=f"{name}_of_windows", item_shape=shape, axis=x.axis(a))
    x = add_transpose(site, x, (0, 1, 3, 2, 4), "elements_first")
    return site.result("Reshape", x, reshape_target(site, x, site.node.outputs[0].shape))


def _places(site: Site, op: Unfold, axis: int, count: int, name: str) -> GraphValue:
    """Returns the positions (element of the window, window) along an axis."""
    starts = add_range(site, count, f"{name}_starts")
    if op.stride[axis] != 1:
        stride = site.integers(f"{name}_stride", op.stride[axis])
        starts = site.add_node("Mul", [starts, stride], (count,), batched=False, name=f"{name}_first")
    elements = add_range(site, op.kernel[axis], f"{name}_elements")
    if op.dilation[axis] != 1:
        dilation = site.integers(f"{name}_dilation", op.dilation[axis])
        elements = site.add_node("Mul", [elements, dilation], elements.shape, batched=False, name=f"{name}_apart")
    shape = (op.kernel[axis], count)
    column = add_column(site, elements, f"{name}_column")
    # onnx's shape inference mishandles a sum of known integers with different shapes; an Expand avoids that
    each = add_expand(site, starts, shape, f"{name}_each")
    return site.add_node("Add", [column, each], shape, batched=False, name=f"{name}_places")


@lower.rule(Fold)
def fold(op: Fold, site: Site) -> Results:
    """``Col2Im``; if padding depends on sizes, of the padded image, which is then cropped."""
    site.require_opset(COL2IM_SINCE)
    x, pads = site.x, op.pads()
    block = site.integers("window", list(op.kernel))
    strides, dilations = list(op.stride), list(op.dilation)
    if not any(is_named(n) for pair in pads for n in pair):
        size = site.integers("size", list(op.size))
        return site.result("Col2Im", x, size, block, pads=flat_pads(pads), strides=strides, dilations=dilations)
    padded = [n + before + after for n, (before, after) in zip(op.size, pads, strict=True)]
    shape = (site.node.outputs[0].shape[0], *padded)
    whole = site.add(
        "Col2Im", x, site.integers("size", padded), block, name="padded", item_shape=shape, strides=strides,
        dilations=dilations,
    )  # fmt: skip
    ranges = {a: (before, before + n, 1) for a, (n, (before, _)) in enumerate(zip(op.size, pads, strict=True), 1)}
    return site.result("Slice", whole, *slice_operands(site, whole, ranges))
