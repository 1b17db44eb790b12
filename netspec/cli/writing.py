"""Files that commands write."""

from __future__ import annotations

from ..diagnostics import Diagnostic, SpecError
from ..files import FileError, replacing


def write(path: str, text: str) -> None:
    """Write a text to a file in one step. Raises SpecError, with the code of what is in the way."""
    try:
        with replacing(path) as file:
            file.write(text.encode())
    except FileError as error:
        raise SpecError([Diagnostic(error.code, error.message, help=error.help)]) from None
