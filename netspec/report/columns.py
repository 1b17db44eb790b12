"""The columns that tables have, by the names that ``--columns`` and ``--sort`` take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from ..analysis.summary import Row
from ..shapes.types import shown
from .view import View

if TYPE_CHECKING:
    from ..analysis.receptive import Field

Value: TypeAlias = int | str


@dataclass(frozen=True, slots=True)
class Column:
    """One figure of a row."""

    title: str
    value: Callable[[View, Row], Value]
    """The figure; a number is set to the right, with separators."""
    number: bool = False
    sort: Callable[[View, Row], float | str] | None = None
    """What rows are ordered by, where it is not the figure itself."""
    narrow: Callable[[View, Row], str] | None = None
    """The same in fewer characters, where the figure is a text that can be had so."""

    def order(self, view: View, row: Row) -> Any:
        """A key that puts great numbers first and texts in order."""
        key = (self.sort or self.value)(view, row)
        return key if isinstance(key, str) else -key


def operation(row: Row) -> str:
    """What a row is, and how many times."""
    return f"{row.op} × {row.copies}" if row.copies > 1 else row.op


def field_text(fields: tuple[Field, ...] | None) -> str:
    """A receptive field in few characters: ``27×27``, ``all``; by input where they differ.

    What depends on the position (``188-204``) stands once where it is the same along all axes. ``-`` is one that sees
    no input, ``?`` one that was not worked out.
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


def _field_size(view: View, row: Row) -> float:
    sizes = [0.0]
    for f in view.fields(row) or ():
        sizes.append(float("inf") if isinstance(f.size, str) else float(f.size[1]))
    return max(sizes)


COLUMNS: dict[str, Column] = {
    "name": Column("layer", lambda view, row: row.name),
    "op": Column("operation", lambda view, row: operation(row)),
    "inputs": Column("inputs", lambda view, row: ", ".join(row.inputs)),
    "output": Column(
        "output", lambda view, row: shown(view.shape(row.output.shape)), sort=lambda view, row: row.output.elements,
        narrow=lambda view, row: "×".join(map(str, view.shape(row.output.shape))),
    ),
    "params": Column("params", lambda view, row: row.count.params, True),
    "trainable": Column("trainable", lambda view, row: row.count.trainable, True),
    "buffers": Column("buffers", lambda view, row: row.count.buffers, True),
    "macs": Column("MACs", lambda view, row: view.times(row.work).macs, True),
    "flops": Column("FLOPs", lambda view, row: view.times(row.work).flops, True),
    "activations": Column("activations", lambda view, row: view.times(row.work).activations, True),
    "connections": Column("connections", lambda view, row: row.work.connections, True),
    "receptive_field": Column("rec. field", lambda view, row: field_text(view.fields(row)), sort=_field_size),
}
"""Every column."""

DEFAULT_COLUMNS = ("name", "op", "output", "params", "macs")
