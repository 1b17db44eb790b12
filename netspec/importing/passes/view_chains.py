"""Simplifies consecutive views: removes those without effect, and merges the rest."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...shapes.sizes import is_same, product
from ..draft import Draft, DraftNetwork, Shape, numbered_axes
from ..rewriting import Rewriting
from ..views import ViewStep, moved, numbers

RESHAPES = ("flatten", "reshape", "squeeze", "unsqueeze")


def simplify_shapes(network: DraftNetwork) -> None:
    """Merges consecutive views, removes those without effect, and recognises shuffles and flattened axes."""
    with Rewriting(network) as rewriting:
        for draft in rewriting.drafts():
            if draft.operation == "identity" or (draft.operation == "dropout" and draft.arguments.get("rate") == 0):
                rewriting.replace(draft.outputs[0], draft.inputs[0])
        for draft in rewriting.drafts("permute"):
            _join_permutes(rewriting, draft)
        for draft in rewriting.drafts(*RESHAPES):
            _join_reshapes(rewriting, draft)
        for draft in rewriting.drafts("slice"):
            _join_slices(rewriting, draft)
    with Rewriting(network) as rewriting:
        for draft in rewriting.drafts("reshape"):
            _shuffle(rewriting, draft)
        for draft in rewriting.drafts("reshape"):
            flatten_neighbours(rewriting, draft)


def _same_shape(a: Shape, b: Shape) -> bool:
    return len(a) == len(b) and all(map(is_same, a, b))


def _join_permutes(rewriting: Rewriting, draft: Draft) -> None:
    before = rewriting.maker(draft.inputs[0], "permute")
    order = list(draft.arguments["order"])
    if before is not None:
        order = [before.arguments["order"][axis] for axis in order]
        rewriting.change(draft, inputs=before.inputs, arguments={"order": order})
    if order == sorted(order):
        rewriting.replace(draft.outputs[0], draft.inputs[0])


def _join_reshapes(rewriting: Rewriting, draft: Draft) -> None:
    target = rewriting.shape(draft.outputs[0])
    before = rewriting.maker(draft.inputs[0], *RESHAPES)
    if before is not None and rewriting.only_reader(draft.inputs[0]) is draft:
        rewriting.change(draft, "reshape", before.inputs, {"shape": list(target)})
    if _same_shape(rewriting.shape(draft.inputs[0]), target) and not draft.arguments.get("axes"):
        rewriting.replace(draft.outputs[0], draft.inputs[0])


def _join_slices(rewriting: Rewriting, draft: Draft) -> None:
    """Merges slices along different axes."""
    before = rewriting.maker(draft.inputs[0], "slice")
    rank = len(rewriting.shape(draft.outputs[0]))
    if before is None or rewriting.only_reader(draft.inputs[0]) is not draft:
        return
    first, second = numbered_axes(before, rank), numbered_axes(draft, rank)
    if first is None or second is None or not set(first).isdisjoint(second):
        return
    shape = rewriting.shape(before.inputs[0])
    axes = [*first, *second]
    defaults = {"start": [0] * len(axes), "stop": [shape[a] for a in axes], "step": [1] * len(axes)}
    arguments: dict[str, Any] = {"axis": axes}
    for key, default in defaults.items():
        values = [*_of_axes(before, key, len(first)), *_of_axes(draft, key, len(second))]
        full = [d if value is None else value for value, d in zip(values, default, strict=True)]
        if full != default:
            arguments[key] = full
    rewriting.change(draft, inputs=before.inputs, arguments=arguments)


def _of_axes(draft: Draft, key: str, count: int) -> list[Any]:
    value = draft.arguments.get(key)
    return list(value) if isinstance(value, list) else [value] * count  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - of a draft


# -- what views do together --------------------------------------------------------------------------------------------
def _shuffled_groups(source: Shape, split: Shape, target: Shape, order: list[int]) -> int | None:
    """Returns the groups of the ``channel_shuffle`` equivalent to a reshape, a permutation and a reshape, or None."""
    if len(split) != len(source) + 1 or order != [1, 0, *range(2, len(split))] or len(target) != len(source):
        return None
    groups, each = split[:2]
    if type(groups) is not int or type(each) is not int or groups * each != source[0] or 1 in (groups, each):
        return None
    same = all(map(is_same, source, target)) and all(map(is_same, source[1:], split[2:]))
    return groups if same else None


def _shuffle(rewriting: Rewriting, draft: Draft) -> None:
    """Replaces reshape, permute, reshape by ``channel_shuffle``, ``pixel_shuffle`` or ``pixel_unshuffle``."""
    permute = rewriting.maker(draft.inputs[0], "permute")
    first = rewriting.maker(permute.inputs[0], "reshape") if permute is not None else None
    if permute is None or first is None or any(rewriting.only_reader(d.outputs[0]) is None for d in (permute, first)):
        return
    source = rewriting.shape(first.inputs[0])
    target = rewriting.shape(draft.outputs[0])
    groups = _shuffled_groups(source, rewriting.shape(permute.inputs[0]), target, permute.arguments["order"])
    if groups is not None and rewriting.network.layout == "channels_first":
        rewriting.change(draft, "channel_shuffle", first.inputs, {"groups": groups, "axis": 0})
        return
    array = numbers(source)
    if array is None or len(source) != 3 or len(target) != 3 or rewriting.network.layout != "channels_first":
        return
    steps = [ViewStep(first, 0), ViewStep(permute, 0), ViewStep(draft, 0)]
    actual = moved(array, steps, rewriting.network.shapes)
    channels, height, width = source
    factor = target[1] // height if height and target[1] % height == 0 else 0
    if factor > 1 and target == (channels // factor**2, height * factor, width * factor):
        pixels = array.reshape(-1, factor, factor, height, width).transpose(0, 3, 1, 4, 2).reshape(target)
        if np.array_equal(actual, pixels):
            rewriting.change(draft, "pixel_shuffle", first.inputs, {"factor": factor})
        return
    factor = height // target[1] if target[1] and height % target[1] == 0 else 0
    if factor > 1 and target == (channels * factor**2, height // factor, width // factor):
        pixels = array.reshape(channels, target[1], factor, target[2], factor).transpose(0, 2, 4, 1, 3).reshape(target)
        if np.array_equal(actual, pixels):
            rewriting.change(draft, "pixel_unshuffle", first.inputs, {"factor": factor})


def flatten_neighbours(rewriting: Rewriting, draft: Draft) -> None:
    """Replaces a reshape that merges adjacent axes by ``flatten``."""
    source, target = rewriting.shape(draft.inputs[0]), rewriting.shape(draft.outputs[0])
    joined = len(source) - len(target)
    if joined < 1 or draft.arguments.get("axes"):
        return
    for start in range(len(target)):
        end = start + joined
        if _same_shape((*source[:start], product(source[start : end + 1]), *source[end + 1 :]), target):
            arguments = {"start": start} if start else {}
            rewriting.change(
                draft, "flatten", arguments=arguments if end == len(source) - 1 else {"start": start, "end": end}
            )
            return
