"""Moves stored tensors and constants to the modules that read them, and removes those without effect."""

from __future__ import annotations

from ...shapes.sizes import is_same
from ..draft import Draft, DraftNetwork, ModuleCall
from ..rewriting import Rewriting

STORED = ("parameter", "buffer")


def simplify_stored(network: DraftNetwork) -> None:
    """Moves stored tensors to the common module of their readers, and removes sums with zeros."""
    with Rewriting(network) as rewriting:
        for draft in rewriting.drafts("add"):
            _drop_zeros(rewriting, draft)
    readers = network.readers()
    for draft in reversed(network.drafts):
        if draft.operation in STORED or (draft.operation == "formula" and not draft.inputs):
            calls = [reader.calls for reader in readers.get(draft.outputs[0], [])]
            if calls:
                draft.calls = common_calls(calls)
    network.drafts = list(_before_first_reader(network))


def common_calls(chains: list[tuple[ModuleCall, ...]]) -> tuple[ModuleCall, ...]:
    """Returns the module calls that contain all of some drafts."""
    first, *rest = chains
    depth = len(first)
    for chain in rest:
        same = 0
        while same < min(depth, len(chain)) and chain[same] == first[same]:
            same += 1
        depth = same
    return first[:depth]


def _before_first_reader(network: DraftNetwork) -> list[Draft]:
    """Returns the drafts with stored tensors moved before their first reader."""
    waiting = {
        draft.outputs[0]: draft
        for draft in network.drafts
        if draft.operation in STORED and draft.outputs[0] not in network.outputs.values()
    }
    order: list[Draft] = []
    for draft in network.drafts:
        if draft.outputs[0] in waiting:
            continue
        order += [stored for value in dict.fromkeys(draft.reads) if (stored := waiting.pop(value, None)) is not None]
        order.append(draft)
    moved = set(map(id, order))
    return [draft for draft in network.drafts if id(draft) not in moved] + order


def _drop_zeros(rewriting: Rewriting, draft: Draft) -> None:
    """Removes the sum of a tensor and zeros; a ``reshape`` remains if the zeros add axes of size 1."""
    if len(draft.inputs) != 2:
        return
    for zeros, other in (draft.inputs, draft.inputs[::-1]):
        maker = rewriting.maker(zeros, "buffer")
        if maker is None or maker.weights or maker.arguments.get("init", "zeros") != "zeros":
            continue
        shape, target = rewriting.shape(other), rewriting.shape(draft.outputs[0])
        front = target[: len(target) - len(shape)]
        if not all(map(is_same, target[len(front) :], shape)) or not all(is_same(n, 1) for n in front):
            continue
        if front:
            rewriting.change(draft, "reshape", [other], {"shape": list(target)})
        else:
            rewriting.replace(draft.outputs[0], other)
        return
