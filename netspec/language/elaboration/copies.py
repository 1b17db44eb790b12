"""The copies of a layer that ``repeat`` and ``each`` ask for: their places in the chain, and what they bind."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from ...diagnostics import LocatedError, clip
from ...ops.base import items_of
from ...text.reader import Map
from ..reading.functions import is_list, shown
from ..reading.layers import Layer, layer_name
from ..reading.values import Value
from .names import Level
from .nodes import Builder

Cells = dict[str, Any]
"""Columns, ``row`` and ``index``, by name."""


class Copy(NamedTuple):
    """One copy of a layer: names of its places in the chain, what ``each`` and ``repeat`` bind, and its number."""

    path: tuple[str, ...]
    cells: Cells
    number: int
    of: int
    first: bool
    """Whether ``first`` holds for it."""


class Copies(Builder):
    """A builder that knows of copies."""

    def copies(self, item: Layer, level: Level, cells: Cells) -> Iterator[Copy]:
        """The copies that ``each`` (outside) and ``repeat`` (inside) make; one where there is neither."""
        if item.each is None and item.repeat is None:
            yield Copy((), cells, 0, 1, True)
            return
        rows = list(self.rows(item, level, cells)) if item.each is not None else [("", cells)]
        made: list[tuple[tuple[str, ...], Cells, bool]] = []
        for key, row in rows:
            path: tuple[str, ...] = (key,) if item.each is not None else ()
            if item.repeat is None:
                made.append((path, row, True))
                continue
            count = self.count(item.repeat, level, row)
            self.step(count, item.location)
            made += [((*path, str(i)), {**row, "index": i}, i == 0) for i in range(count)]
        for number, (path, row, first) in enumerate(made):
            yield Copy(path, row, number, len(made), first)

    def count(self, repeat: Value, level: Level, cells: Cells) -> int:
        """The value of ``repeat``. Raises LocatedError NS410."""
        got = repeat.at(self.env(level, cells))
        if type(got) is float and got.is_integer():
            got = int(got)
        if type(got) is not int or got < 0:
            raise LocatedError(
                "NS410", f"repeat must be a whole number, 0 or more; found {shown(got)}", repeat.location
            )
        return got

    def rows(self, item: Layer, level: Level, cells: Cells) -> Iterator[tuple[str, Cells]]:
        """The rows of ``each``: their keys, and the cells with their columns and ``row``."""
        each = item.each
        assert each is not None
        got: Any = each.rows.at(self.env(level, cells))
        table: list[tuple[str, Any]]
        if type(got) is dict:
            table = [*got.items()]  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - of YAML
        elif is_list(got):
            table = [(str(i), r) for i, r in enumerate(items_of(got))]
        else:
            raise LocatedError(
                "NS411", f"rows must be a list or mapping of rows; found {shown(got)}", each.rows.location
            )
        self.step(len(table), each.location)
        for number, (key, row) in enumerate(table):
            if type(each.rows.node) is Map:
                layer_name(key, each.rows.location)
            values = [row] if each.alone else items_of(row)
            if each.columns and len(values) != len(each.columns):
                cells_ = f"{len(values)} cell{'s' if len(values) != 1 else ''}"
                raise LocatedError("NS412", f"row {clip(key)} has {cells_} for {len(each.columns)} columns "
                            f"({', '.join(each.columns)})", each.rows.location)
            yield key, {**cells, **dict(zip(each.columns, values, strict=False)), "row": number}
