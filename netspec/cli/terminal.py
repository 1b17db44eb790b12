"""The terminal: its width, and whether it shows colours."""

from __future__ import annotations

import os
from typing import TextIO

_DIGITS = 6
"""Longer values of COLUMNS are ignored."""


def use_colour(stream: TextIO, choice: str = "auto") -> bool:
    """Whether to colour the output: by default only on a terminal, and never if NO_COLOR is set."""
    if choice != "auto":
        return choice == "always"
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def terminal_width(stream: TextIO) -> int:
    """Columns of the terminal; 80 if there is none. COLUMNS overrides both."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isascii() and columns.isdigit() and len(columns) <= _DIGITS and int(columns) > 0:
        return int(columns)
    if stream.isatty():
        try:
            return os.get_terminal_size(stream.fileno()).columns
        except OSError:
            return 80
    return 80
