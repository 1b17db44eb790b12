"""Names of classes: reads a file with one name per line, and finds the class for a command-line argument."""

from __future__ import annotations

import os
from collections.abc import Sequence

from netspec.diagnostics import Error, clean, clip
from netspec.files import read_input

from .see_errors import suggest_or_list

MAX_BYTES = 4 * 2**20
"""Maximum size of a file of names, in bytes."""


def read_class_names(path: str | os.PathLike[str], count: int) -> list[str]:
    """Reads the names of classes 0, 1, …, one per line; empty lines at the end are ignored.

    Raises:
        Error: NS816, the file cannot be read, or the number of lines is not the number of classes.
    """
    name = clean(os.fspath(path))
    try:
        data = read_input(path, MAX_BYTES + 1)
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        if isinstance(error, UnicodeDecodeError):
            reason = "it is not UTF-8"
        else:
            reason = (error.strerror or "unknown error").lower()
        raise Error("NS816", f"cannot read class names from '{name}': {reason}") from error
    if len(data) > MAX_BYTES:
        raise Error("NS816", f"cannot read class names from '{name}': it has more than {MAX_BYTES:,} bytes")
    lines = [clean(line.strip()) for line in text.rstrip().splitlines()]
    if len(lines) != count:
        raise Error(
            "NS816",
            f"'{name}' has {len(lines)} line{'s' if len(lines) != 1 else ''}; "
            f"it needs one name per line for each of the {count} classes of the network",
        )
    return lines


def class_number(word: str, names: Sequence[str] | None, count: int) -> int:
    """Returns the class with a name or number.

    Raises:
        Error: NS813, there is no such class.
    """
    if names is not None and word in names:
        return names.index(word)
    if word.isascii() and word.isdigit():
        if int(word[:20]) < count:
            return int(word)
        raise Error("NS813", f"there are classes 0 to {count - 1}; found {clip(word)}")
    if names is None:
        raise Error(
            "NS813",
            f"there is no class '{clip(word)}': classes are numbers, 0 to {count - 1}",
            "--classes FILE names them, one per line",
        )
    raise Error("NS813", f"there is no class '{clip(word)}'", suggest_or_list(word, names, "classes"))


def class_label(number: int, names: Sequence[str] | None) -> str:
    """Returns a label of a class: its number, followed by its name if that is not just the number."""
    return f"{number}" if names is None or names[number] == str(number) else f"{number} ({names[number]})"
