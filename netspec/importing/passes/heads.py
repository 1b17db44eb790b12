"""Heads that are split by views: identifies the features that they consist of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ...shapes.sizes import is_named
from ..draft import Draft, Shape
from ..rewriting import Rewriting
from ..views import ViewStep, default_sizes, moved, numbers_at_default, root


class Part(NamedTuple):
    """The origin of a query, key or value with heads: one of several equal parts of a tensor's features."""

    value: int
    features: int
    """Total number of features of the tensor."""
    offset: int
    """Start of the part, as a number of parts."""
    width: int
    """Number of features of the part, over all heads."""
    heads: int


def part_of(rewriting: Rewriting, value: int) -> Part | None:
    """Returns the features of which a (…, heads, positions, features of a head) tensor is a view, or None.

    All features of a tensor (such as an output of ``split``) are preferred, then those of the first tensor on the way.
    """
    shape = rewriting.shape(value)
    *front, heads, count, width = default_sizes(shape)
    base, steps = root(rewriting, value)
    first: Part | None = None
    for cut in range(len(steps)):
        at = base if cut == 0 else steps[cut - 1].value
        full = rewriting.shape(at)
        array = numbers_at_default(full)
        if array is None:
            continue
        features, left = divmod(array.size, math.prod(front) * count)
        got = moved(array, steps[cut:], rewriting.network.shapes)
        offset = int(got.reshape(-1)[0]) % features
        for part_heads in (heads, *(n for n in range(heads - 1, 0, -1) if heads % n == 0)):
            if left or offset + part_heads * width > features or offset % (part_heads * width):
                continue
            want = array.reshape(*front, count, features)[..., offset : offset + part_heads * width]
            want = np.moveaxis(want.reshape(*front, count, part_heads, width), -2, -3)
            if np.array_equal(got, np.repeat(want, heads // part_heads, axis=-3)):
                part = Part(at, features, offset // (part_heads * width), part_heads * width, part_heads)
                if features == part_heads * width and full == (*shape[:-3], shape[-2], features):
                    return part
                first = first or part
                break
    return first


def joined_heads(rewriting: Rewriting, value: int) -> ViewStep | None:
    """Returns the last of the views that convert (…, heads, positions, features) to (…, positions, all features)."""
    shape = rewriting.shape(value)
    *front, heads, count, width = default_sizes(shape)
    array = numbers_at_default(shape)
    if array is None:
        return None
    want = np.moveaxis(array, -3, -2).reshape(*front, count, heads * width).reshape(-1)
    steps: list[ViewStep] = []
    last: ViewStep | None = None
    while (reader := rewriting.only_reader(value, "permute", "reshape", "flatten")) is not None:
        steps.append(ViewStep(reader, 0))
        value = reader.outputs[0]
        if np.array_equal(moved(array, steps, rewriting.network.shapes).reshape(-1), want):
            last = steps[-1]
    return last


def sources_of(
    rewriting: Rewriting, attention: Draft, parts: Sequence[Part], fronts: Sequence[Shape], counts: Sequence[Any]
) -> list[int]:
    """Returns the (…, positions, features) values for some parts, before the attention; several parts of a tensor by
    ``split``.
    """
    shaped: dict[int, int] = {}
    split: dict[tuple[int, int], list[int]] = {}
    out: list[int] = []
    for part, front, count in zip(parts, fronts, counts, strict=True):
        at, want = part.value, (*front, count, part.features)
        if rewriting.shape(at) != want:
            if at not in shaped:
                (shaped[at],) = rewriting.add_before(attention, "reshape", [at], want, {"shape": list(want)}, "tokens")
            at = shaped[at]
        if part.features != part.width:
            at = _piece(rewriting, attention, at, part, want, parts, split)
        out.append(at)
    return out


def _piece(
    rewriting: Rewriting,
    attention: Draft,
    at: int,
    part: Part,
    shape: Shape,
    parts: Sequence[Part],
    split: dict[tuple[int, int], list[int]],
) -> int:
    """Returns some features of a tensor: an output of a ``split`` if its parts are equal, else a ``slice``."""
    axis, count = len(shape) - 1, part.features // part.width
    if part.features % part.width == 0 and all(p.width == part.width for p in parts if p.features == part.features):
        if (at, part.width) not in split:
            shapes: list[Shape] = [(*shape[:-1], part.width)] * count
            arguments = {"parts": count, "axis": axis}
            split[at, part.width] = rewriting.add_before(attention, "split", [at], shapes, arguments)
        return split[at, part.width][part.offset]
    start = part.offset * part.width
    arguments = {"axis": axis, "start": start, "stop": start + part.width}
    return rewriting.add_before(attention, "slice", [at], (*shape[:-1], part.width), arguments)[0]


def merge_equal_splits(rewriting: Rewriting) -> None:
    """Merges equal splits of a tensor."""
    first: dict[tuple[Any, ...], Draft] = {}
    for draft in rewriting.drafts("split"):
        key = (draft.inputs[0], str(draft.arguments), draft.calls)
        same = first.setdefault(key, draft)
        if same is not draft:
            for old, new in zip(draft.outputs, same.outputs, strict=True):
                rewriting.replace(old, new)


def ungroup(rewriting: Rewriting, product: Draft) -> None:
    """Gives each head its own rows in a product of (…, groups, rows of several heads, features).

    The second factor, which the heads of a group share, is repeated for them.
    """
    before = rewriting.maker(product.inputs[0], "reshape")
    after = rewriting.only_reader(product.outputs[0], "reshape")
    if before is None or after is None:
        return
    rows, shape = rewriting.shape(before.inputs[0]), rewriting.shape(after.outputs[0])
    factor = rewriting.shape(product.inputs[1])
    if len(factor) < 3 or not len(rows) == len(shape) == len(factor) or rows[:-1] != shape[:-1]:
        return
    *front, groups, width, columns = factor
    heads, count = rows[-3:-1]
    if any(map(is_named, (groups, heads))) or heads % groups or heads == groups or rows[-1] != width:
        return
    if [*rows[:-3], groups, heads // groups * count] != [*rewriting.shape(product.inputs[0])[:-1]]:
        return
    value = product.inputs[1]
    for operation, sizes in (
        ("reshape", (*front, groups, 1, width, columns)),
        ("expand", (*front, groups, heads // groups, width, columns)),
        ("reshape", (*front, heads, width, columns)),
    ):
        (value,) = rewriting.add_before(product, operation, [value], sizes, {"shape": list(sizes)})
    rewriting.change(product, inputs=[before.inputs[0], value])
    rewriting.network.shapes[product.outputs[0]] = shape
    rewriting.replace(after.outputs[0], product.outputs[0])
