"""Replaces a reshape, a permutation and a reshape by ``rearrange``: windows, heads and so on."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

from ...shapes.sizes import is_named
from ..draft import Draft, DraftNetwork, Shape
from ..rewriting import Rewriting
from .view_chains import flatten_neighbours

PARTS = 8
"""Maximum number of axes between the two reshapes."""
RESHAPES = ("flatten", "reshape", "unsqueeze", "squeeze")
LETTERS = "abdefgijklmnorstuvz"
"""Names for axes without a better one."""


def simplify_patterns(network: DraftNetwork) -> None:
    """Combines splitting, permuting and merging axes into one pattern."""
    with Rewriting(network) as rewriting:
        for permute in rewriting.drafts("permute"):
            after = rewriting.only_reader(permute.outputs[0], *RESHAPES)
            _rearrange(rewriting, permute, after if after is not None and not after.arguments.get("axes") else None)


def _rearrange(rewriting: Rewriting, permute: Draft, after: Draft | None) -> None:
    """Replaces a permutation and adjacent reshapes by ``rearrange``, if there are any."""
    before = rewriting.maker(permute.inputs[0], *RESHAPES)
    if before is not None and (rewriting.only_reader(before.outputs[0]) is None or before.arguments.get("axes")):
        before = None
    if before is None and after is None:
        return
    last = after if after is not None else permute
    start = before.inputs if before is not None else permute.inputs
    source, target = rewriting.shape(start[0]), rewriting.shape(last.outputs[0])
    middle = rewriting.shape(permute.inputs[0])
    order: list[int] = list(permute.arguments["order"])
    if any(is_named(n) for n in (*source, *middle, *target)) or len(middle) > PARTS:
        return
    middle, order = _refined(source, middle, order, target)
    if _keeps_order(middle, order):
        rewriting.change(last, "reshape", start, {"shape": list(target)})
        flatten_neighbours(rewriting, last)
        return
    divided = _groups(source, middle, range(len(middle)))
    joined = _groups(target, [middle[axis] for axis in order], order)
    if divided is None or joined is None or _has_ones(divided, middle) or _has_ones(joined, middle):
        return
    pattern, sizes = _pattern(divided, joined, source, target, middle, order)
    rewriting.change(last, "rearrange", start, {"pattern": pattern, **sizes})
    is_windows = len(source) == 3 and _is_split(divided)
    last.stem = last.stem or ("windows" if is_windows else "")


def _has_ones(groups: Sequence[tuple[int, ...]], sizes: Shape) -> bool:
    """Whether an axis of size 1 is part of a longer one, in which case a pattern would be less clear."""
    return any(sizes[axis] == 1 for group in groups if len(group) > 1 for axis in group)


def _refined(source: Shape, middle: Shape, order: list[int], target: Shape) -> tuple[Shape, list[int]]:
    """Returns the permuted axes, split wherever the input or output splits them, and their permutation."""
    factors = _common_factors(source, middle)
    if factors is not None:
        middle, order = _divided(factors, order)
    factors = _common_factors(target, [middle[axis] for axis in order])
    if factors is not None:
        middle, order = _divided([factors[order.index(axis)] for axis in range(len(order))], order)
    return middle, order


def _common_factors(shape: Sequence[int], other: Sequence[int]) -> list[list[int]] | None:
    """Splits each size of another shape at the boundaries of a shape's axes; None if they do not match."""
    ends = _products(other)
    every = [1, *sorted({*_products(shape), *ends})]
    if 1 in (*shape, *other) or any(big % small for small, big in itertools.pairwise(every)):
        return None
    out: list[list[int]] = [[]]
    for small, big in itertools.pairwise(every):
        out[-1].append(big // small)
        if big in ends:
            out.append([])
    return out[:-1]


def _products(sizes: Sequence[int]) -> list[int]:
    """Returns the cumulative products of sizes."""
    return [math.prod(sizes[:count]) for count in range(1, len(sizes) + 1)]


def _divided(factors: Sequence[Sequence[int]], order: Sequence[int]) -> tuple[Shape, list[int]]:
    """Returns axes split into factors, and their permutation."""
    starts = [0, *itertools.accumulate(map(len, factors))]
    return tuple(itertools.chain(*factors)), [n for axis in order for n in range(starts[axis], starts[axis + 1])]


def _keeps_order(shape: Shape, order: Sequence[int]) -> bool:
    """Whether a permutation only moves axes of size 1."""
    moved = [axis for axis in order if shape[axis] != 1]
    return moved == sorted(moved)


def _groups(sizes: Sequence[int], factors: Sequence[int], axes: Sequence[int]) -> list[tuple[int, ...]] | None:
    """Groups axes such that their products are the given sizes, as evenly as possible; None if that is impossible."""
    candidates = list(_divisions(list(sizes), list(factors), list(axes)))
    return min(candidates, key=lambda groups: sorted(map(len, groups), reverse=True), default=None)


def _divisions(sizes: list[int], factors: list[int], axes: list[int]) -> Iterator[list[tuple[int, ...]]]:
    if not sizes:
        if not factors:
            yield []
        return
    product = 1
    for count, factor in enumerate(factors, 1):
        product *= factor
        if product > sizes[0]:
            return
        if product == sizes[0]:
            for rest in itertools.islice(_divisions(sizes[1:], factors[count:], axes[count:]), PARTS):
                yield [tuple(axes[:count]), *rest]


def _is_split(groups: Sequence[tuple[int, ...]]) -> bool:
    return sum(len(group) > 1 for group in groups) > 1


def _pattern(
    divided: Sequence[tuple[int, ...]],
    joined: Sequence[tuple[int, ...]],
    source: Shape,
    target: Shape,
    middle: Shape,
    order: Sequence[int],
) -> tuple[str, dict[str, Any]]:
    """Returns the pattern, and the sizes that cannot be inferred from the input."""
    is_target_image = _is_split(joined) and _squares(joined, target) > _squares(divided, source)
    groups = joined if is_target_image or all(len(group) == 1 for group in divided) else divided
    names = _names(groups, order)
    sides = [" ".join(_side([names[a] for a in group]) for group in groups) for groups in (divided, joined)]
    sizes: dict[str, Any] = {}
    for group in divided:
        for axis in group[:-1] if is_target_image else group[1:]:
            sizes[names[axis]] = middle[axis]
    return f"{sides[0]} -> {sides[1]}", sizes


def _squares(groups: Sequence[tuple[int, ...]], sizes: Sequence[int]) -> int:
    """Counts axes with parts that have the same size as another such axis: height and width."""
    parts = [size for group, size in zip(groups, sizes, strict=True) if len(group) > 1]
    return sum(parts.count(size) > 1 for size in parts)


def _side(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"({' '.join(names)})"


def _names(groups: Sequence[tuple[int, ...]], order: Sequence[int]) -> list[str]:
    """Names axes: ``(y p) (x q) c`` for an image whose height and width have two parts each.

    Two axes that are merged elsewhere are height and width if they stay adjacent, and otherwise heads and their
    features.
    """
    parts = [group for group in groups if len(group) == 2]
    names: dict[int, str] = {}
    if len(parts) == 2:
        for group, pair in zip(parts, ("yp", "xq"), strict=True):
            names |= dict(zip(group, pair, strict=True))
    elif len(parts) == 1:
        ((first, second),) = parts
        adjacent = second == first + 1 and order.index(second) == order.index(first) + 1
        names |= {first: "h", second: "w" if adjacent else "d"}
    whole = [group[0] for group in groups if len(group) == 1]
    if len(whole) == 1:
        names[whole[0]] = "n" if "d" in names.values() else "c"
    rest = iter(letter for letter in LETTERS if letter not in names.values())
    return [names[axis] if axis in names else next(rest) for axis in range(len(order))]
