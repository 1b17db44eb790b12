"""Tables as written: the value of ``each``."""

from __future__ import annotations

from typing import NamedTuple

from ...diagnostics import LocatedError, clip
from ...text.yaml_reader import List, Text, Tree
from .records import Report, TableRecord, describe, read_record, require_mapping
from .written_values import WrittenValue, read_value

_NAME_OF_ROW = frozenset(("as",))
"""A Python keyword, which cannot be a field of a record."""
_BOUND = ("index", "row", "incoming")
"""Names bound in copies, which columns cannot have."""


class Table(NamedTuple):
    """The value of ``each``."""

    columns: tuple[str, ...]
    single: bool
    """Whether it has one column, written without a list, so that its rows are cells."""
    rows: WrittenValue
    location: int
    name: str | None = None
    """The name of the row's number, besides ``row``."""


def read_table(node: Tree, report: Report) -> Table | None:
    """Read the value of ``each``; None if a problem with it is reported. Raises LocatedError."""
    entries = require_mapping(node, "each")
    record = read_record(TableRecord, entries, "'each'", report, skip=_NAME_OF_ROW)
    if record is None:
        return None
    columns: Tree | None = record.columns
    names: dict[str, None] = {}
    for item in [] if columns is None else columns.items if type(columns) is List else [columns]:
        if type(item) is not Text or type(item.value) is not str or not item.value.isidentifier():
            raise LocatedError("NS203", f"a column is a name; found {describe(item)}", item.location)
        if item.value in names or item.value in _BOUND:
            raise LocatedError("NS211", f"the column '{clip(item.value)}' has a name that is taken", item.location)
        names[item.value] = None
    alias, name = entries.get("as"), None
    if alias is not None:
        name = alias.value if type(alias) is Text else None
        if type(name) is not str or not name.isidentifier():
            raise LocatedError("NS203", f"'as' names the row; found {describe(alias)}", alias.location)
        if name in names or name in _BOUND:
            raise LocatedError("NS211", f"'as' gives the row a name that is taken: '{clip(name)}'", alias.location)
    return Table(tuple(names), type(columns) is Text, read_value(record.rows), node.location, name)
