"""Aligns sequences with optional items into one sequence of rows.

Items are aligned by name; :func:`name_by_likeness` gives names to items that have none. If a sequence lacks an item,
its readers read the item's main input instead: omitting an item is equivalent to making it an identity. It is
verified, read by read, that the wiring of the rows reproduces every sequence.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from .trees import Filled
from .unify import DifferentError, unify

H = TypeVar("H", bound=Hashable)


@dataclass(frozen=True, slots=True)
class SequenceItem:
    """One item of a sequence: its tree, the values that it reads, and the values that it computes."""

    name: str
    tree: Filled
    reads: tuple[Hashable, ...] = ()
    results: tuple[Hashable, ...] = ()
    main: int | None = None
    """Index in ``reads`` of the value read in place of its result if the item is omitted; None if it cannot be."""
    label: Hashable = None
    """Any other property that must be equal for items in one row."""
    commutes: bool = False
    """Whether its two reads may be swapped."""


@dataclass(frozen=True, slots=True)
class Row:
    """Corresponding items of all sequences."""

    name: str
    tree: Filled
    """The tree, with a column of values for each hole."""
    reads: tuple[Hashable, ...]
    """Numbers of the results of other rows, and names of inputs as passed to :func:`align`."""
    results: tuple[int, ...]
    """Numbers of the values that it computes, counted from zero over all rows."""
    present: tuple[bool, ...]
    """Which sequences contain the item."""
    positions: tuple[int | None, ...]
    """The position of the item in each sequence."""
    main: int | None
    label: Hashable


def align(
    sequences: Sequence[Sequence[SequenceItem]],
    inputs: Sequence[Mapping[Any, Hashable]],
    returned: Sequence[Sequence[Hashable]],
) -> tuple[list[Row], list[Hashable]]:
    """Returns the rows of all sequences, and the values that all of them return.

    Args:
        sequences: the items of each sequence; several items of one name become several rows.
        inputs: for each sequence, the common names of its external values.
        returned: for each sequence, the values that it returns.

    Raises:
        DifferentError: no single wiring reproduces every sequence.
    """
    wiring = Wiring(inputs)
    rows: list[Row] = []
    groups = [positions_by_name(sequence) for sequence in sequences]
    for name in merge_orders([list(group) for group in groups]):
        by_use = {use: group[name] for use, group in enumerate(groups) if name in group}
        if len({len(positions) for positions in by_use.values()}) > 1:
            raise DifferentError
        rows += [wiring.row(sequences, dict(zip(by_use, at, strict=True))) for at in zip(*by_use.values(), strict=True)]
    if len({len(values) for values in returned}) > 1:
        raise DifferentError
    return rows, [wiring.common(dict(enumerate(values))) for values in zip(*returned, strict=True)]


def merge_orders(lists: Sequence[Sequence[H]]) -> list[H]:
    """Merges lists in their own orders; an element of one list only is placed after its predecessor there.

    Raises:
        DifferentError: two lists contradict each other.
    """
    every = {tuple(each): None for each in sorted(lists, key=len, reverse=True)}
    out: list[H] = []
    for each in every:
        if not out:
            out = list(each)
            continue
        position = {element: i for i, element in enumerate(out)}
        new: dict[int, list[H]] = {}
        at = 0
        for element in each:
            if element not in position:
                new.setdefault(at, []).append(element)
            elif position[element] < at:
                raise DifferentError
            else:
                at = position[element] + 1
        if new:
            out = [e for i in range(len(out) + 1) for e in (*new.get(i, ()), *out[i : i + 1])]
    return out


def positions_by_name(sequence: Sequence[SequenceItem]) -> dict[str, list[int]]:
    """Returns the positions of the items of each name, in order."""
    out: dict[str, list[int]] = {}
    for i, item in enumerate(sequence):
        out.setdefault(item.name, []).append(i)
    return out


class Wiring:
    """Maps the values of each sequence to the values of the rows, which are added one by one."""

    def __init__(self, inputs: Sequence[Mapping[Any, Hashable]]) -> None:
        self.names: list[dict[Any, Hashable]] = [dict(values) for values in inputs]
        """For each sequence, the values of the rows by its own values."""
        self.count = 0
        """Number of results of the rows so far."""
        self.optional: dict[Hashable, tuple[bool, ...]] = {}
        """For each result that some sequences lack, which sequences have it."""
        self.substitutes: dict[Hashable, Hashable] = {}
        """For each result, the value that is read where it is missing."""

    def row(self, sequences: Sequence[Sequence[SequenceItem]], positions: Mapping[int, int]) -> Row:
        """Returns the next row: the items at these positions of some or all sequences.

        Raises:
            DifferentError: the items or their wiring differ, or an item that cannot be omitted is missing.
        """
        items = {use: sequences[use][at] for use, at in positions.items()}
        first = next(iter(items.values()))
        present = tuple(use in items for use in range(len(sequences)))
        like = (len(first.reads), len(first.results), first.main, first.label)
        if any((len(i.reads), len(i.results), i.main, i.label) != like for i in items.values()):
            raise DifferentError
        if not all(present) and (len(first.results) != 1 or (first.main is None and first.reads)):
            raise DifferentError
        tree = unify([items[use].tree if use in items else None for use in range(len(sequences))])
        reads: tuple[Hashable, ...]
        if first.commutes and len(first.reads) == 2:
            reads = self.common_pair({use: (i.reads[0], i.reads[1]) for use, i in items.items()})
        else:
            reads = tuple(self.common({use: i.reads[n] for use, i in items.items()}) for n in range(len(first.reads)))
        results = tuple(range(self.count, self.count + len(first.results)))
        self.count += len(results)
        if not all(present):
            self.optional[results[0]] = present
        if first.main is not None and len(results) == 1:
            self.substitutes[results[0]] = reads[first.main]
        for use, item in items.items():
            self.names[use].update(zip(item.results, results, strict=True))
        at = tuple(positions.get(use) for use in range(len(sequences)))
        return Row(first.name, tree, reads, results, present, at, first.main, first.label)

    def resolved(self, use: int, value: Hashable) -> Hashable:
        """Returns the value that a sequence reads for another one: its substitute if the sequence lacks that row."""
        while value in self.optional and not self.optional[value][use]:
            if value not in self.substitutes:
                return None  # a table, which is read only by rows that the sequence lacks as well
            value = self.substitutes[value]
        return value

    def common(self, actual: Mapping[int, Hashable]) -> Hashable:
        """Returns the value that every sequence reads: the most recent optional value that fits, else the common one.

        Raises:
            DifferentError: there is none.
        """
        expected = {use: self.names[use][value] for use, value in actual.items()}
        for value in [*reversed(self.optional), *dict.fromkeys(expected.values())]:
            if all(self.resolved(use, value) == expected_value for use, expected_value in expected.items()):
                return value
        raise DifferentError

    def common_pair(self, actual: Mapping[int, tuple[Hashable, Hashable]]) -> tuple[Hashable, Hashable]:
        """Returns the two values that every sequence reads, in either order; the most recent ones that fit.

        Raises:
            DifferentError: there are none.
        """
        expected = {use: [self.names[use][value] for value in values] for use, values in actual.items()}
        values = list(dict.fromkeys([*reversed(self.optional), *(v for pair in expected.values() for v in pair)]))
        values.sort(key=lambda value: value in self.optional and value not in self.substitutes)  # tables last
        for a in values:
            for b in values:
                resolved = {use: [self.resolved(use, a), self.resolved(use, b)] for use in expected}
                if all(
                    resolved[use] in (expected_value, expected_value[::-1]) for use, expected_value in expected.items()
                ):
                    return a, b
        raise DifferentError


def name_by_likeness(
    sequences: Sequence[Sequence[SequenceItem]], likeness: Callable[[SequenceItem, SequenceItem], int]
) -> list[list[SequenceItem]]:
    """Renames items so that corresponding ones, by an optimal alignment in order, have the same name.

    Used if the original names are not meaningful.

    Args:
        sequences: the items of each sequence.
        likeness: the score of a pair of items; 0 if they cannot correspond.
    """
    rows: list[SequenceItem] = []
    out: list[list[SequenceItem]] = [[] for _ in sequences]
    for use in sorted(range(len(sequences)), key=lambda use: -len(sequences[use])):
        items = sequences[use]
        score = [[likeness(item, row) for item in items] for row in rows]
        best = best_scores(score, len(items))
        merged: list[SequenceItem] = []
        i = j = 0
        while i < len(rows) or j < len(items):
            exists = i < len(rows) and j < len(items)
            if exists and score[i][j] and best[i][j] == score[i][j] + best[i + 1][j + 1]:
                out[use].append(replace(items[j], name=rows[i].name))
                merged.append(rows[i])
                i, j = i + 1, j + 1
            elif j == len(items) or (i < len(rows) and best[i][j] == best[i + 1][j]):
                merged.append(rows[i])
                i += 1
            else:
                fresh = replace(items[j], name=f"{use}.{j}")
                out[use].append(fresh)
                merged.append(fresh)
                j += 1
        rows = merged
    return out


def best_scores(score: Sequence[Sequence[int]], width: int) -> list[list[int]]:
    """Returns for every pair of positions the highest total score of an alignment of the remaining items."""
    best = [[0] * (width + 1) for _ in range(len(score) + 1)]
    for i in reversed(range(len(score))):
        for j in reversed(range(width)):
            matched = score[i][j] + best[i + 1][j + 1] if score[i][j] else 0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], matched)
    return best
