"""The variables of a block drawn once: the arguments that differ between its uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .cells import CellValue, Reference, Variable

COUNTS = frozenset(("copies", "filters", "heads", "size", "units"))
"""Arguments of which whole multiples are written as multiples of one letter."""
MULTIPLES = (2, 3, 4, 6, 8)


class VariableTable:
    """The variables of an inset; equal columns share one, and so do whole multiples of one column."""

    def __init__(self, uses: Sequence[str]) -> None:
        self.uses = uses
        self.all: list[Variable] = []

    def value(self, argument: str, column: Mapping[str, str]) -> CellValue:
        """The text of a column, if it is the same for all uses that have it; otherwise a reference to a variable."""
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
    """The number by which all first texts are multiplied to give the second ones: 1 for equal texts, 0 for none."""
    if pairs and all(a == b for a, b in pairs):
        return 1
    if not counts or not pairs or not all(a.isdigit() and b.isdigit() and int(a) for a, b in pairs):
        return 0
    ratios = {(int(b) // int(a), int(b) % int(a)) for a, b in pairs}
    ratio, rest = next(iter(ratios))
    return ratio if len(ratios) == 1 and not rest else 0
