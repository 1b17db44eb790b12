"""Locations in the text of specs, and their encoding as integers in trees."""

from typing import NamedTuple

_COLUMN_BITS = 20
_LINE_BITS = 24


class Location(NamedTuple):
    """A position in a text: number of the file (see ``Graph.files``), line and column, from 1."""

    file: int
    line: int
    column: int


def pack(file: int, line: int, column: int) -> int:
    """Encodes a location as an integer (line and column from 0): trees of two million values store one each."""
    column = min(column, (1 << _COLUMN_BITS) - 1)
    return (file << (_LINE_BITS + _COLUMN_BITS)) | (line << _COLUMN_BITS) | column


def unpack(location: int) -> Location:
    """Decodes a location."""
    line = (location >> _COLUMN_BITS) & ((1 << _LINE_BITS) - 1)
    return Location(location >> (_LINE_BITS + _COLUMN_BITS), line + 1, (location & ((1 << _COLUMN_BITS) - 1)) + 1)
