"""Names of classes: a file with one a line, and what a word of the command line means by them."""

from __future__ import annotations

import os
from collections.abc import Sequence

from netspec.diagnostics import clean, clip

from .faults import fail, nearest_or_all

MOST_BYTES = 4 * 2**20
"""Bytes of a file of names that are read."""


def class_names(path: str | os.PathLike[str], count: int) -> list[str]:
    """Names of classes 0, 1, …, one a line; empty lines at the end do not count.

    Raises:
        Error: NS816, the file cannot be read, or has another number of lines than there are classes.
    """
    name = clean(os.fspath(path))
    try:
        with open(path, "rb") as file:
            data = file.read(MOST_BYTES + 1)
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else (error.strerror or "it fails").lower()
        fail("NS816", f"cannot read class names from '{name}': {why}")
    if len(data) > MOST_BYTES:
        fail("NS816", f"cannot read class names from '{name}': it has more than {MOST_BYTES:,} bytes")
    lines = [clean(line.strip()) for line in text.rstrip().splitlines()]
    if len(lines) != count:
        fail("NS816", f"'{name}' has {len(lines)} line{'s' if len(lines) != 1 else ''}; "
             f"the network has {count} classes, and a name for each stands on a line of its own")
    return lines


def class_number(word: str, names: Sequence[str] | None, count: int) -> int:
    """The class that a word means: its number, or its name.

    Raises:
        Error: NS813, there is no such class.
    """
    if names is not None and word in names:
        return names.index(word)
    if word.isascii() and word.isdigit():
        if int(word[:20]) < count:
            return int(word)
        fail("NS813", f"there are classes 0 to {count - 1}; found {clip(word)}")
    if names is None:
        fail("NS813", f"there is no class '{clip(word)}': classes are numbers, 0 to {count - 1}",
             "--classes FILE gives them names, one a line")
    return fail("NS813", f"there is no class '{clip(word)}'", nearest_or_all(word, names, "classes"))


def titled(number: int, names: Sequence[str] | None) -> str:
    """A class for a reader: its number, and its name where it has one that says more."""
    return f"{number}" if names is None or names[number] == str(number) else f"{number} ({names[number]})"
