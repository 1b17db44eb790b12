"""Files that commands write."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from ..diagnostics import Error
from ..files import replacing

STANDARD = "-"
"""In place of a file's name: standard output."""


def write(path: str, text: str) -> None:
    """Write a text to a file in one step. Raises FileWriteError."""
    with replacing(path) as file:
        file.write(text.encode())


@contextmanager
def destination(name: str, ending: str) -> Generator[Path]:
    """Where to write: the file of that name; for ``-`` one with the ending, copied to standard output when it is whole.

    Raises:
        Error: NS712, files beside it, which standard output cannot take; bytes that are no text, on a terminal.
    """
    if name != STANDARD:
        yield Path(name)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"network{ending}")
        yield path
        if len(list(Path(folder).iterdir())) > 1:
            raise Error(
                "NS712", "standard output takes one file; the weights are a second one", "-o FILE, or --no-weights"
            )
        with path.open("rb") as file:
            if sys.stdout.isatty() and b"\0" in file.read(1 << 10):
                raise Error("NS712", f"what is written ({ending}) is no text, and this is a terminal",
                            "-o FILE, or > FILE")
            file.seek(0)
            shutil.copyfileobj(file, sys.stdout.buffer)
