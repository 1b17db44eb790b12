"""The uses of a block merged into one body: for each argument, one value per use."""

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
"""(number of the line, number of its output), or (-1, number of the input)."""


@dataclass(eq=False)
class Slot:
    """A value in the text, over all uses."""

    argument: str
    values: tuple[Any, ...]
    """Of each use; ABSENT where the use lacks the line, or any value would do."""
    expression: str | None = None
    """What gives the value in every use; None for a constant."""

    @property
    def known(self) -> list[Any]:
        """The values of the uses that have one."""
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
    """A long list of few different values in runs, whose lengths are slots."""

    values: list[Any]
    counts: list[Slot]


@dataclass(eq=False)
class FormulaText:
    """The text of a formula, whose numbers are slots."""

    parts: list[str]
    """The text between the numbers, and before and after them."""
    numbers: list[Slot]


SlotTree: TypeAlias = Any
"""A slot, a long list, a formula, or a list or mapping of slot trees."""
LONG_LIST = 16
"""The least number of items for which a list is written as runs, if these are few."""


def list_runs(value: Any) -> tuple[list[Any], list[int]] | None:
    """The values of a long list's runs and their lengths; None for any other value."""
    if not isinstance(value, list) or len(items := as_list(value)) < LONG_LIST:
        return None
    groups = [list(group) for _, group in groupby(items, key=typed_value)]
    if 4 * len(groups) > len(items) or any(isinstance(group[0], (list, dict)) for group in groups):
        return None
    return [group[0] for group in groups], [len(group) for group in groups]


def slot_tree(argument: str, values: Sequence[Any]) -> SlotTree:
    """The values of an argument as one slot; as lists and mappings of slots where they are alike in all uses."""
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
    """The text of a formula without its numbers, in parts."""
    return NUMBER.split(text)


def formula_numbers(text: str) -> list[int | float]:
    """The numbers of a formula."""
    return [float(n) if re.search(r"[.e]", n) else int(n) for n in NUMBER.findall(text)]


def columns_of_rows(rows: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The columns of rows of one length, with ABSENT where a row is absent."""
    width = len(next(row for row in rows if row is not ABSENT))
    return [tuple(row if row is ABSENT else row[n] for row in rows) for n in range(width)]


def long_list(values: Sequence[Any]) -> LongList:
    """The runs of lists with equal values, and their lengths in all uses."""
    first: tuple[list[Any], list[int]] = next(value for value in values if value is not ABSENT)
    counts = [[value if value is ABSENT else value[1][n] for value in values] for n in range(len(first[1]))]
    return LongList(first[0], [Slot("size", tuple(column)) for column in counts])


def slots_of(tree: SlotTree) -> Iterator[Slot]:
    """The slots of a slot tree."""
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
    """A chain of copies: how many, and how each argument goes through them."""

    count: Slot
    kinds: dict[str, str]
    """For each argument the kind of its pattern."""
    slots: dict[str, tuple[Slot, ...]]
    """For each argument the values of its pattern."""


@dataclass(eq=False)
class Line:
    """A line of the text of a block: an item in all uses that have it."""

    name: str
    named: bool
    head: Head
    reads: tuple[Ref, ...]
    results: int
    layers: dict[str, Ref]
    present: tuple[bool | None, ...]
    """Which uses have it; None where they lack the group around it."""
    arguments: dict[str, SlotTree] = field(default_factory=dict[str, SlotTree])
    copies: Copies | None = None
    text: Text | None = None
    when: str | None = None
    output_names: tuple[str, ...] = ()
    is_default_input: bool = True
    table: Table | None = None
    has_children: bool = False
    share: Name | None = None
    primary: str | None = None
    """The primary argument of its operation; ``from`` if that names the inputs."""

    def own_slots(self) -> Iterator[Slot]:
        """The slots of its arguments and copies."""
        for tree in self.arguments.values():
            yield from slots_of(tree)
        if self.copies is not None:
            for slots in self.copies.slots.values():
                yield from slots
            yield self.copies.count


@dataclass(eq=False)
class Text:
    """The text of a block, of a group, or of the whole network."""

    lines: list[Line]
    outputs: list[Ref]
    listed: bool
    types: list[tuple[TensorType | None, ...]]
    """For each input its type in every use; None where the use lacks the group."""
    output_types: list[tuple[TensorType, ...]] = field(default_factory=list[tuple[TensorType, ...]])
    """For each output of a block its type in every use."""


@dataclass(eq=False)
class Table:
    """Rows of a table, whose columns stand in the lines of a text; without columns, layers that are repeated."""

    columns: list[str]
    rows: list[list[Any]]
    text: Text
    count: Slot
    """The number of rows."""


def walk_lines(text: Text) -> Iterator[Line]:
    """All lines of a text, each before those in it."""
    for line in text.lines:
        yield line
        if line.text is not None:
            yield from walk_lines(line.text)
        if line.table is not None:
            yield from walk_lines(line.table.text)
