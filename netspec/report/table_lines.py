"""The lines of a table for human readers: a tree of blocks in the order of the network, or a sorted list."""

from __future__ import annotations

from collections.abc import Sequence

from ..analysis.network_figures import Line, Row
from .row_selection import RowSelection
from .table_columns import COLUMNS

EACH = "(each)"
"""Start of the line with the figures of one copy."""
HEADINGS = ("block", "copies", "part")
"""Kinds of lines that have other lines below them."""
_NAMES = ("name", "inputs")
"""Columns in which equal copies may differ."""


def table_lines(selection: RowSelection, columns: Sequence[str]) -> list[Line]:
    """Returns the lines that show the rows of a selection in some columns.

    Equal copies are one heading with the sums of all, above the layers of one copy. They agree in every column shown,
    except names and inputs. Sorted rows are a list without headings, by their full names.
    """
    if not selection.in_order or not any("." in row.name for row in selection.analysis.layers):
        return [Line(row, row.name) for row in selection.rows]
    from ..analysis.outline import outline  # not needed by a network without dotted names

    compared = [COLUMNS[c] for c in columns if c not in _NAMES]

    def compared_values(row: Row) -> object:
        return [column.value(selection, row) for column in compared]

    return list(outline(selection.analysis, selection.depth, unfold=selection.unfold, compared=compared_values))


def line_name(line: Line) -> str:
    """Returns the text of a line in the column of names."""
    return f"{EACH} {line.label}".rstrip() if line.kind == "each" else line.label


def note(lines: Sequence[Line]) -> str:
    """Explains the figures of headings; empty if there are none."""
    if any(line.kind == "copies" for line in lines):
        return f"The figures of a block are sums; {EACH} and the lines below it show one of its equal copies."
    return "The figures of a block are sums." if any(line.kind == "block" for line in lines) else ""
