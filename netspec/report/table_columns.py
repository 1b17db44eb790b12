"""The columns of tables, by the names that ``--columns`` and ``--sort`` accept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from ..analysis.network_figures import Row
from ..diagnostics import clean
from ..shapes.types import compact_shape, shape_text
from .row_selection import RowSelection

if TYPE_CHECKING:
    from ..analysis.receptive_field import Field

CellValue: TypeAlias = int | float | str
"""A float is shown with one decimal."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its title, and the computation of its value for a row."""

    title: str
    doc: str
    """One-line description of its values."""
    value: Callable[[RowSelection, Row], CellValue]
    number: bool = False
    """Whether values are numbers: right-aligned, with separators."""
    sort: Callable[[RowSelection, Row], float | str] | None = None
    """The sort key, if it is not the value itself."""
    narrow: Callable[[RowSelection, Row], str] | None = None
    """A shorter text for narrow terminals, if any."""

    def order(self, selection: RowSelection, row: Row) -> Any:
        """Returns a sort key: numbers in descending order, texts in ascending order."""
        key = (self.sort or self.value)(selection, row)
        return key if isinstance(key, str) else -key


def operation_text(row: Row) -> str:
    """Returns the operation of a row, and its number of copies."""
    return f"{row.operation} × {row.copies}" if row.copies > 1 else row.operation


def field_text(fields: tuple[Field, ...] | None) -> str:
    """Returns a receptive field as a short text: ``27×27``, ``all``; by input if they differ.

    A size that is not a single number (``188-204``) appears once if it is the same along all axes. ``-`` means that the
    output depends on no input, ``?`` that the field was not computed.
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
    """Returns the largest size of a receptive field along any axis."""
    sizes = [0.0]
    for f in selection.fields(row) or ():
        sizes.append(float("inf") if isinstance(f.size, str) else float(f.size[1]))
    return max(sizes)


COLUMNS: dict[str, Column] = {
    "name": Column("layer", "full name of the layer; in a tree without the names above it", lambda s, row: row.name),
    "op": Column("operation", "operation, with that of its activation", lambda s, row: operation_text(row)),
    "inputs": Column("inputs", "the layers and network inputs that it reads", lambda s, row: ", ".join(row.inputs)),
    "output": Column(
        "output",
        "shape of its (first) output",
        lambda s, row: shape_text(s.shape(row.output.shape)),
        sort=lambda s, row: s.analysis.graph.at_default.values[row.value].elements,
        narrow=lambda s, row: compact_shape(s.shape(row.output.shape)),
    ),
    "dtype": Column("type", "type of the elements of its (first) output", lambda s, row: row.output.dtype),
    "params": Column(
        "params",
        "parameters, trainable or frozen; shared ones at the first layer that uses them",
        lambda s, row: row.params,
        True,
    ),
    "params%": Column(
        "params %",
        "the same, in percent of those of the network",
        lambda s, row: _percentage(row.params, s.totals.params),
        True,
    ),
    "trainable": Column("trainable", "trainable parameters", lambda s, row: row.trainable_params, True),
    "active": Column(
        "active params",
        "parameters that one position uses: of copies, those that it chooses",
        lambda s, row: row.active_params,
        True,
    ),
    "buffers": Column("buffers", "elements of running statistics and tables", lambda s, row: row.buffers, True),
    "macs": Column("MACs", "multiply-accumulates", lambda s, row: s.figures(row).macs, True),
    "macs%": Column(
        "MACs %",
        "the same, in percent of those of the network",
        lambda s, row: _percentage(s.figures(row).macs, s.totals.macs),
        True,
    ),
    "macs_needed": Column(
        "MACs needed",
        "multiply-accumulates without those of scores that an attention excludes",
        lambda s, row: s.figures(row).macs_needed,
        True,
    ),
    "flops": Column("FLOPs", "floating-point operations: 2 × MACs", lambda s, row: s.figures(row).flops, True),
    "activations": Column("activations", "elements of its outputs", lambda s, row: s.figures(row).activations, True),
    "connections": Column(
        "connections",
        "weights used, bias included, summed over output positions",
        lambda s, row: row.connections,
        True,
    ),
    "receptive_field": Column(
        "rec. field",
        "size of the receptive field along each axis of the input",
        lambda s, row: field_text(s.fields(row)),
        sort=_largest_field,
    ),
}
"""Every column."""

DEFAULT_COLUMNS = ("name", "op", "output", "params", "macs")
WIDE_COLUMNS = ("name", "op", "output", "params", "params%", "macs", "macs%")
"""Columns with percentages, for wide terminals."""


def find_column(text: str) -> str | None:
    """Returns a column's name for its name or heading, ignoring case, spaces and dots; None if there is none."""
    plain = _plain(text)
    return next((name for name, column in COLUMNS.items() if plain in (_plain(name), _plain(column.title))), None)


def columns_text(width: int = 80) -> str:
    """Returns a description of every column, with its accepted names."""
    import textwrap

    rows = [(name, column.title, column.doc) for name, column in COLUMNS.items()]
    heads = ("column", "heading", "value")
    name, title = (max(len(r[i]) for r in (heads, *rows)) for i in (0, 1))
    out: list[str] = []
    for a, b, c in (heads, *rows):
        head = f"{a:<{name}}  {b:<{title}}  "
        out += textwrap.wrap(c, max(width, 60), initial_indent=head, subsequent_indent=" " * len(head))
    return "\n".join(out) + "\n"


def _plain(text: str) -> str:
    return "".join(c for c in text.casefold() if c not in " ._-")


def _percentage(part: int, total: int) -> float:
    return 100 * part / total if total else 0.0


def spreadsheet_cell(value: CellValue) -> CellValue:
    """Returns a cell that spreadsheets do not interpret as a formula, by an apostrophe before such texts.

    Percentages have four decimals. Source: OWASP, CSV Injection.
    """
    if isinstance(value, float):
        return round(value, 4)
    if not isinstance(value, str):
        return value
    text = clean(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
