"""The copies of a layer (``repeat`` and ``each``): their names in the chain, and the values that they bind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeAlias

from ...diagnostics import LocatedError, clip
from ...ops.argument import as_list
from ...shapes.sizes import is_named, require_known
from ...text.yaml_reader import Map
from ..reading.each_rows import Table
from ..reading.evaluation import Environment
from ..reading.expression_functions import describe_value, is_list
from ..reading.layers import Layer
from ..reading.references import check_layer_name
from ..reading.written_values import WrittenValue
from .budget import Budget
from .environment import Cells
from .names import Entry, LexicalScope

CELLS = 10
"""Number of cells around a repeated layer that cost one step in each of its copies."""

EnvironmentOf: TypeAlias = Callable[[Cells], Environment]
"""Returns the environment in which values within ``each`` are evaluated."""


class Copy(NamedTuple):
    """One copy of a layer."""

    path: tuple[str, ...]
    """Its names in the chain: row and number, only one of these, or none for a layer that is not repeated."""
    cells: Cells
    """Values bound by ``each`` and ``repeat``, of this layer and of enclosing ones."""
    number: int
    """Its position among all copies."""
    total: int
    is_first: bool
    """Whether the arguments under ``first`` apply to it."""
    parallel: bool = False
    """Whether its inputs are those of the first copy, instead of the previous copy."""

    @property
    def position(self) -> tuple[int, int] | None:
        """Its number and the total number in a chain; None if it is the only copy."""
        return (self.number, self.total) if self.total > 1 and not self.parallel else None

    @property
    def follows(self) -> bool:
        """Whether it reads the previous copy."""
        return self.number > 0 and not self.parallel


class Instance(NamedTuple):
    """A layer, or one copy of a repeated one."""

    layer: Layer
    """The layer as written."""
    name: str
    """Its full name."""
    scope: LexicalScope
    """The scope that contains it."""
    copy: Copy
    inputs: list[Entry]
    dtype: str | None = None
    """The floating-point type that the layer requests."""


def copies_of(
    layer: Layer, cells: Cells, environment: EnvironmentOf, budget: Budget, parallel: bool = False
) -> Iterator[Copy]:
    """Yields the copies of a layer: ``each`` is the outer loop, ``repeat`` the inner one; a single copy without both.

    All copies are charged first, and then generated lazily, because there may be a million.

    Args:
        layer: the layer as written.
        cells: values bound by enclosing layers.
        environment: returns the environment of its expressions.
        budget: is charged with every row and copy.
        parallel: whether the copies are parallel.

    Raises:
        LocatedError: NS410 to NS412, an invalid count or table.
        LimitError: the budget is exhausted.
    """
    if (layer.each is None and layer.repeat is None) or layer.route is not None:
        yield Copy((), cells, 0, 1, True)
        return
    rows: list[tuple[tuple[str, ...], Cells]] = [((), cells)]
    if layer.each is not None:
        rows = _rows(layer.each, cells, environment, budget)
    if layer.repeat is None:
        for number, (path, row) in enumerate(rows):
            yield Copy(path, row, number, len(rows), True, parallel)
        return
    counts = [copy_count(layer.repeat, environment(row)) for _, row in rows]
    total, number = sum(counts), 0
    budget.spend(total * (1 + len(rows[0][1]) // CELLS) if rows else 0, layer.location)
    for (path, row), count in zip(rows, counts, strict=True):
        for i in range(count):
            yield Copy((*path, str(i)), {**row, "index": i}, number, total, i == 0, parallel)
            number += 1


def copy_count(repeat: WrittenValue, environment: Environment) -> int:
    """Returns the value of ``repeat``. Raises LocatedError NS410."""
    count = repeat.evaluate(environment)
    if type(count) is float and count.is_integer():
        count = int(count)
    elif is_named(count):
        message = f"repeat must be a number, not a size that depends on named dimensions; found {count}"
        help = f"write a number, or give {' and '.join(dict.fromkeys(count.mentions()))} one in the shape of the input"
        count = require_known(count, lambda: LocatedError("NS410", message, repeat.location, help=help))
    if type(count) is not int or count < 0:
        message = f"repeat must be an integer, 0 or more; found {describe_value(count)}"
        raise LocatedError("NS410", message, repeat.location)
    return count


def _rows(each: Table, cells: Cells, environment: EnvironmentOf, budget: Budget) -> list[tuple[tuple[str, ...], Cells]]:
    """Returns the rows of a table: their names, and cells that bind their columns and ``row``."""
    location = each.rows.location
    rows = _named_rows(each.rows.evaluate(environment(cells)), location)
    budget.spend(len(rows) * (1 + len(cells) + len(each.columns)), each.location)
    bound: list[tuple[tuple[str, ...], Cells]] = []
    for number, (name, row) in enumerate(rows):
        if type(each.rows.node) is Map:
            check_layer_name(name, location)
        values = [row] if each.single else as_list(row)
        if each.columns and len(values) != len(each.columns):
            count = f"{len(values)} cell{'s' if len(values) != 1 else ''}"
            message = f"row {clip(name)} has {count} for {_columns(each.columns)}"
            raise LocatedError("NS412", message, location)
        named = {each.name: number} if each.name is not None else {}
        bound.append(((name,), {**cells, **dict(zip(each.columns, values, strict=False)), "row": number, **named}))
    return bound


def _named_rows(table: Any, location: int) -> list[tuple[str, Any]]:
    """Returns the rows with their names: the keys of a mapping, or numbers. Raises LocatedError NS411."""
    if type(table) is dict:
        return [*table.items()]  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - of YAML
    if is_list(table):
        return [(str(i), row) for i, row in enumerate(as_list(table))]
    raise LocatedError("NS411", f"rows must be a list or mapping of rows; found {describe_value(table)}", location)


def _columns(names: tuple[str, ...]) -> str:
    return f"{len(names)} column{'s' if len(names) != 1 else ''} ({', '.join(names)})"
