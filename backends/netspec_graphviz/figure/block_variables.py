"""The arguments that vary between the uses of a block that is drawn once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .cells import CellValue, Reference, Variable

COUNTS = frozenset(("copies", "filters", "heads", "size", "units"))
"""Arguments whose multiples are written with a common letter, as in ``2b``."""
MULTIPLES = (2, 3, 4, 6, 8)


class VariableTable:
    """The variables of an inset. Equal columns, and integer multiples of a column, share a variable."""

    def __init__(self, uses: Sequence[str]) -> None:
        self.uses = uses
        self.all: list[Variable] = []

    def copied(self) -> tuple[VariableTable, dict[Variable, Variable]]:
        """Returns a copy, and for each variable its copy."""
        out = VariableTable(self.uses)
        copies = {variable: Variable(variable.argument, dict(variable.values)) for variable in self.all}
        out.all = [*copies.values()]
        return out, copies

    def value(self, argument: str, column: Mapping[str, str]) -> CellValue:
        """Returns the text of a column that is the same in all uses, or else a reference to a variable."""
        if len(set(column.values())) == 1:
            return next(iter(column.values()))
        for variable in self.all:
            pairs = [(variable.values[use], text) for use, text in column.items() if use in variable.values]
            if len({a for a, _ in pairs}) < 2 and len(pairs) < len(column):
                continue
            alike = (argument in COUNTS) == (variable.argument in COUNTS)
            factor = whole_multiple(pairs, argument in COUNTS and variable.argument in COUNTS)
            if factor == 1 and alike:
                merged = {**column, **variable.values}
                variable.values = {use: merged[use] for use in self.uses if use in merged}
                return Reference(variable)
            if factor in MULTIPLES and set(column) <= set(variable.values):
                return Reference(variable, factor)
        variable = Variable(argument, {use: column[use] for use in self.uses if use in column})
        self.all.append(variable)
        return Reference(variable)


def whole_multiple(pairs: Sequence[tuple[str, str]], counts: bool) -> int:
    """Returns the integer factor from the first to the second texts: 1 if all are equal, 0 if there is none."""
    if pairs and all(a == b for a, b in pairs):
        return 1
    if not counts or not pairs or not all(a.isdigit() and b.isdigit() and int(a) for a, b in pairs):
        return 0
    ratios = {(int(b) // int(a), int(b) % int(a)) for a, b in pairs}
    ratio, rest = next(iter(ratios))
    return ratio if len(ratios) == 1 and not rest else 0
