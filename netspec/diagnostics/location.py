"""Locations in the text of specs."""

from typing import NamedTuple


class Location(NamedTuple):
    """A position in a text: number of the file (see ``Graph.files``), line and column, from 1."""

    file: int
    line: int
    column: int
