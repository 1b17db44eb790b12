"""The uses of a block merged into one text: each argument is a column with one value per use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, TypeAlias

from ...blocks import ABSENT
from ...ops.argument import as_list
from ...shapes.types import TensorType
from ...text.yaml_reader import Name
from .copy_runs import typed_value
from .item_kinds import Head

Ref: TypeAlias = "tuple[int, int]"
"""A reference to a value: (index of the line, index of its output), or (-1, index of the input)."""


@dataclass(eq=False)
class Slot:
    """An argument (or part of one) in the merged text, with its value in every use."""

    argument: str
    values: tuple[Any, ...]
    """One value per use; ABSENT if the use lacks the line or any value would do."""
    expression: str | None = None
    """The expression that yields the value in every use; None for a constant."""

    @property
    def known(self) -> list[Any]:
        """The values that are not ABSENT."""
        return [value for value in self.values if value is not ABSENT]

    @property
    def constant(self) -> bool:
        """Whether all known values are equal."""
        return len({typed_value(value) for value in self.known}) <= 1

    @property
    def value(self) -> Any:
        """The first known value; ABSENT if there is none."""
        return next((value for value in self.values if value is not ABSENT), ABSENT)


@dataclass(eq=False)
class LongList:
    """A long list that consists of a few runs of equal values; the run lengths are slots."""

    values: list[Any]
    counts: list[Slot]


@dataclass(eq=False)
class FormulaText:
    """The text of a formula whose numbers are slots."""

    parts: list[str]
    """The text before, between and after the numbers."""
    numbers: list[Slot]


SlotTree: TypeAlias = Any
"""A slot, a long list, a formula, or a list or mapping of slot trees."""
LONG_LIST = 16
"""Minimum number of items of a list that is written as runs."""


def list_runs(value: Any) -> tuple[list[Any], list[int]] | None:
    """Returns the values and the lengths of the runs of a long list, or None for any other value."""
    if not isinstance(value, list) or len(items := as_list(value)) < LONG_LIST:
        return None
    groups = [list(group) for _, group in groupby(items, key=typed_value)]
    if 4 * len(groups) > len(items) or any(isinstance(group[0], (list, dict)) for group in groups):
        return None
    return [group[0] for group in groups], [len(group) for group in groups]


def slot_tree(argument: str, values: Sequence[Any]) -> SlotTree:
    """Builds the slot tree of an argument from its values.

    Lists and mappings with the same structure in all uses become lists and mappings of slots; any other value becomes
    one slot.
    """
    slot = Slot(argument, tuple(values))
    known = slot.known
    if argument == "expression" and not slot.constant:
        rows = [value if value is ABSENT else formula_numbers(value) for value in values]
        return FormulaText(formula_parts(known[0]), [Slot("factor", column) for column in columns_of_rows(rows)])
    runs = [list_runs(value) for value in known[:1]] if slot.constant else list(map(list_runs, known))
    if runs and all(run is not None and runs[0] is not None and run[0] == runs[0][0] for run in runs):
        return long_list([value if value is ABSENT else list_runs(value) for value in values])
    if not known or slot.constant:
        return slot
    first = known[0]
    if isinstance(first, list) and all(isinstance(v, list) and len(v) == len(first) for v in known):  # pyright: ignore[reportUnknownArgumentType] - of any type
        return [slot_tree(argument, [v if v is ABSENT else v[n] for v in values]) for n in range(len(first))]  # pyright: ignore[reportUnknownArgumentType] - of any type
    if isinstance(first, dict) and all(isinstance(v, dict) and v.keys() == first.keys() for v in known):
        return {k: slot_tree(k, [v if v is ABSENT else v[k] for v in values]) for k in first}  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - of any type
    return slot


NUMBER = re.compile(r"(?<![\w.])(?:\d+\.\d+(?:e[-+]?\d+)?|\d+(?:e[-+]?\d+)?)(?![\w.])")
"""A number in a formula."""


def formula_parts(text: str) -> list[str]:
    """Splits a formula at its numbers and returns the text between them."""
    return NUMBER.split(text)


def formula_numbers(text: str) -> list[int | float]:
    """Returns the numbers in a formula."""
    return [float(n) if re.search(r"[.e]", n) else int(n) for n in NUMBER.findall(text)]


def columns_of_rows(rows: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Transposes rows of equal length. An absent row is ABSENT in every column."""
    width = len(next(row for row in rows if row is not ABSENT))
    return [tuple(row if row is ABSENT else row[n] for row in rows) for n in range(width)]


def long_list(values: Sequence[Any]) -> LongList:
    """Combines the runs of lists that have the same values; the lengths become slots."""
    first: tuple[list[Any], list[int]] = next(value for value in values if value is not ABSENT)
    counts = [[value if value is ABSENT else value[1][n] for value in values] for n in range(len(first[1]))]
    return LongList(first[0], [Slot("size", tuple(column)) for column in counts])


def slots_of(tree: SlotTree) -> Iterator[Slot]:
    """Yields the slots of a slot tree."""
    if isinstance(tree, Slot):
        yield tree
        return
    if isinstance(tree, (LongList, FormulaText)):
        yield from tree.counts if isinstance(tree, LongList) else tree.numbers
        return
    inner: list[SlotTree] = [*tree.values()] if isinstance(tree, dict) else tree  # pyright: ignore[reportUnknownArgumentType] - of any form
    for each in inner:
        yield from slots_of(each)


@dataclass(eq=False)
class Copies:
    """A chain of copies: their number, and the pattern that each argument follows."""

    count: Slot
    kinds: dict[str, str]
    """The kind of pattern of each argument."""
    slots: dict[str, tuple[Slot, ...]]
    """The values of each argument's pattern."""


@dataclass(eq=False)
class BlockLine:
    """A line of a block's text: the corresponding items of all uses that have it."""

    name: str
    named: bool
    head: Head
    reads: tuple[Ref, ...]
    results: int
    layers: dict[str, Ref]
    present: tuple[bool | None, ...]
    """Whether each use has the line; None if the use lacks the enclosing group."""
    arguments: dict[str, SlotTree] = field(default_factory=dict[str, SlotTree])
    copies: Copies | None = None
    text: BlockText | None = None
    when: str | None = None
    output_names: tuple[str, ...] = ()
    is_default_input: bool = True
    table: CopyTable | None = None
    has_children: bool = False
    share: Name | None = None
    primary: str | None = None
    """The primary argument of the operation; ``from`` if it names the inputs."""

    def own_slots(self) -> Iterator[Slot]:
        """Yields the slots of the line's arguments and copies, without those of nested lines."""
        for tree in self.arguments.values():
            yield from slots_of(tree)
        if self.copies is not None:
            for slots in self.copies.slots.values():
                yield from slots
            yield self.copies.count


@dataclass(eq=False)
class BlockText:
    """The text of a block, of a group, or of the whole network."""

    lines: list[BlockLine]
    outputs: list[Ref]
    listed: bool
    types: list[tuple[TensorType | None, ...]]
    """For each input, its type in every use; None if the use lacks the group."""
    output_types: list[tuple[TensorType, ...]] = field(default_factory=list[tuple[TensorType, ...]])
    """For each output of a block, its type in every use."""


@dataclass(eq=False)
class CopyTable:
    """A table whose columns are used by the lines of a text. Without columns, the lines are simply repeated."""

    columns: list[str]
    rows: list[list[Any]]
    text: BlockText
    count: Slot
    """The number of rows."""


def walk_lines(text: BlockText) -> Iterator[BlockLine]:
    """Yields all lines of a text in preorder, including nested ones."""
    for line in text.lines:
        yield line
        if line.text is not None:
            yield from walk_lines(line.text)
        if line.table is not None:
            yield from walk_lines(line.table.text)
