"""Reports: one renderer per file, from data to text. Nothing here prints or depends on the command line."""

from .check_result import CheckResult
from .row_selection import RowSelection
from .select_rows import select_rows
from .table_columns import COLUMNS, DEFAULT_COLUMNS, Column, find_column

__all__ = ["COLUMNS", "DEFAULT_COLUMNS", "CheckResult", "Column", "RowSelection", "find_column", "select_rows"]
