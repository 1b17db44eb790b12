"""Places in the text of specs."""

from typing import NamedTuple


class Place(NamedTuple):
    """Where something stands: number of the file (see ``Graph.files``), line and column, from 1."""

    file: int
    line: int
    column: int
