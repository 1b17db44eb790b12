"""Writing files so that an old one stays whole until the new one is, and the errors of reading and writing."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from io import BufferedWriter
from stat import S_IMODE, S_ISDIR, S_ISREG

from .diagnostics import Error, clean


class FileError(Error):
    """A file that cannot be used.

    Args:
        path: the file, as the user gave it.
        reason: what prevents it, in lower case.
        help: how to correct it, if known.
    """

    CODE = "NS705"
    VERB = "use"

    def __init__(self, path: str | os.PathLike[str], reason: str, help: str | None = None) -> None:
        self.path = os.fspath(path)
        self.reason = reason
        super().__init__(self.CODE, f"cannot {self.VERB} '{clean(self.path)}': {reason}", help)


class FileWriteError(FileError):
    """A file that cannot be written (NS705). A file of that name keeps its content."""

    CODE = "NS705"
    VERB = "write"


class FileReadError(FileError):
    """A file that cannot be read, or whose content is not what its extension says (NS706)."""

    CODE = "NS706"
    VERB = "read"


def why(error: OSError) -> str:
    """The reason of an operating system's error, in lower case and without the path."""
    return (error.strerror or type(error).__name__).lower()


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Generator[BufferedWriter]:
    """A binary file that takes the place of ``path`` when the block ends well, in one step.

    It is written in the same folder under a hidden name, which goes away when the block raises; the new file keeps
    the permissions of the old one. A link is followed. What is no regular file (``/dev/stdout``, a pipe) is written
    directly.

    Raises:
        FileWriteError: the file cannot be made, written or put in its place.
    """
    target = os.path.realpath(path)
    try:
        found = os.stat(target)
    except FileNotFoundError:
        found = None
    except OSError as error:
        raise FileWriteError(path, why(error)) from None
    if found is not None and S_ISDIR(found.st_mode):
        raise FileWriteError(path, "it is a folder")
    aside = None
    if found is None or S_ISREG(found.st_mode):
        aside = os.path.join(os.path.dirname(target), f".{os.urandom(8).hex()}.netspec")
    try:
        try:
            file = open(aside or target, "xb" if aside else "wb")  # noqa: SIM115 - closed by the with below
        except FileNotFoundError:
            raise FileWriteError(path, "its folder does not exist") from None
        except OSError as error:
            raise FileWriteError(path, why(error)) from None
        with file:
            yield file
        if aside:
            if found is not None:
                os.chmod(aside, S_IMODE(found.st_mode))
            os.replace(aside, target)
    except OSError as error:
        # An error of another file, opened within the block, has that file's name and is none of ours.
        if error.filename is not None and error.filename != aside:
            raise
        raise FileWriteError(path, why(error)) from None
    finally:
        if aside:
            with suppress(OSError):
                os.unlink(aside)
