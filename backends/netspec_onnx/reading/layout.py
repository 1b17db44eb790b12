"""Cancels transpositions that only change the layout of images, if the operations between them permit it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from netspec.importing import Draft
from netspec.importing.draft import ALONG_AN_AXIS
from netspec.ops import find
from netspec.ops.argument import as_list

from .emit import Emitter

ROUNDS = 16
"""Maximum number of passes; one pass moves a permutation past all following operations."""
REGION = 256
"""Maximum number of operations after a permutation that are searched for its inverse."""

BETWEEN = tuple(operation for operation in ALONG_AN_AXIS if operation != "concat")
"""Operations along one axis that can be between permutations.

Those that combine axes are excluded, because people write permutations around them.
"""


def cancel_permutations(e: Emitter) -> None:
    """Moves permutations towards the outputs, past operations that permit it, until they meet their inverse.

    tf2onnx writes one before and after every convolution. A ``permute`` moves behind an operation if all inputs of the
    operation have the same permutation, are scalars, or have a single axis.
    """
    rounds = 0
    while rounds < ROUNDS and _Round(e).run():
        rounds += 1


class _Round:
    """One pass over the drafts of a network, in order."""

    def __init__(self, e: Emitter) -> None:
        self.e = e
        self.network = e.network
        self.producers = self.network.producers()
        self.readers: dict[int, dict[int, Draft]] = {}
        """The drafts that read each value, by identity."""
        for draft in self.network.drafts:
            for value in draft.reads:
                self.readers.setdefault(value, {})[id(draft)] = draft
        self.output_values = set(self.network.outputs.values())

    def run(self) -> bool:
        """Runs the pass; returns whether anything has changed."""
        drafts: list[Draft] = []
        changed = False
        for draft in self.network.drafts:
            drafts.append(draft)
            if draft.operation == "permute":
                changed |= self._combine(draft)
                continue
            order = self._common_order(draft)
            if order is not None:
                drafts.append(self._pass(draft, order))
                changed = True
        self.network.drafts = drafts
        if changed:
            self.network.remove_unread()
        return changed

    # -- a permutation after another ---------------------------------------------------------------------------------
    def _combine(self, draft: Draft) -> bool:
        before = self.producers.get(draft.inputs[0])
        if before is None or before.operation != "permute":
            return False
        order: list[int] = [before.arguments["order"][o] for o in draft.arguments["order"]]
        old, new = draft.outputs[0], before.inputs[0]
        self._stop_reading(before.outputs[0], draft)
        draft.inputs, draft.arguments["order"] = [new], order
        if order != sorted(order):
            self.readers.setdefault(new, {})[id(draft)] = draft
            return True
        for reader in self.readers.pop(old, {}).values():
            reader.replace_value(old, new)
            self.readers.setdefault(new, {})[id(reader)] = reader
        if old in self.output_values:
            self.network.outputs = {name: new if v == old else v for name, v in self.network.outputs.items()}
            self.output_values.add(new)
        return True

    def _stop_reading(self, value: int, draft: Draft) -> None:
        """Removes a draft from the readers of a value. A permutation without readers is removed."""
        while True:
            readers = self.readers.get(value, {})
            readers.pop(id(draft), None)
            producer = self.producers.get(value)
            if readers or value in self.output_values or producer is None or producer.operation != "permute":
                return
            draft, value = producer, producer.inputs[0]

    # -- a permutation before an operation ---------------------------------------------------------------------------
    def _common_order(self, draft: Draft) -> list[int] | None:
        """Returns the permutation of an operation's inputs, if moving it may let a later one cancel it."""
        if not draft.inputs or draft.given_weights or len(draft.outputs) != 1 or not _is_passable(draft):
            return None
        orders: list[list[int]] = []
        for value in draft.inputs:
            source = self.producers.get(value)
            if source is not None and source.operation == "permute":
                orders.append(source.arguments["order"])
            elif len(self.network.shapes[value]) > 0:
                return None
        if not orders or any(order != orders[0] for order in orders):
            return None
        if any(len(self.readers[v]) != 1 or v in self.output_values for v in draft.inputs if v in self.producers):
            return None
        if draft.operation in BETWEEN and any(r.operation != "permute" for r in self._readers_of(draft)):
            return None
        return orders[0] if self._leads_to_inverse(draft.outputs[0], orders[0]) else None

    def _readers_of(self, draft: Draft) -> Iterable[Draft]:
        return self.readers.get(draft.outputs[0], {}).values()

    def _leads_to_inverse(self, value: int, order: list[int]) -> bool:
        """Whether every path from a value eventually undoes the permutation."""
        seen, rest, shapes = {value}, [value], self.network.shapes
        while rest:
            following = self.readers.get(rest.pop())
            if not following or len(seen) > REGION:
                return False
            for reader in following.values():
                if reader.operation == "permute":
                    if [order[o] for o in reader.arguments["order"]] != sorted(order):
                        return False
                elif (
                    reader.operation in BETWEEN
                    or not _is_passable(reader)
                    or any(len(shapes[v]) not in (0, len(order)) for v in reader.inputs)
                ):
                    return False
                elif reader.outputs[0] not in seen:
                    seen.add(reader.outputs[0])
                    rest.append(reader.outputs[0])
        return True

    def _pass(self, draft: Draft, order: list[int]) -> Draft:
        """Removes the permutations before an operation; returns the permutation of its result."""
        network, inputs = self.network, list[int]()
        for value in draft.inputs:
            source = self.producers.get(value)
            if source is None or source.operation != "permute":
                inputs.append(value)
                continue
            self._stop_reading(value, draft)
            inputs.append(source.inputs[0])
            self.readers.setdefault(source.inputs[0], {})[id(draft)] = draft
        draft.inputs = inputs
        if draft.operation in ALONG_AN_AXIS:
            axes: list[int] = as_list(draft.arguments["axis"])
            moved = order[axes[0] % len(order)]
            draft.arguments["axis"] = [moved] if isinstance(draft.arguments["axis"], list) else moved
        old = draft.outputs[0]
        shape = network.shapes[old]
        before = [shape[order.index(k)] for k in range(len(order))]
        new = network.value(before)
        self.e.types.append(self.e.types[old].with_shape(tuple(before)))
        draft.outputs = [new]
        permutation = Draft("permute", [new], {"order": list(order)}, [old], draft.calls)
        self.producers |= {new: draft, old: permutation}
        self.readers[new] = {id(permutation): permutation}
        return permutation


def _is_passable(draft: Draft) -> bool:
    """Whether an operation commutes with a permutation of axes."""
    if draft.operation in ALONG_AN_AXIS:
        axes = as_list(draft.arguments.get("axis"))
        return len(axes) == 1 and type(axes[0]) is int
    arguments: dict[str, Any] = draft.arguments
    return (
        find(draft.operation).elementwise
        and draft.operation != "prelu"
        and len(draft.reads) == len(draft.inputs)
        and "for" not in arguments
        and not any(isinstance(v, list) for v in arguments.values())
    )
