"""What commands write to standard output, and files in place of it."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from ..diagnostics import Error
from ..files import replace_file
from ..terminal import character_set

STANDARD_OUTPUT = "-"
"""The name that stands for standard output."""


def print_text(text: str) -> None:
    """Print a text that ends its last line itself, in the characters that standard output can show."""
    sys.stdout.write(character_set(sys.stdout).fit(text))


def print_json(text: str) -> None:
    """Print JSON: characters that the encoding lacks are escaped, so that it stays the same data."""
    sys.stdout.write(character_set(sys.stdout).fit_json(text))


def write_text(path: str, text: str) -> None:
    """Write a text to a file, which is replaced atomically. Raises FileWriteError."""
    with replace_file(path) as file:
        file.write(text.encode())


@contextmanager
def destination(name: str, extension: str) -> Generator[Path]:
    """The file of that name; for ``-`` a temporary one with the extension, copied to standard output at the end.

    Raises:
        Error: NS712: a second file, which standard output cannot take; binary content for a terminal.
    """
    if name != STANDARD_OUTPUT:
        yield Path(name)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"network{extension}")
        yield path
        if len(list(Path(folder).iterdir())) > 1:
            message = "standard output takes one file, but the weights are a second one"
            raise Error("NS712", message, "use -o FILE, or --no-weights")
        with path.open("rb") as file:
            if sys.stdout.isatty() and b"\0" in file.read(1 << 10):
                raise Error(
                    "NS712", f"a binary file ({extension}) is not written to a terminal", "use -o FILE, or > FILE"
                )
            file.seek(0)
            shutil.copyfileobj(file, sys.stdout.buffer)
