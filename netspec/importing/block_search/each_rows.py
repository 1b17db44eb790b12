"""Tables: replaces repeated layers with different numbers by one template and a row of numbers each (``each``)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeAlias

from ...blocks import ABSENT
from .block_lines import BlockLine, BlockText, CopyTable, FormulaText, LongList, Slot, SlotTree, slots_of
from .block_parameters import Parameter
from .copy_runs import typed_value
from .item_kinds import TABLE

LONGEST_ROW = 8
"""Maximum number of layers in a row."""
FEWEST_ROWS = 3
SHORT = 8
"""Lists up to this length are written out if their rows occur only twice."""
Saving: TypeAlias = "Callable[[BlockText, int, int, int], tuple[tuple[int, ...], int]]"
WORDS = ("in", "or", "if", "is", "row", "index", "not", "and", "for", "else", "pi", "inf")
"""Names that a column cannot have."""


def make_tables(text: BlockText) -> None:
    """Replaces repeated layers in the lists of a text by tables where this saves lines, innermost lists first."""
    for line in text.lines:
        if line.text is not None:
            make_tables(line.text)
    for saving in (rank_of_run, rank_of_table) if text.listed else ():
        while (best := best_rows(text, saving)) is not None:
            start, period, count = best
            text.lines[start : start + period * count] = [table_line(text, start, period, count)]
            renumber(text, start, period * count - 1)


def best_rows(text: BlockText, saving: Saving) -> tuple[int, int, int] | None:
    """Returns the first line, the lines per row and the number of rows of the table that saves most, or None."""
    shapes = [line_shape(text, n) for n in range(len(text.lines))]
    best: tuple[tuple[int, ...], int, int, int] | None = None
    for period in range(1, LONGEST_ROW + 1):
        start = 0
        while start + period <= len(shapes):
            row = shapes[start : start + period]
            count = 1
            while None not in row and shapes[start + count * period : start + (count + 1) * period] == row:
                count += 1
            rank, count = saving(text, start, period, count)
            if rank and (best is None or rank > best[0]):
                best = (rank, start, period, count)
            start += 1
    return best[1:] if best else None


def rank_of_run(text: BlockText, start: int, period: int, count: int) -> tuple[tuple[int, ...], int]:
    """Returns the rank of repeating equal rows (empty if not worthwhile; shorter rows rank higher) and their number."""
    row = text.lines[start : start + period]
    if (period == 1 and row[0].head.is_use) or any(line.table is not None for line in row):
        return (), count
    equal = 1
    while equal < count and not columns_of(text, start + (equal - 1) * period, period, 2):
        equal += 1
    saved = (equal - 1) * period
    short = equal == 2 and len(text.lines) <= SHORT
    return ((-period, saved) if saved > 1 and not short else ()), equal


def rank_of_table(text: BlockText, start: int, period: int, count: int) -> tuple[tuple[int, ...], int]:
    """Returns the rank of a table by the lines that it saves (empty if none) and the number of rows.

    Rows of one layer are only used for chains with many different numbers.
    """
    if count < FEWEST_ROWS:
        return (), count
    columns = len(columns_of(text, start, period, count))
    if period == 1:
        copies = [line.copies for line in text.lines[start : start + count]]
        chains = any(each is not None and each.count.value != 1 for each in copies)
        return ((1, -columns) if columns >= 3 and chains else ()), count
    saved = (count - 1) * period - (2 if columns <= 1 else 4 + count) + 1
    return ((saved, -columns) if saved > 0 else ()), count


def line_shape(text: BlockText, position: int) -> Hashable:
    """Returns a key that is equal for lines that differ in numbers only; None for a line that cannot be in a table."""
    line = text.lines[position]
    chained = line.reads == ((-1, 0) if position == 0 else (position - 1, 0),)
    if not chained or line.when is not None or line.layers or line.results != 1 or line.share:
        return None
    if line.table is not None:
        run = [line_shape(line.table.text, n) for n in range(len(line.table.text.lines))]
        return ("run", *run) if not line.table.columns and None not in run else None
    inner: Hashable = None
    if line.text is not None:
        if not line.text.listed or len(line.text.types) != 1 or line.text.outputs != [(len(line.text.lines) - 1, 0)]:
            return None
        shapes = [line_shape(line.text, n) for n in range(len(line.text.lines))]
        if None in shapes:
            return None
        inner = tuple(shapes)
    arguments = tuple((name, tree_shape(tree)) for name, tree in line.arguments.items())
    patterns: Hashable = None
    if line.copies is not None:
        kinds = line.copies.kinds
        patterns = tuple((name, "first" if kinds[name] == "same" else kinds[name]) for name in sorted(kinds))
    return line.head, arguments, inner, patterns


def tree_shape(tree: SlotTree) -> Hashable:
    """Returns a key that is equal for slot trees that differ in numbers only."""
    if isinstance(tree, Slot):
        value = tree.value
        return ("slot", tree.expression, typed_value(value) if isinstance(value, (dict, list)) else None)
    if isinstance(tree, LongList):
        return ("runs", *map(typed_value, tree.values), *map(tree_shape, tree.counts))
    if isinstance(tree, FormulaText):
        return ("formula", *tree.parts, *map(tree_shape, tree.numbers))
    if isinstance(tree, dict):
        return tuple((key, tree_shape(inner)) for key, inner in tree.items())  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - of any type
    return tuple(tree_shape(inner) for inner in tree)


def cells_of(line: BlockLine) -> list[Slot]:
    """Returns the slots of a line that may become columns, including those of its copies."""
    out = [slot for name in sorted(line.arguments) for slot in slots_of(line.arguments[name])]
    if line.copies is not None:
        block_parameters: list[Parameter] = line.head.block.free_parameters
        for parameter in block_parameters:
            slots, kind = line.copies.slots[parameter.name], line.copies.kinds[parameter.name]
            out += (slots[0], slots[0]) if kind == "same" else slots
        out.append(line.copies.count)
    if line.text is not None:
        for inner in line.text.lines:
            out += cells_of(inner)
    if line.table is not None:
        for inner in line.table.text.lines:
            out += cells_of(inner)
        out.append(line.table.count)
    return out


def columns_of(text: BlockText, start: int, period: int, count: int) -> set[Hashable]:
    """Returns the distinct columns that a table would have."""
    rows = [
        [slot for line in text.lines[start + r * period : start + (r + 1) * period] for slot in cells_of(line)]
        for r in range(count)
    ]
    columns = {tuple(typed_value(slot.value) for slot in column) for column in zip(*rows, strict=False)}
    return {column for column in columns if len(set(column)) > 1}


def table_line(text: BlockText, start: int, period: int, count: int) -> BlockLine:
    """Builds the line of a table from the lines of its first row."""
    rows = [text.lines[start + r * period : start + (r + 1) * period] for r in range(count)]
    template = rows[0]
    same_patterns(rows)
    names: dict[Hashable, str] = {}
    columns: list[list[Any]] = []
    cells = [[slot for line in row for slot in cells_of(line)] for row in rows]
    for slot, *others in zip(*cells, strict=True):
        if slot.expression is not None:
            continue
        values = filled([slot.value, *(other.value for other in others)])
        if values[0] is ABSENT:
            continue
        if len(set(map(typed_value, values))) == 1:
            slot.values = (values[0],)
            continue
        key = tuple(map(typed_value, values))
        if key not in names:
            names[key] = column_name(slot.argument, names.values())
            columns.append(values)
        slot.expression = names[key]
    inner = BlockText(template, [(period - 1, 0)], True, text.types[:1])
    for n, line in enumerate(template):
        line.reads, line.name = ((n - 1, 0) if n else (-1, 0),), str(n)
    out = BlockLine(str(start), False, TABLE, ((start - 1, 0) if start else (-1, 0),), 1, {}, template[0].present)
    table_rows = [list(row) for row in zip(*columns, strict=True)]
    out.table = CopyTable(list(names.values()), table_rows, inner, Slot("repeat", (count,)))
    return out


def filled(values: Sequence[Any]) -> list[Any]:
    """Fills absent values of a column with one that is known."""
    known = next((value for value in values if value is not ABSENT), ABSENT)
    return [known if value is ABSENT else value for value in values]


def same_patterns(rows: Sequence[Sequence[BlockLine]]) -> None:
    """Makes corresponding chains of all rows use the same kind of pattern."""
    for lines in zip(*rows, strict=True):
        if lines[0].copies is None:
            for inner in zip(*(list(line.text.lines) for line in lines if line.text is not None), strict=True):
                same_patterns([[line] for line in inner])
            continue
        copies = [line.copies for line in lines if line.copies is not None]
        for name in copies[0].kinds:
            kinds = {each.kinds[name] for each in copies}
            if len(kinds) == 1:
                continue
            for each in copies:
                if each.kinds[name] == "same":
                    slot = each.slots[name][0]
                    each.kinds[name] = "first"
                    each.slots[name] = (slot, Slot(slot.argument, slot.values))


def column_name(argument: str, used_names: Any) -> str:
    """A short name for a column."""
    word = "n" if argument == "repeat" else argument
    options = (word[:1], word[:2], word, *(f"{word[:1]}{n}" for n in range(2, 99)))
    return next(name for name in options if name not in used_names and name not in WORDS and name.isidentifier())


def renumber(text: BlockText, start: int, fewer: int) -> None:
    """Adjusts references to lines after those that a table replaced."""

    def moved(ref: tuple[int, int]) -> tuple[int, int]:
        if ref[0] < start:
            return ref
        return (start if ref[0] <= start + fewer else ref[0] - fewer, ref[1])

    for line in text.lines[start + 1 :]:
        line.reads = tuple(map(moved, line.reads))
        line.layers = {name: moved(ref) for name, ref in line.layers.items()}
    text.outputs = [moved(ref) for ref in text.outputs]
