"""The figures of a network as formulas of its named dimensions."""

from __future__ import annotations

from ..analysis.collapse import collapse_blocks
from ..analysis.figures import Figures
from ..analysis.network_figures import Row
from ..shapes.sizes import is_named, is_same
from .row_selection import RowSelection

TOTALS = ("macs", "macs_needed", "flops", "activations", "weighted_activations", "activation_bytes", "connections")
"""Figures of a network that may depend on named dimensions."""


class Formulas:
    """The formulas of the rows of a selection, for its batch size."""

    def __init__(self, selection: RowSelection) -> None:
        analysis = selection.analysis.formulas
        assert analysis is not None
        rows = collapse_blocks(analysis, selection.depth)
        self._selection = RowSelection(analysis, rows, selection.batch)
        self._rows = {row.name: row for row in rows}

    @property
    def totals(self) -> Figures:
        """The formulas of the whole network."""
        return self._selection.totals

    def of(self, row: Row) -> Figures | None:
        """Returns the formulas of a row; None if it joins copies that are equal only at the defaults."""
        rows = self._rows.get(row.name)
        return None if rows is None else self._selection.figures(rows)


def formulas_of(selection: RowSelection) -> Formulas | None:
    """Returns the formulas of a selection; None without named dimensions, or if a formula would be too long."""
    return Formulas(selection) if selection.analysis.formulas is not None else None


def formula_texts(figures: Figures, names: tuple[str, ...]) -> dict[str, int | str]:
    """Returns figures by name: a number, or a formula as text if it depends on a name."""
    values = {name: getattr(figures, name) for name in names}
    return {name: str(value) if is_named(value) else value for name, value in values.items()}


_LABELS = {
    "macs": "MACs",
    "macs_needed": "MACs needed",
    "activations": "activations",
    "activation_bytes": "bytes of activations",
}


def formula_lines(selection: RowSelection, width: int = 80) -> list[str]:
    """Returns MACs, activations and their bytes as formulas; the summands of a long formula are on separate lines."""
    formulas = formulas_of(selection)
    if formulas is None:
        return ["The formulas of this network are too long."] if selection.analysis.graph.dims else []
    lines: list[str] = []
    label = max(map(len, _LABELS.values()))
    totals = formulas.totals
    listed = tuple(n for n in _LABELS if n != "macs_needed" or not is_same(totals.macs, totals.macs_needed))
    for name, text in formula_texts(totals, listed).items():
        summands = _summands(str(text))
        head = f"{_LABELS[name]:<{label}}  = "
        if len(head) + len(str(text)) <= width:
            lines.append(f"{head}{text}")
            continue
        lines.append(head + summands[0])
        lines += [" " * (label + 2) + summand for summand in summands[1:]]
    return lines


def _summands(formula: str) -> list[str]:
    """Returns the summands of a formula with their signs: ``64*H``, ``+ 3*(W + 1)``."""
    depth, start = 0, 0
    summands: list[str] = []
    for i, c in enumerate(formula):
        depth += (c == "(") - (c == ")")
        if c == " " and not depth and formula[i + 1] in "+-":
            summands.append(formula[start:i])
            start = i + 1
    return [*summands, formula[start:]]
