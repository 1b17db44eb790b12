"""The columns of tables, by the names that ``--columns`` and ``--sort`` accept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from ..analysis.network_figures import Row
from ..shapes.types import shape_text
from .row_selection import RowSelection

if TYPE_CHECKING:
    from ..analysis.receptive_field import Field

Value: TypeAlias = int | str


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its title, and how to compute its value for a row."""

    title: str
    value: Callable[[RowSelection, Row], Value]
    number: bool = False
    """Whether values are numbers: right-aligned, with separators."""
    sort: Callable[[RowSelection, Row], float | str] | None = None
    """What rows are sorted by, if it is not the value itself."""
    narrow: Callable[[RowSelection, Row], str] | None = None
    """A shorter text for narrow terminals, if there is one."""

    def order(self, selection: RowSelection, row: Row) -> Any:
        """A sort key: numbers in descending order, texts in ascending order."""
        key = (self.sort or self.value)(selection, row)
        return key if isinstance(key, str) else -key


def operation_text(row: Row) -> str:
    """The operation of a row, and its number of copies."""
    return f"{row.operation} × {row.copies}" if row.copies > 1 else row.operation


def field_text(fields: tuple[Field, ...] | None) -> str:
    """A receptive field in a few characters: ``27×27``, ``all``; by input if they differ.

    A size that is not a single number (``188-204``) appears once if it is the same along all axes. ``-`` means that
    no input matters, ``?`` that the field was not computed.
    """
    if fields is None:
        return "?"
    by_input: dict[str, list[str]] = {}
    for f in fields:
        by_input.setdefault(f.input, []).append(str(f))
    texts = {
        name: sizes[0] if len(set(sizes)) == 1 and not sizes[0].isdigit() else "×".join(sizes)
        for name, sizes in by_input.items()
    }
    if len(set(texts.values())) == 1:
        return next(iter(texts.values()))
    return ", ".join(f"{name} {text}" for name, text in texts.items()) or "-"


def _largest_field(selection: RowSelection, row: Row) -> float:
    """The largest size of a receptive field along any axis."""
    sizes = [0.0]
    for f in selection.fields(row) or ():
        sizes.append(float("inf") if isinstance(f.size, str) else float(f.size[1]))
    return max(sizes)


COLUMNS: dict[str, Column] = {
    "name": Column("layer", lambda selection, row: row.name),
    "op": Column("operation", lambda selection, row: operation_text(row)),
    "inputs": Column("inputs", lambda selection, row: ", ".join(row.inputs)),
    "output": Column(
        "output",
        lambda selection, row: shape_text(selection.shape(row.output.shape)),
        sort=lambda selection, row: row.output.elements,
        narrow=lambda selection, row: "×".join(map(str, selection.shape(row.output.shape))),
    ),
    "params": Column("params", lambda selection, row: row.params, True),
    "trainable": Column("trainable", lambda selection, row: row.trainable_params, True),
    "buffers": Column("buffers", lambda selection, row: row.buffers, True),
    "macs": Column("MACs", lambda selection, row: selection.figures(row).macs, True),
    "flops": Column("FLOPs", lambda selection, row: selection.figures(row).flops, True),
    "activations": Column("activations", lambda selection, row: selection.figures(row).activations, True),
    "connections": Column("connections", lambda selection, row: row.connections, True),
    "receptive_field": Column(
        "rec. field", lambda selection, row: field_text(selection.fields(row)), sort=_largest_field
    ),
}
"""Every column."""

DEFAULT_COLUMNS = ("name", "op", "output", "params", "macs")
