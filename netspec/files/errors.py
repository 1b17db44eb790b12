"""Errors of reading and writing files."""

from __future__ import annotations

import os
from typing import ClassVar

from ..diagnostics import Error, clean


class FileError(Error):
    """A file that cannot be used.

    Args:
        path: the file, as the user gave it.
        reason: what prevents it, in lower case.
        help: how to correct it, if known.
    """

    _CODE: ClassVar[str] = "NS705"
    _VERB: ClassVar[str] = "use"

    def __init__(self, path: str | os.PathLike[str], reason: str, help: str | None = None) -> None:
        self.path = os.fspath(path)
        self.reason = reason
        super().__init__(self._CODE, f"cannot {self._VERB} '{clean(self.path)}': {reason}", help)


class FileWriteError(FileError):
    """A file that cannot be written (NS705). A file of that name keeps its content."""

    _CODE = "NS705"
    _VERB = "write"


class FileReadError(FileError):
    """A file that cannot be read, or whose content is not what its extension says (NS706)."""

    _CODE = "NS706"
    _VERB = "read"


def os_reason(error: OSError) -> str:
    """Return the reason of an operating system's error, in lower case and without the path."""
    return (error.strerror or type(error).__name__).lower()
