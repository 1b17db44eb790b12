"""Standard input, output and error of the process: their encoding, and the handling of closed streams."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import Final, TextIO

from ..output.characters import TEXT_ERRORS

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
        sys.stderr = os.fdopen(_open_null(2, os.O_WRONLY), "w", closefd=False)


def encode_output() -> None:
    """Write UTF-8 to pipes and files, also on Windows, whose default lacks box-drawing characters.

    A terminal keeps its encoding, and so does a process with PYTHONIOENCODING set. Characters missing in an encoding
    are
    written in ASCII.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            keep = stream.isatty() or "PYTHONIOENCODING" in os.environ
            stream.reconfigure(encoding=None if keep else "utf-8", errors=TEXT_ERRORS)


class _Messages(TextIOWrapper):
    """Standard error that drops messages it cannot write, which changes neither the exit status nor the output."""

    def write(self, text: str, /) -> int:
        try:
            count = super().write(text)
            self.flush()
        except OSError:
            _discard(self)
            return len(text)
        return count


def lose_messages() -> None:
    """Drop messages if standard error is a full disk or a closed pipe."""
    old = sys.stderr
    binary = open(old.fileno(), "wb", closefd=False)  # noqa: SIM115 - of the process, as long as that lives
    sys.stderr = _Messages(binary, old.encoding, old.errors, line_buffering=True)


def discard_output() -> None:
    """Discard buffered and future standard output, after an error that makes it unwritable."""
    _discard(sys.stdout)


def _discard(stream: TextIO) -> None:
    """Connect a stream to the null device."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)


def _open_null(descriptor: int, mode: int) -> int:
    """Open the null device with a given descriptor."""
    null = os.open(os.devnull, mode)
    if null != descriptor:
        os.dup2(null, descriptor)
        os.close(null)
    return descriptor
