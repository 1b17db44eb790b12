"""Modifies a network of drafts: keeps producers and readers of values up to date, and removes unused drafts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .draft import Draft, DraftNetwork, Shape


class Rewriting:
    """A network while a pass modifies it. Used as a context manager, which sorts the drafts at the end.

    A new draft precedes the one for which it is created. Every change takes time proportional to the readers of the
    affected values.
    """

    def __init__(self, network: DraftNetwork) -> None:
        network.remove_unread()
        self.network = network
        self._makers: dict[int, Draft] = network.producers()
        self._readers: dict[int, dict[int, tuple[Draft, int]]] = {}
        self._before: dict[int, list[Draft]] = {}
        self._gone: set[int] = set()
        self._output_names: dict[int, list[str]] = {}
        for name, value in network.outputs.items():
            self._output_names.setdefault(value, []).append(name)
        self.order: dict[int, int] = {}
        """The position of each draft, by identity; a new one has that of the draft that it precedes."""
        for number, draft in enumerate(network.drafts):
            self.order[id(draft)] = number
            self._count(draft, 1)

    def __enter__(self) -> Rewriting:
        return self

    def __exit__(self, *_: object) -> None:
        drafts: list[Draft] = []
        for draft in self.network.drafts:
            drafts += self._in_order(draft)
        self.network.drafts = drafts

    def _in_order(self, draft: Draft) -> list[Draft]:
        """Returns a draft and those inserted before it, without removed ones."""
        out: list[Draft] = []
        stack: list[tuple[Draft, bool]] = [(draft, False)]
        while stack:
            top, done = stack.pop()
            if done:
                out += [top] if id(top) not in self._gone else []
            else:
                stack.append((top, True))
                stack += [(new, False) for new in reversed(self._before.get(id(top), []))]
        return out

    # -- reading -----------------------------------------------------------------------------------------------------
    def drafts(self, *operations: str) -> Iterator[Draft]:
        """Yields the original drafts with these operations (all if none is given), skipping removed ones."""
        for draft in self.network.drafts:
            if id(draft) not in self._gone and (not operations or draft.operation in operations):
                yield draft

    def maker(self, value: int, *operations: str) -> Draft | None:
        """Returns the draft that produces a value, if it has one of these operations (any if none is given)."""
        draft = self._makers.get(value)
        return draft if draft is not None and (not operations or draft.operation in operations) else None

    def readers(self, value: int) -> list[Draft]:
        """Returns the drafts that read a value, without duplicates."""
        return [draft for draft, _ in self._readers.get(value, {}).values()]

    def only_reader(self, value: int, *operations: str) -> Draft | None:
        """Returns the only reader of a value, if it reads it once and no output is the value; else None."""
        readers = self._readers.get(value, {})
        if len(readers) != 1 or value in self._output_names:
            return None
        ((draft, times),) = readers.values()
        return draft if times == 1 and (not operations or draft.operation in operations) else None

    def is_output(self, value: int) -> bool:
        """Whether the value is an output of the network."""
        return value in self._output_names

    def shape(self, value: int) -> Shape:
        """The shape of a value."""
        return self.network.shapes[value]

    # -- changing ----------------------------------------------------------------------------------------------------
    def change(
        self,
        draft: Draft,
        operation: str | None = None,
        inputs: Iterable[int] | None = None,
        arguments: Mapping[str, Any] | None = None,
    ) -> None:
        """Modifies a draft; omitted fields are unchanged."""
        before = draft.reads
        self._count(draft, -1)
        draft.operation = operation if operation is not None else draft.operation
        draft.inputs = list(inputs) if inputs is not None else draft.inputs
        draft.arguments = dict(arguments) if arguments is not None else draft.arguments
        self._count(draft, 1)
        for value in before:
            self._release(value)

    def add_before(
        self,
        place: Draft,
        operation: str,
        inputs: Iterable[int],
        shape: Shape | list[Shape],
        arguments: Mapping[str, Any] | None = None,
        stem: str = "",
    ) -> list[int]:
        """Inserts a draft before another one, in the same module; returns its outputs (one for a shape, several for a
        list).
        """
        values = [self.network.value(s) for s in (shape if isinstance(shape, list) else [shape])]
        new = Draft(operation, list(inputs), dict(arguments or {}), values, place.calls, origin=place.origin, stem=stem)
        self._before.setdefault(id(place), []).append(new)
        self.order[id(new)] = self.order[id(place)]
        self._makers |= dict.fromkeys(values, new)
        self._count(new, 1)
        return values

    def replace(self, old: int, new: int) -> None:
        """Replaces a value wherever it is read or returned, and removes its producer if it becomes unused."""
        for draft, _ in list(self._readers.get(old, {}).values()):
            self._count(draft, -1)
            draft.replace_value(old, new)
            self._count(draft, 1)
        for name in self._output_names.pop(old, []):
            self.network.outputs[name] = new
            self._output_names.setdefault(new, []).append(name)
        self._release(old)

    def take_weight(self, draft: Draft, local: str) -> None:
        """Gives a draft a weight that it reads from a ``parameter``, which is removed if it becomes unused."""
        value = draft.given_weights[local]
        self._count(draft, -1)
        draft.weights[local] = self._makers[value].weights[""]
        del draft.given_weights[local]
        self._count(draft, 1)
        self._release(value)

    def give_weight(self, draft: Draft, local: str, value: int) -> None:
        """Gives a draft a weight that another layer computes."""
        self._count(draft, -1)
        draft.given_weights[local] = value
        self._count(draft, 1)

    def _count(self, draft: Draft, by: int) -> None:
        for value in draft.reads:
            readers = self._readers.setdefault(value, {})
            times = readers.get(id(draft), (draft, 0))[1] + by
            if times:
                readers[id(draft)] = (draft, times)
            else:
                del readers[id(draft)]

    def _release(self, value: int) -> None:
        """Removes the producer of an unused value, recursively."""
        draft = self._makers.get(value)
        if draft is None or id(draft) in self._gone:
            return
        if any(self._readers.get(v) or v in self._output_names for v in draft.outputs):
            return
        self._remove(draft)

    def _remove(self, draft: Draft) -> None:
        self._gone.add(id(draft))
        reads = draft.reads
        self._count(draft, -1)
        for value in reads:
            self._release(value)
