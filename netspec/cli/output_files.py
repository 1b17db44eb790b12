"""Writes the output of commands to standard output or to files."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from ..diagnostics import Error, clean, clip
from ..files import FileWriteError, is_standard_output, is_stream, replace_file, temporary_folder
from ..output.terminal import character_set

__all__ = [
    "check_readable",
    "destination",
    "print_json",
    "print_report",
    "print_size",
    "print_text",
    "to_standard_output",
    "write_text",
]


def to_standard_output(name: str) -> bool:
    """Whether the name stands for standard output: ``-``, ``/dev/stdout``, ``/dev/fd/1``."""
    return name == "-" or is_standard_output(name)


def print_text(text: str) -> None:
    """Print a text without adding a newline, in the characters that standard output can show."""
    sys.stdout.write(character_set(sys.stdout).fit(text))


def print_report(text: str) -> None:
    """Print lines for human readers, as :func:`print_text`; hidden characters of names in them are replaced."""
    print_text("\n".join(map(clean, text.split("\n"))))


def print_json(text: str) -> None:
    """Print JSON; characters missing in the encoding are escaped, so that the data stay the same."""
    sys.stdout.write(character_set(sys.stdout).fit_json(text))


def write_text(name: str, text: str) -> None:
    """Write a text in UTF-8 to a file, which is replaced atomically, or to standard output. Raises FileWriteError."""
    if to_standard_output(name):
        sys.stdout.buffer.write(text.encode())
        return
    with replace_file(name) as file:
        file.write(text.encode())


@contextmanager
def destination(name: str, extension: str) -> Generator[Path]:
    """Yields the path for a name; for standard output a temporary file with the extension, which is copied at the end.

    Raises:
        Error: NS712: a second file for standard output; binary content for a terminal.
        FileWriteError: there is no room for the temporary file.
    """
    if not to_standard_output(name):
        yield Path(name)
        return
    with temporary_folder() as folder:
        path = folder / f"network{extension}"
        try:
            yield path
        except FileWriteError as error:
            raise FileWriteError(name, f"{error.reason}, in the folder of temporary files") from None
        if len(list(folder.iterdir())) > 1:
            message = "standard output takes one file, but the weights are a second one"
            raise Error("NS712", message, "use -o FILE, or --no-weights")
        with path.open("rb") as file:
            if sys.stdout.isatty() and b"\0" in file.read(1 << 10):
                raise Error(
                    "NS712", f"a binary file ({extension}) is not written to a terminal", "use -o FILE, or > FILE"
                )
            file.seek(0)
            shutil.copyfileobj(file, sys.stdout.buffer)


def check_readable(name: str, option: str) -> None:
    """Check that an option can read the file again after it is written. Raises Error NS712 for a pipe or a device."""
    if not to_standard_output(name) and is_stream(name):
        raise Error("NS712", f"'{clip(name, 200)}' cannot be read again, which {option} needs", "use -o FILE")


def print_size(path: Path, messages: TextIO) -> None:
    """Print the name and size of a written file; nothing for a pipe or a device, which has no size."""
    if not is_stream(path):
        print(f"{clean(path)}: {os.stat(path).st_size:,} bytes", file=messages)
