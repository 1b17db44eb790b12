"""Reports: one renderer a file, from data to text. Nothing here prints, reads a terminal or knows the command line."""

from .columns import COLUMNS, DEFAULT_COLUMNS, Column
from .result import Result
from .selection import select
from .view import View

__all__ = ["COLUMNS", "DEFAULT_COLUMNS", "Column", "Result", "View", "select"]
