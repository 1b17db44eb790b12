"""Operations that rearrange, select or repeat elements."""

from __future__ import annotations

from netspec.ops.shape import (
    Expand,
    Flatten,
    Identity,
    Permute,
    Reshape,
    Roll,
    Select,
    Slice,
    Split,
    Squeeze,
    Unsqueeze,
)
from netspec.shapes.sizes import is_named, is_same

from ..builder.common_nodes import END, add_slice, align_rank, perm, reshape_target, slice_operands
from ..builder.site import Site
from ..builder.value_info import Dim, GraphValue
from .rule_table import Results, lower


@lower.rule(Identity)
def identity(op: Identity, site: Site) -> Results:
    """``Identity``."""
    return site.result("Identity", site.inputs[0])


@lower.rule(Flatten)
def flatten(op: Flatten, site: Site) -> Results:
    """``Flatten`` of all axes after the batch, or ``Reshape``."""
    x = site.inputs[0]
    start, end = op.span(site.input_types[0])
    if x.batched and start == 0 and end == x.rank - 1:
        return site.result("Flatten", x, axis=1)
    return reshape_to_output(site, x)


@lower.rule(Reshape)
def reshape(op: Reshape, site: Site) -> Results:
    """``Reshape`` with a copied batch axis."""
    return reshape_to_output(site, site.inputs[0])


@lower.rule(Permute)
def permute(op: Permute, site: Site) -> Results:
    """``Transpose``."""
    x = site.inputs[0]
    return site.result("Transpose", x, perm=perm(x, op.order))


@lower.rule(Squeeze)
def squeeze(op: Squeeze, site: Site) -> Results:
    """``Squeeze``."""
    x = site.inputs[0]
    axes = op.removed(site.input_types[0])
    if not axes:
        return site.result("Identity", x)
    return site.result("Squeeze", x, site.integers("axes", [x.axis(a) for a in axes]))


@lower.rule(Unsqueeze)
def unsqueeze(op: Unsqueeze, site: Site) -> Results:
    """``Unsqueeze``."""
    x = site.inputs[0]
    return site.result("Unsqueeze", x, site.integers("axes", [x.axis(op.axis)]))


@lower.rule(Split)
def split(op: Split, site: Site) -> Results:
    """``Split`` into parts of given sizes."""
    x = site.inputs[0]
    sizes = site.integers("sizes", list(op.sizes(site.input_types[0])))
    return site.results("Split", x, sizes, axis=x.axis(op.axis))


@lower.rule(Slice)
def slice(op: Slice, site: Site) -> Results:
    """``Slice`` of all axes at once."""
    x = site.inputs[0]
    ranges = {
        a: (first, first + (size - 1) * step + 1, step) for a, first, size, step in op.ranges(site.input_types[0])
    }
    return site.result("Slice", x, *slice_operands(site, x, ranges))


@lower.rule(Select)
def select(op: Select, site: Site) -> Results:
    """``Gather`` of one index."""
    x = site.inputs[0]
    position = op.position(site.input_types[0])
    index = site.integers("index", op.index if is_named(position) else position)
    return site.result("Gather", x, index, axis=x.axis(op.axis))


@lower.rule(Roll)
def roll(op: Roll, site: Site) -> Results:
    """Two ``Slice`` nodes and a ``Concat`` for each axis that is shifted."""
    x = site.inputs[0]
    moves: list[tuple[int, int]] = []
    for axis, shift in zip(op.axis, op.shifts(), strict=True):
        n = x.item_shape[axis]
        if is_named(shift) or is_named(n):
            if not is_same(shift, 0):
                moves.append((axis, shift))
        elif shift % n:
            moves.append((axis, shift % n))
    if not moves:
        return site.result("Identity", x)
    for number, (axis, shift) in enumerate(moves, 1):
        parts = _rolled_parts(site, x, axis, shift)
        if number == len(moves):
            return site.result("Concat", *parts, axis=x.axis(axis))
        x = site.add("Concat", *parts, name="rolled", item_shape=x.item_shape, axis=x.axis(axis))
    raise AssertionError


def _rolled_parts(site: Site, x: GraphValue, axis: int, shift: int) -> tuple[GraphValue, GraphValue]:
    """Returns the part of an axis that wraps around to the beginning, and the rest."""
    n = x.item_shape[axis]
    low, high = site.bounds(shift)
    least = site.bounds(n)[0]
    if low >= 0 and high <= least:
        cut = n - shift
    elif high <= 0 and -low <= least:
        cut = -shift
    else:
        return _parts_around(site, x, axis, site.integers("moved", [-shift]), site.integers("length", [n]))
    return add_slice(site, x, axis, cut, n, "behind"), add_slice(site, x, axis, 0, cut, "before")


def _parts_around(
    site: Site, x: GraphValue, axis: int, position: GraphValue, size: GraphValue
) -> tuple[GraphValue, GraphValue]:
    """Returns the parts from and before a position, which may be outside of the axis and is taken modulo the size."""
    cut = site.add("Mod", position, size, name="cut")
    axes = site.integers("cut_axes", [x.axis(axis)])
    end, start = site.integers("cut_end", [END]), site.integers("cut_start", [0])

    def part(name: str, *bounds: GraphValue) -> GraphValue:
        item_shape: list[Dim] = [*x.item_shape]
        item_shape[axis] = f"{site.node.name}/{name}/size{axis}"
        return site.add("Slice", x, *bounds, axes, name=name, item_shape=item_shape)

    return part("behind", cut, end), part("before", start, cut)


@lower.rule(Expand)
def expand(op: Expand, site: Site) -> Results:
    """``Expand``; a 1 preserves the batch size."""
    x = site.inputs[0]
    x = align_rank(site, x, len(op.shape))
    target = [1 if n == -1 else n for n in op.shape]
    return site.result("Expand", x, site.integers("shape", [1, *target] if x.batched else target))


def reshape_to_output(site: Site, x: GraphValue) -> Results:
    """``Reshape`` to the shape of the output."""
    return site.result("Reshape", x, reshape_target(site, x, site.node.outputs[0].shape))
