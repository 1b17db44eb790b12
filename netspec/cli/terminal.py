"""What a command knows of the terminal: its width, and whether colour is welcome."""

from __future__ import annotations

import os
from typing import TextIO


def colour(stream: TextIO, choice: str = "auto") -> bool:
    """Whether to paint: only on a terminal, and never where NO_COLOR is set."""
    if choice != "auto":
        return choice == "always"
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width(stream: TextIO) -> int:
    """Columns of the terminal; 80 where there is none (COLUMNS overrides)."""
    given = os.environ.get("COLUMNS", "")
    if given.isdigit() and int(given) > 0:
        return int(given)
    if stream.isatty():
        try:
            return os.get_terminal_size(stream.fileno()).columns
        except OSError:
            return 80
    return 80
