"""Writing files atomically, and the errors of reading and writing."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from io import BufferedWriter
from stat import S_IMODE, S_ISDIR, S_ISREG
from typing import ClassVar

from .diagnostics import Error, clean

__all__ = ["FileError", "FileReadError", "FileWriteError", "os_reason", "replace_file"]


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
    """The reason of an operating system's error, in lower case and without the path."""
    return (error.strerror or type(error).__name__).lower()


@contextmanager
def replace_file(path: str | os.PathLike[str]) -> Generator[BufferedWriter]:
    """A binary file that replaces ``path`` atomically if the block ends without an error.

    It is written under a hidden name in the same folder and removed if the block raises. The new file keeps the
    permissions of the old one, and a link is followed. A path that is not a regular file (``/dev/stdout``, a pipe) is
    written directly.

    Raises:
        FileWriteError: the file cannot be created, written or replaced.
    """
    target = os.path.realpath(path)
    try:
        old = os.stat(target)
    except FileNotFoundError:
        old = None
    except OSError as error:
        raise FileWriteError(path, os_reason(error)) from None
    if old is not None and S_ISDIR(old.st_mode):
        raise FileWriteError(path, "it is a folder")
    temporary = None
    if old is None or S_ISREG(old.st_mode):
        temporary = os.path.join(os.path.dirname(target), f".{os.urandom(8).hex()}.netspec")
    try:
        try:
            file = open(temporary or target, "xb" if temporary else "wb")  # noqa: SIM115 - closed by the with below
        except FileNotFoundError:
            raise FileWriteError(path, "its folder does not exist") from None
        except OSError as error:
            raise FileWriteError(path, os_reason(error)) from None
        with file:
            yield file
        if temporary:
            if old is not None:
                os.chmod(temporary, S_IMODE(old.st_mode))
            os.replace(temporary, target)
    except OSError as error:
        # An error of another file, opened within the block, carries its name and did not come from our file.
        if error.filename is not None and error.filename != temporary:
            raise
        raise FileWriteError(path, os_reason(error)) from None
    finally:
        if temporary:
            with suppress(OSError):
                os.unlink(temporary)
