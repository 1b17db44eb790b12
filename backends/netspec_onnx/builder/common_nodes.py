"""Helper nodes that many rules need. Axes and shapes exclude the batch axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from netspec.shapes.sizes import ceil_div, is_named, is_same

from .site import Site
from .value_info import BATCH, Attribute, Dim, GraphValue

Operands: TypeAlias = tuple[GraphValue | None, ...]
Attributes: TypeAlias = dict[str, Attribute]


def add_reshape(site: Site, x: GraphValue, item_shape: Sequence[int], name: str = "reshape") -> GraphValue:
    """Reshapes the elements; the batch axis is preserved."""
    target = reshape_target(site, x, item_shape, f"{name}_to")
    return site.add("Reshape", x, target, name=name, item_shape=item_shape)


def reshape_target(site: Site, x: GraphValue, item_shape: Sequence[int], name: str = "shape") -> GraphValue:
    """Returns the shape operand of a ``Reshape``; a 0 copies the batch axis.

    Sizes that depend on named dimensions are copied if the axis is preserved. Otherwise, one of them is inferred (-1),
    and the others are computed.
    """
    sizes = [0, *item_shape] if x.batched else list(item_shape)
    if any(map(is_named, sizes)):
        for a, n in enumerate(sizes[: len(x.shape)]):
            if is_named(n) and n == x.shape[a]:
                sizes[a] = 0
        left = [a for a, n in enumerate(sizes) if is_named(n)]
        if left:
            sizes[max(left, key=lambda a: len(str(sizes[a])))] = -1
    return site.integers(name, sizes)


def add_transpose(site: Site, x: GraphValue, order: Sequence[int], name: str = "transpose") -> GraphValue:
    """Permutes the axes; the batch axis stays first."""
    return site.add("Transpose", x, name=name, item_shape=[x.item_shape[a] for a in order], perm=perm(x, order))


def perm(x: GraphValue, order: Sequence[int]) -> list[int]:
    """The ``perm`` of a ``Transpose`` that keeps the batch axis first."""
    return [0, *(a + 1 for a in order)] if x.batched else list(order)


def align_rank(site: Site, x: GraphValue, rank: int) -> GraphValue:
    """Inserts axes of 1 after the batch axis, so that the value broadcasts against values of that rank."""
    if not x.batched or x.rank >= rank:
        return x
    missing = rank - x.rank
    axes = site.integers("axes", list(range(1, missing + 1)))
    return site.add("Unsqueeze", x, axes, name="align", item_shape=(*(1,) * missing, *x.item_shape))


def append_axes(site: Site, x: GraphValue, count: int, name: str) -> GraphValue:
    """Appends axes of 1, so that the value broadcasts along axes that ``count`` others follow."""
    if not count:
        return x
    axes = site.integers(f"{name}_axes", list(range(len(x.shape), len(x.shape) + count)))
    return site.add("Unsqueeze", x, axes, name=name, item_shape=(*x.item_shape, *(1,) * count))


def add_reduction(site: Site, kind: str, x: GraphValue, axes: Sequence[int], keepdims: bool, name: str) -> GraphValue:
    """``ReduceSum``, ``ReduceMean``, ``ReduceMax`` or ``ReduceL2`` over some axes."""
    shape = [1 if a in axes else n for a, n in enumerate(x.item_shape) if keepdims or a not in axes]
    operands, attributes = reduction_operands(site, kind, x, axes)
    return site.add(kind, *operands, name=name, item_shape=shape, keepdims=int(keepdims), extra=attributes)


def reduction_operands(
    site: Site, kind: str, x: GraphValue, axes: Sequence[int]
) -> tuple[tuple[GraphValue, ...], Attributes]:
    """Operands and attributes of a reduction: the axes are an input since opset 13 (sums) or 18 (the others)."""
    numbers = [x.axis(a) for a in axes]
    if site.opset >= (13 if kind == "ReduceSum" else 18):
        return (x, site.integers("axes", numbers)), {}
    return (x,), {"axes": numbers}


def repeat_over_batch(site: Site, value: GraphValue, like: GraphValue | None = None) -> GraphValue:
    """The value, repeated for every example if its batch axis is 1 or absent and that of ``like`` is ``N``."""
    value = site.with_batch_axis(value)
    if like is None or like.shape[0] != BATCH or value.shape[0] == BATCH:
        return value
    size = site.batch_size(like)
    target = size
    if value.rank:
        ones = site.integers("ones", [1] * value.rank)
        target = site.add_node("Concat", [size, ones], (1 + value.rank,), batched=False, name="expand_to", axis=0)
    return site.add_node("Expand", [value, target], (like.shape[0], *value.item_shape), batched=True, name="expand")


def add_expand(site: Site, x: GraphValue, item_shape: Sequence[int], name: str) -> GraphValue:
    """Broadcasts a value to a shape."""
    if all(map(is_same, x.item_shape, item_shape)):
        return x
    target = site.integers(f"{name}_to", [*(1,) * x.batched, *item_shape])
    return site.add("Expand", x, target, name=name, item_shape=item_shape)


def add_range(site: Site, count: int, name: str, start: int = 0) -> GraphValue:
    """Adds a range of ``count`` integers from ``start``; the model computes it, so that its file stays small."""
    ends = (("from", start), ("to", start + count), ("step", 1))
    bounds = [site.integers(f"{name}_{what}", number) for what, number in ends]
    return site.add_node("Range", bounds, (count,), batched=False, name=name)


def add_column(site: Site, x: GraphValue, name: str) -> GraphValue:
    """Converts a vector (n) to a column (n, 1)."""
    axes = site.integers(f"{name}_axes", [1])
    return site.add_node("Unsqueeze", [x, axes], (*x.shape, 1), batched=False, name=name)


def add_slice(site: Site, x: GraphValue, axis: int, start: int, stop: int, name: str, step: int = 1) -> GraphValue:
    """Selects elements from ``start`` to before ``stop`` along one axis."""
    size = ceil_div(stop - start, step)
    shape = [size if a == axis else n for a, n in enumerate(x.item_shape)]
    bounds = slice_operands(site, x, {axis: (start, stop, step)}, name)
    return site.add("Slice", x, *bounds, name=name, item_shape=shape)


def slice_operands(
    site: Site, x: GraphValue, ranges: Mapping[int, tuple[int, int, int]], name: str = "slice"
) -> tuple[GraphValue, ...]:
    """Returns the operands of a ``Slice`` after the first (starts, ends, axes, steps); ``ranges`` are by axis.

    A position that depends on named dimensions, but has a constant distance from the end, is counted from the end.
    """
    bounds = list(ranges.values())
    starts, ends = ([_from_end(b[which], x.shape[x.axis(a)]) for a, b in ranges.items()] for which in (0, 1))
    return (
        site.integers(f"{name}_starts", starts),
        site.integers(f"{name}_ends", ends),
        site.integers(f"{name}_axes", [x.axis(a) for a in ranges]),
        site.integers(f"{name}_steps", [b[2] for b in bounds]),
    )


def _from_end(position: int, size: Dim) -> int:
    """Returns a position on an axis as an operand of ``Slice``."""
    if not is_named(position) or isinstance(size, str):
        return position
    distance = position - size
    return position if is_named(distance) or distance > 0 else distance or END


def add_pad(
    site: Site,
    x: GraphValue,
    pads: Mapping[int, tuple[int, int]],
    name: str = "pad",
    mode: str = "constant",
    fill: float | None = None,
) -> GraphValue:
    """Pads before and after some axes; ``fill`` is the constant (default 0)."""
    shape = list(x.item_shape)
    for a, (before, after) in pads.items():
        shape[a] += before + after
    operands, attributes = pad_operands(site, x, pads, mode, fill, name)
    return site.add("Pad", *operands, name=name, item_shape=shape, extra=attributes)


def pad_operands(
    site: Site, x: GraphValue, pads: Mapping[int, tuple[int, int]], mode: str, fill: float | None, name: str = "pad"
) -> tuple[Operands, Attributes]:
    """Operands and attributes of a ``Pad``."""
    count = len(x.shape)
    amounts = [0] * (2 * count)
    for a, (before, after) in pads.items():
        amounts[x.axis(a)], amounts[x.axis(a) + count] = before, after
    constant = None if fill is None else site.constant(f"{name}_value", fill, x)
    return (x, site.integers(f"{name}s", amounts), constant), {"mode": mode}


END = 2**62
"""The end of an axis of any size, in a ``Slice``."""

PAD_MODES = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}
"""ONNX's name of each padding mode other than zeros."""

WRAP_SINCE = 19
"""The first operator set whose ``Pad`` supports ``wrap``."""


def add_edge_pad(site: Site, x: GraphValue, pads: Mapping[int, tuple[int, int]], mode: str) -> GraphValue:
    """Pads by reflection, by repeating the edge, or from the opposite side."""
    if mode != "circular" or site.opset >= WRAP_SINCE:
        return add_pad(site, x, pads, mode=PAD_MODES[mode])
    for axis, (before, after) in pads.items():
        parts, shape = wrapped_parts(site, x, axis, before, after)
        x = site.add("Concat", *parts, name="pad", item_shape=shape, axis=x.axis(axis))
    return x


def wrapped_parts(
    site: Site, x: GraphValue, axis: int, before: int, after: int
) -> tuple[list[GraphValue], tuple[int, ...]]:
    """The parts to concatenate for circular padding along one axis, and the resulting shape."""
    n = x.item_shape[axis]
    parts = [x]
    if not is_same(before, 0):
        parts.insert(0, add_slice(site, x, axis, n - before, n, "wrap_before"))
    if not is_same(after, 0):
        parts.append(add_slice(site, x, axis, 0, after, "wrap_after"))
    return parts, tuple(n + before + after if a == axis else m for a, m in enumerate(x.item_shape))
