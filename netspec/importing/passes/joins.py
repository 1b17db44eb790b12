"""Rewrites concatenations and sums as in hand-written specs."""

from __future__ import annotations

from typing import Any

from ..draft import Draft, DraftNetwork, numbered_axes
from ..rewriting import Rewriting


def simplify_joins(network: DraftNetwork) -> None:
    """Makes concatenations grow step by step without duplicates, and orders their inputs by recency."""
    with Rewriting(network) as rewriting:
        _join_once(rewriting)
        for draft in rewriting.drafts("split"):
            _split_of_joined(rewriting, draft)
        for draft in rewriting.drafts():
            for local in [*draft.given_weights]:
                _take_own_weight(rewriting, draft, local)
    _move_steps(network)
    with Rewriting(network) as rewriting:
        for draft in rewriting.drafts("add", "multiply", "maximum"):
            _order(rewriting, draft)


def _join_once(rewriting: Rewriting) -> None:
    """Removes duplicate concatenations, and lets one with one more part read the shorter one (DenseNet)."""
    joined: dict[tuple[Any, ...], int] = {}
    for draft in rewriting.drafts("concat"):
        if len(draft.inputs) == 1:
            rewriting.replace(draft.outputs[0], draft.inputs[0])
            continue
        axis, parts = draft.arguments.get("axis"), tuple(draft.inputs)
        if (axis, parts) in joined:
            rewriting.replace(draft.outputs[0], joined[axis, parts])
            continue
        joined[axis, parts] = draft.outputs[0]
        before = joined.get((axis, parts[:-1]))
        if len(parts) > 2 and before is not None:
            rewriting.change(draft, inputs=[before, parts[-1]])


def _split_of_joined(rewriting: Rewriting, split: Draft) -> None:
    """Replaces the split of a concatenation by its parts."""
    concat = rewriting.maker(split.inputs[0], "concat")
    if concat is None or len(concat.inputs) != len(split.outputs):
        return
    rank = len(rewriting.shape(split.inputs[0]))
    if numbered_axes(split, rank) != numbered_axes(concat, rank) or numbered_axes(split, rank) is None:
        return
    pairs = list(zip(split.outputs, concat.inputs, strict=True))
    if all(rewriting.shape(part) == rewriting.shape(joined) for part, joined in pairs):
        for part, joined in pairs:
            rewriting.replace(part, joined)


def _take_own_weight(rewriting: Rewriting, draft: Draft, local: str) -> None:
    """Gives a layer the tensor with the name of its weight, if nothing else reads it."""
    value = draft.given_weights[local]
    maker = rewriting.maker(value, "parameter")
    if maker is None or rewriting.only_reader(value) is not draft or maker.frozen != draft.frozen:
        return
    prefixes = {full.removesuffix(f".{name}") for name, full in draft.weights.items() if full.endswith(f".{name}")}
    if maker.weights.get("") in {f"{prefix}.{local}" for prefix in prefixes} and set(maker.arguments) == {"shape"}:
        rewriting.take_weight(draft, local)


def _move_steps(network: DraftNetwork) -> None:
    """Moves a step of a growing concatenation into the module that computes its new part."""
    producers, readers = network.producers(), network.readers()
    position = {id(draft): float(number) for number, draft in enumerate(network.drafts)}
    moves: dict[int, list[Draft]] = {}
    moved: set[int] = set()
    for draft in network.drafts:
        if draft.operation != "concat" or len(draft.inputs) != 2:
            continue
        new, whole = producers.get(draft.inputs[1]), producers.get(draft.inputs[0])
        if new is None or readers[draft.inputs[1]] != [draft] or draft.inputs[1] in network.outputs.values():
            continue
        if whole is not None and position[id(whole)] > position[id(new)]:
            continue
        depth = _common_depth(draft, new)
        home = new.calls[: depth + 1]
        others = [r for r in readers.get(draft.inputs[0], []) if r is not draft]
        if len(new.calls) > depth and any(r.calls[: depth + 1] == home for r in others):
            draft.calls = home
            moved.add(id(draft))
            position[id(draft)] = position[id(new)] + 0.5
            moves.setdefault(id(new), []).append(draft)
    drafts: list[Draft] = []
    for draft in network.drafts:
        if id(draft) not in moved:
            drafts += [draft, *moves.get(id(draft), [])]
    network.drafts = drafts


def _common_depth(a: Draft, b: Draft) -> int:
    depth = 0
    while depth < min(len(a.calls), len(b.calls)) and a.calls[depth].key == b.calls[depth].key:
        depth += 1
    return depth


def _order(rewriting: Rewriting, draft: Draft) -> None:
    """Orders two inputs by recency, as ``{add: x}`` implies; stored tensors come second."""
    if len(draft.inputs) != 2:
        return
    first, second = draft.inputs
    makers = [rewriting.maker(v) for v in (first, second)]
    stored = [m is not None and m.operation in ("parameter", "buffer") for m in makers]
    orders = [rewriting.order[id(m)] if m is not None else -1 for m in makers]
    shapes = [len(rewriting.shape(v)) for v in (first, second)]
    swap = stored[0] if stored[0] != stored[1] else orders[1] > orders[0] and shapes[1] >= shapes[0]
    if swap:
        rewriting.change(draft, inputs=[second, first])
