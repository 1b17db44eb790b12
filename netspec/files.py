"""Writing files atomically, and the errors of reading and writing."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from io import BufferedReader, BufferedWriter
from pathlib import Path
from stat import S_IMODE, S_ISDIR, S_ISREG
from typing import TYPE_CHECKING, ClassVar, Final

from .diagnostics import Error, clean

if TYPE_CHECKING:
    from .hidden_files import HiddenFile

__all__ = [
    "FileError",
    "FileReadError",
    "FileWriteError",
    "is_standard_output",
    "is_stream",
    "open_regular",
    "os_reason",
    "replace_file",
    "require_room",
    "temporary_folder",
]

_STREAMS: Final = {"stdout": 1, "stderr": 2}


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


def is_stream(path: str | os.PathLike[str]) -> bool:
    """Whether the path is that of a pipe, a device or an open descriptor: it is written directly, and only once."""
    if _descriptor(path) is not None:
        return True
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return False
    return not (S_ISREG(mode) or S_ISDIR(mode))


def require_room(path: str | os.PathLike[str], size: int, help: str | None = None) -> None:
    """Check that the disk has room for a new file before it is computed and written; a stream has none to check.

    Args:
        path: the file.
        size: its bytes.
        help: what to do instead, if there is anything.

    Raises:
        FileWriteError: the disk has less room.
    """
    import shutil  # costs time, and only a command that writes needs it

    if is_stream(path):
        return
    try:
        free = shutil.disk_usage(os.path.dirname(os.path.realpath(path))).free
    except (OSError, ValueError):  # opening the file will tell why
        return
    if size > free:
        raise FileWriteError(path, f"it would have {size:,} bytes, and the disk has room for {free:,}", help)


def is_standard_output(path: str | os.PathLike[str]) -> bool:
    """Whether the path is another name of standard output, such as ``/dev/stdout``."""
    return _descriptor(path) == 1


@contextmanager
def open_regular(path: str | os.PathLike[str]) -> Generator[BufferedReader]:
    """A file, open for reading; a pipe or a device, which may never end, is rejected without waiting for it.

    Raises:
        FileReadError: the file cannot be opened, or is not a regular file.
        OSError: it cannot be read, within the block.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        raise FileReadError(path, "there is no such file") from None
    except OSError as error:
        raise FileReadError(path, os_reason(error)) from None
    except ValueError:
        raise FileReadError(path, "no file can have this name") from None
    mode = os.fstat(descriptor).st_mode
    if not S_ISREG(mode):
        os.close(descriptor)
        raise FileReadError(path, "it is a folder" if S_ISDIR(mode) else "it is not a regular file")
    with open(descriptor, "rb") as file:
        yield file


@contextmanager
def temporary_folder() -> Generator[Path]:
    """A new folder for temporary files, which is removed at the end, or if a signal ends the process."""
    from shutil import rmtree

    from . import hidden_files
    from .interrupts import undo_on_signal

    root = _temporary_root()
    hidden_files.remove_abandoned_folders(root)
    # Named before it is created, so that no signal can come between.
    folder = hidden_files.new_folder_name(root)
    lock = None

    def remove() -> None:
        rmtree(folder, ignore_errors=True)

    with undo_on_signal(remove):
        try:
            try:
                lock = hidden_files.create_folder(folder)
            except OSError as error:
                raise FileWriteError(folder, os_reason(error)) from None
            yield Path(folder)
        finally:
            remove()
            if lock is not None:
                os.close(lock)


def _temporary_root() -> str:
    """The folder of temporary files. The standard library tries it with a file, which a signal may leave behind."""
    named = [os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP")]
    for folder in (*named, "/tmp" if os.name == "posix" else None):
        if folder and os.path.isdir(folder) and os.access(folder, os.W_OK | os.X_OK):
            return os.path.abspath(folder)
    from tempfile import gettempdir

    return gettempdir()


@contextmanager
def replace_file(path: str | os.PathLike[str]) -> Generator[BufferedWriter]:
    """A binary file that replaces ``path`` atomically if the block ends without an error.

    It is written under a hidden name in the same folder and removed if the block raises, or if a signal ends the
    process. The new file keeps the permissions of the old one, and a link is followed. A path that is not a regular
    file (``/dev/stdout``, a pipe) is written directly.

    Raises:
        FileWriteError: the file cannot be created, written or replaced.
    """
    if is_stream(path):
        with _open_stream(path) as file:
            yield file
        return
    target, mode = _target(path)
    with _hidden_file(path, os.path.dirname(target)) as hidden:
        try:
            with hidden.file:
                yield hidden.file
            if mode is not None:
                os.chmod(hidden.name, S_IMODE(mode))
            os.replace(hidden.name, target)
        except OSError as error:
            raise _as_write_error(error, path, hidden.name) from None


def _target(path: str | os.PathLike[str]) -> tuple[str, int | None]:
    """The file that a path leads to, and the mode of the one that exists. Raises FileWriteError."""
    try:
        target = os.path.realpath(path)
        mode = os.stat(target).st_mode if os.path.lexists(target) else None
    except OSError as error:
        raise FileWriteError(path, os_reason(error)) from None
    except ValueError:
        raise FileWriteError(path, "no file can have this name") from None
    if mode is not None and S_ISDIR(mode):
        raise FileWriteError(path, "it is a folder")
    if mode is not None and not os.access(target, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        raise FileWriteError(path, "permission denied")
    return target, mode


@contextmanager
def _hidden_file(path: str | os.PathLike[str], folder: str) -> Generator[HiddenFile]:
    """A new file under a hidden name in the folder, which is removed if it still has that name at the end."""
    from . import hidden_files
    from .interrupts import undo_on_signal

    hidden_files.remove_abandoned(folder)
    hidden = None
    while hidden is None:
        name = hidden_files.new_name(folder)

        def remove(name: str = name) -> None:
            with suppress(OSError):
                os.unlink(name)

        with undo_on_signal(remove):
            try:
                try:
                    hidden = hidden_files.create(name)
                except FileNotFoundError:
                    raise FileWriteError(path, "its folder does not exist") from None
                except OSError as error:
                    raise FileWriteError(path, os_reason(error)) from None
                if hidden is not None:
                    yield hidden
            finally:
                remove()
                if hidden is not None and hidden.lock is not None:
                    os.close(hidden.lock)


@contextmanager
def _open_stream(path: str | os.PathLike[str]) -> Generator[BufferedWriter]:
    """A pipe, a device or an open descriptor, open for writing. Raises FileWriteError."""
    descriptor = _descriptor(path)
    try:
        # A duplicate of an open descriptor writes where its owner is, and to sockets, too, which have no path.
        with open(path if descriptor is None else os.dup(descriptor), "wb") as file:
            yield file
    except OSError as error:
        raise _as_write_error(error, path, os.fspath(path)) from None


def _as_write_error(error: OSError, path: str | os.PathLike[str], opened: str) -> OSError | FileWriteError:
    """The error as one of ``path``. An error of another file, opened within the block, stays what it is."""
    if isinstance(error.filename, (str, bytes)) and error.filename != opened:
        return error
    return FileWriteError(path, os_reason(error))


def _descriptor(path: str | os.PathLike[str]) -> int | None:
    """The number of the open descriptor that a path such as ``/dev/stdout`` or ``/dev/fd/63`` stands for."""
    folder, _, name = os.fspath(path).replace(os.sep, "/").rpartition("/")
    if folder == "/dev" and name in _STREAMS:
        return _STREAMS[name]
    if folder in ("/dev/fd", "/proc/self/fd") and name.isascii() and name.isdigit() and len(name) < 10:
        return int(name)
    return None
