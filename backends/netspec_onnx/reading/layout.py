"""Transpositions that only change the layout of images cancel, where operations between them do not mind the order."""

from __future__ import annotations

from typing import Any

from netspec.importing import Draft
from netspec.ops import find

from .emit import Emitter


def cancel_permutations(e: Emitter) -> None:
    """Move permutations towards the outputs past operations that work on every element, until they meet their inverse.

    tf2onnx writes one before and after every convolution. A ``permute`` whose result an operation reads moves behind
    it, if all inputs of the operation have the same permutation, are constants of one number, or have one axis alone.
    """
    while _moved(e):
        pass


def _moved(e: Emitter) -> bool:
    network = e.network
    producers = network.producers()
    readers = network.readers()
    kept = set(network.outputs.values())
    for draft in list(network.drafts):
        if draft.operation == "permute":
            before = producers.get(draft.inputs[0])
            if before is not None and before.operation == "permute":
                combined: list[int] = [before.arguments["order"][o] for o in draft.arguments["order"]]
                draft.inputs = [before.inputs[0]]
                draft.arguments["order"] = combined
                if combined == sorted(combined):
                    network.replace_value(draft.outputs[0], draft.inputs[0])
                    network.drafts.remove(draft)
                network.remove_unread()
                return True
            continue
        order = _common_order(e, draft, producers, readers, kept)
        if order is not None:
            _pass(e, draft, order, producers)
            network.remove_unread()
            return True
    return False


def _common_order(
    e: Emitter, draft: Draft, producers: dict[int, Draft], readers: dict[int, list[Draft]], kept: set[int]
) -> list[int] | None:
    """The permutation of an operation's inputs, if moving it behind helps: a later ``permute`` may undo it."""
    operation = find(draft.operation)
    if not draft.inputs or draft.given_weights or len(draft.outputs) != 1 or not _commutes(draft):
        return None
    orders: list[list[int]] = []
    for value in draft.inputs:
        source = producers.get(value)
        if source is not None and source.operation == "permute":
            orders.append(source.arguments["order"])
        elif len(e.network.shapes[value]) > 0:
            return None
    if (
        not orders
        or any(order != orders[0] for order in orders)
        or (not operation.elementwise and draft.operation != "concat")
    ):
        return None
    if not all(len(readers.get(v, ())) == 1 and v not in kept for v in draft.inputs if v in producers):
        return None
    if not _leads_to_inverse(e, draft.outputs[0], orders[0], producers, readers, 8):
        return None
    return orders[0]


def _commutes(draft: Draft) -> bool:
    """Whether an operation may be applied before a permutation of the axes as well as after it."""
    if draft.operation == "concat":
        return isinstance(draft.arguments.get("axis"), int)
    arguments: dict[str, Any] = draft.arguments
    return (
        draft.operation != "prelu"
        and "for" not in arguments
        and not any(isinstance(v, list) for v in arguments.values())
    )


def _leads_to_inverse(
    e: Emitter, value: int, order: list[int], producers: dict[int, Draft], readers: dict[int, list[Draft]], depth: int
) -> bool:
    """Whether everything that reads a value undoes the permutation, in the end."""
    following = readers.get(value, [])
    if not following or depth < 0:
        return False
    for reader in following:
        if reader.operation == "permute":
            if [order[o] for o in reader.arguments["order"]] != sorted(order):
                return False
        elif (
            not _commutes(reader)
            or not (find(reader.operation).elementwise or reader.operation == "concat")
            or not _leads_to_inverse(e, reader.outputs[0], order, producers, readers, depth - 1)
        ):
            return False
    return True


def _pass(e: Emitter, draft: Draft, order: list[int], producers: dict[int, Draft]) -> None:
    """Let an operation read what the permutations before it read, and permute its result."""
    network = e.network
    draft.inputs = [
        producers[v].inputs[0] if v in producers and producers[v].operation == "permute" else v for v in draft.inputs
    ]
    if draft.operation == "concat":
        draft.arguments["axis"] = order[draft.arguments["axis"]]
    old = draft.outputs[0]
    shape = network.shapes[old]
    before = [shape[order.index(k)] for k in range(len(order))]
    new = network.value(before)
    e.types.append(e.types[old].with_shape(tuple(before)))
    draft.outputs = [new]
    network.drafts.insert(
        network.drafts.index(draft) + 1, Draft("permute", [new], {"order": list(order)}, [old], draft.calls)
    )
