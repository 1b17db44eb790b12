"""Assigns letters to the variables of insets and lists their values in columns of the overview's table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from ..figure_tree import Block
from .block_variables import COUNTS, MULTIPLES, whole_multiple
from .cells import Argument, Cell, CellValue, Letter, Reference, Segment, Variable
from .inset import Inset

NAMES = {"activation": "f", "dilation": "d", "groups": "g", "heads": "h", "kernel": "k", "size": "k", "stride": "s"}
"""Preferred letters of some arguments."""
FREE = "abcdefijmnpqrtuvwxyzghks"
"""Letters for other arguments, in order."""
VARIOUS = "…"
"""Placeholder for values that vary irregularly within a row."""


@dataclass(slots=True)
class Column:
    """A column of the table: a letter, and its values by row number."""

    letter: str
    argument: str
    rows: dict[int, str]
    variables: list[Variable]
    is_passed: bool = False
    """Whether closed blocks in insets show the value that they pass; no other column then has this letter."""


def assign_letters(rows: Sequence[Cell], insets: Sequence[Inset]) -> list[Column]:
    """Assigns letters and returns the columns of the overview's table. Modifies the cells of the insets.

    Variables with equal values in all rows, or integer multiples of these, share a letter. Letters with the same name
    that never occur in the same row share a column.
    """
    passed = _pass_values(rows, insets)
    columns, resolved = _unify(rows, insets, passed)
    _name(columns)
    for inset in insets:
        for cell in inset.cells:
            _resolve(cell, resolved)
    return _share(columns)


def _pass_values(rows: Sequence[Cell], insets: Sequence[Inset]) -> set[Variable]:
    """Finds variables with several values within one row, and adds their value to each closed block in an inset.

    The value may be a variable of that inset.
    """
    passed: set[Variable] = set()
    owners = _Owners(rows)
    copies: dict[str, frozenset[str]] = {}
    for inset in insets:
        copies[inset.key] = copies.get(inset.key, frozenset()) | inset.uses
    for inset in reversed(insets):
        for variable in [v for v in inset.table.all if v in inset.written]:
            by_row = owners.uses(variable)
            nested = [i for i in by_row if rows[i].block != inset.key]
            if not any(_varies_within(by_row[i], copies.get(rows[i].block or "", frozenset())) for i in nested):
                continue
            parents = [(p, cell) for p in insets if p is not inset for cell in p.cells if cell.block == inset.key]
            columns = [(p, cell, _column(p, cell, variable)) for p, cell in parents]
            if any(column is None for _, _, column in columns):
                continue
            passed.add(variable)
            for parent, cell, column in columns:
                assert column is not None
                value = parent.table.value(variable.argument, column)
                cell.arguments = [*cell.arguments, Argument(variable.argument, value, letter=Reference(variable))]
    return passed


def _varies_within(uses: Iterable[tuple[str, str]], copies: Set[str]) -> bool:
    """Whether a variable has several values within one of these copies of a block."""
    values: dict[str, str] = {}
    for use, text in uses:
        copy = next((name for name in (use, *_scopes_of(use)) if name in copies), "")
        if values.setdefault(copy, text) != text:
            return True
    return False


def _column(parent: Inset, cell: Cell, variable: Variable) -> dict[str, str] | None:
    """Returns the value of a variable in a closed block for each use of the parent; None if it is not unique."""
    out: dict[str, str] = {}
    items = [item for item in cell.items if isinstance(item, Block)]
    for i, uses in _Owners([Cell("", items=(item,)) for item in items]).uses(variable).items():
        use = next((name for name in _scopes_of(items[i].name) if name in parent.uses), None)
        if use is None:
            continue
        text = _summary([text for _, text in uses])
        if text == VARIOUS or out.setdefault(use, text) != text:
            return None
    return out or None


def _scopes_of(name: str) -> Iterator[str]:
    """Yields the names of the scopes that contain a layer or block, innermost first."""
    while "." in name:
        name = name.rsplit(".", 1)[0]
        yield name
    yield ""


def _unify(
    rows: Sequence[Cell], insets: Sequence[Inset], passed: set[Variable]
) -> tuple[list[Column], dict[Variable, tuple[Column, int] | str]]:
    """Returns the columns, and for each variable either a multiple of a column or a text."""
    owners = _Owners(rows)
    values = {
        variable: _row_values(owners, variable, inset.key if variable in passed else None)
        for inset in insets
        for variable in inset.table.all
        if variable in inset.written
    }
    order = {variable: i for i, variable in enumerate(values)}
    columns: list[Column] = []
    resolved: dict[Variable, tuple[Column, int] | str] = {}
    for variable in sorted(values, key=lambda v: (-len(values[v]), _sum(values[v]), order[v])):
        row = values[variable]
        if variable in passed:
            columns.append(Column("", variable.argument, row, [variable], is_passed=True))
            resolved[variable] = columns[-1], 1
            continue
        if not row or all(text == VARIOUS for text in row.values()):
            continue
        texts = set(row.values())
        if len(texts) == 1 and "," not in next(iter(texts)):
            resolved[variable] = next(iter(texts))
            continue
        for column in columns:
            factor = 0 if column.is_passed else _factor(column, variable, row)
            if factor:
                column.variables.append(variable)
                resolved[variable] = column, factor
                break
        else:
            columns.append(Column("", variable.argument, row, [variable]))
            resolved[variable] = columns[-1], 1
    columns.sort(key=lambda column: min(order[v] for v in column.variables))
    return columns, resolved


def _factor(column: Column, variable: Variable, row: Mapping[int, str]) -> int:
    """Returns the factor from a column to the values of a variable, or 0 if they are not multiples."""
    if not set(row) <= set(column.rows) or VARIOUS in row.values():
        return 0
    counts = variable.argument in COUNTS and column.argument in COUNTS
    pairs = [(column.rows[i], text) for i, text in row.items()]
    factor = whole_multiple(pairs, counts)
    if factor == 1:
        return 1 if counts or variable.argument == column.argument else 0
    return factor if factor in MULTIPLES else 0


def _sum(row: Mapping[int, str]) -> int:
    return sum(int(text) if text.isdigit() else 0 for text in row.values())


def _row_values(cells: _Owners, variable: Variable, key: str | None) -> dict[int, str]:
    """Returns the values of a variable in each row, or only in rows of the class ``key``."""
    return {
        i: _summary([text for _, text in uses])
        for i, uses in cells.uses(variable).items()
        if key is None or cells.cells[i].block == key
    }


class _Owners:
    """Finds the cell that contains each use of a block."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self.cells = cells
        self.owner = {
            copy.name: i
            for i, cell in enumerate(cells)
            for item in cell.items
            if isinstance(item, Block)
            for copy in (item, *item.further_copies)
        }

    def uses(self, variable: Variable) -> dict[int, list[tuple[str, str]]]:
        """Returns, for each cell that contains uses of the variable's block, these uses in order, with the values."""
        out: dict[int, list[tuple[str, str]]] = {}
        for use, text in variable.values.items():
            cell = next((self.owner[name] for name in (use, *_scopes_of(use)) if name in self.owner), None)
            if cell is not None:
                out.setdefault(cell, []).append((use, text))
        return out


def _summary(values: Sequence[str]) -> str:
    """Summarises the values of a row's copies: one value, or the first and the others."""
    first, *others = values
    if set(values) == {first}:
        return first
    return f"{first}, {others[0]}" if len(set(others)) == 1 else VARIOUS


def _name(columns: Sequence[Column]) -> None:
    """Assigns a letter to each column."""
    used: list[tuple[str, Column]] = []
    reserved = {NAMES[c.argument] for c in columns if c.argument in NAMES}

    def is_free(letter: str, column: Column) -> bool:
        return not any(
            other == letter and (column.is_passed or have.is_passed or set(have.rows) & set(column.rows))
            for other, have in used
        )

    for column in columns:
        usual = NAMES.get(column.argument)
        used_names = {letter for letter, _ in used}
        shared = [letter for letter, have in used if have.argument not in NAMES] if usual is None else [usual]
        choices = [*shared, *(x for x in FREE if x not in used_names and x not in reserved)]
        column.letter = next((x for x in choices if is_free(x, column)), "?")
        used.append((column.letter, column))


def _share(columns: Iterable[Column]) -> list[Column]:
    """Combines columns with the same letter."""
    out: dict[str, Column] = {}
    for column in columns:
        if not column.rows:
            continue  # only closed blocks in insets pass values of it
        have = out.get(column.letter)
        if have is None:
            out[column.letter] = replace(column, rows=dict(column.rows))
        else:
            have.rows.update(column.rows)
    return list(out.values())


def _resolve(cell: Cell, resolved: Mapping[Variable, tuple[Column, int] | str]) -> None:
    """Replaces the references in a cell by letters or texts; removes arguments without a value."""

    def value_of(value: CellValue) -> CellValue | None:
        if not isinstance(value, Reference):
            return value
        target = resolved.get(value.variable)
        if target is None:
            return None
        if isinstance(target, str):
            return str(int(target) * value.factor) if value.factor > 1 and target.isdigit() else target
        column, factor = target
        return Letter(column.letter, factor * value.factor)

    arguments: list[Argument] = []
    for argument in cell.arguments:
        value = value_of(argument.value)
        letter = None if argument.letter is None else value_of(argument.letter)
        if value is not None and (letter is None) == (argument.letter is None):
            whole = argument.square and isinstance(value, str) and isinstance(argument.value, Reference)
            arguments.append(replace(argument, value=f"{value}×{value}" if whole else value, letter=letter))
    cell.arguments = arguments
    segments: list[Segment] = []
    for segment in cell.segments:
        value = value_of(segment.value)
        if value is not None:
            segments.append(Segment(segment.kind, value))
    cell.segments = segments
    if isinstance(cell.copies_value, Reference):
        copies = value_of(cell.copies_value)
        if isinstance(copies, str) or copies is None:
            cell.copies, copies = int(copies or 1), ""
        cell.copies_value = copies
