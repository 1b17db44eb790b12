"""Standard input, output and error of the process: their encoding, and what happens when one is closed."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import Final

from ..characters import TEXT_ERRORS

CLOSED_PIPE: Final = 141
"""Exit status when the reader of standard output closed it early: 128 + SIGPIPE, as shells report it."""


def open_closed_streams() -> None:
    """Replace streams that the caller closed (``>&-``), so that no file opened later gets their descriptors.

    Reading from a closed standard input and writing to a closed standard output then fail with "bad file descriptor"
    when it is attempted; messages to a closed standard error are lost.
    """
    if sys.stdin is None:
        sys.stdin = os.fdopen(_open_null(0, os.O_WRONLY), "r")
    if sys.stdout is None:
        sys.stdout = os.fdopen(_open_null(1, os.O_RDONLY), "w")
    if sys.stderr is None:
        sys.stderr = os.fdopen(_open_null(2, os.O_WRONLY), "w")


def encode_output() -> None:
    """Write UTF-8 to pipes and files, also on Windows, whose default lacks the lines of tables.

    A terminal keeps its encoding, and so does a process for which PYTHONIOENCODING is set. What an encoding lacks is
    written in ASCII.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            keep = stream.isatty() or "PYTHONIOENCODING" in os.environ
            stream.reconfigure(encoding=None if keep else "utf-8", errors=TEXT_ERRORS)


def discard_output() -> None:
    """Send what standard output still holds, and all that follows, nowhere: after an error, it cannot be written."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)


def _open_null(descriptor: int, mode: int) -> int:
    """The null device, open under that descriptor."""
    null = os.open(os.devnull, mode)
    if null != descriptor:
        os.dup2(null, descriptor)
        os.close(null)
    return descriptor
