"""The terminal: its width, the characters that it shows, and whether it shows colours."""

from __future__ import annotations

import os
import sys
from typing import Any, TextIO

from .characters import CharacterSet

__all__ = ["character_set", "terminal_width", "use_colour", "use_escapes"]

_DIGITS = 6
"""Longer values of COLUMNS are ignored."""
_ESCAPE_SEQUENCES = 4
"""``ENABLE_VIRTUAL_TERMINAL_PROCESSING`` of Windows' ``SetConsoleMode``."""


def use_colour(stream: TextIO | None, choice: str = "auto") -> bool:
    """Whether to colour the output: by default only on a terminal, and never if NO_COLOR is set."""
    if choice != "auto":
        return choice == "always"
    return not os.environ.get("NO_COLOR") and use_escapes(stream)


def use_escapes(stream: TextIO | None) -> bool:
    """Whether the stream is a terminal that understands escape sequences."""
    return (
        stream is not None and stream.isatty() and not _dumb() and (sys.platform != "win32" or _enable_escapes(stream))
    )


def character_set(stream: object) -> CharacterSet:
    """What the stream can show: its encoding's characters, and none of our symbols if ``TERM`` is ``dumb``."""
    return CharacterSet(getattr(stream, "encoding", None) or "utf-8", not _dumb())


def terminal_width(stream: TextIO | None) -> int:
    """Columns of the terminal; 80 if there is none. COLUMNS overrides both."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isascii() and columns.isdigit() and len(columns) <= _DIGITS and int(columns) > 0:
        return int(columns)
    if stream is not None and stream.isatty():
        try:
            return os.get_terminal_size(stream.fileno()).columns or 80
        except OSError:
            return 80
    return 80


def _dumb() -> bool:
    return os.environ.get("TERM") == "dumb"


def _enable_escapes(stream: TextIO) -> bool:
    """Make a console of Windows interpret escape sequences; False for a legacy console, which prints them."""
    import ctypes
    from importlib import import_module

    windows: Any = ctypes
    kernel, runtime = windows.windll.kernel32, import_module("msvcrt")
    mode = ctypes.c_ulong()
    handle = runtime.get_osfhandle(stream.fileno())
    return bool(
        kernel.GetConsoleMode(handle, ctypes.byref(mode))
        and kernel.SetConsoleMode(handle, mode.value | _ESCAPE_SEQUENCES)
    )
