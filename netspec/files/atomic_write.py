"""Writing files atomically."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager, suppress
from io import BufferedWriter
from stat import S_IMODE, S_ISDIR

from . import hidden_files
from .errors import FileWriteError, os_reason
from .hidden_files import HiddenFile
from .interrupts import undo_on_signal
from .streams import descriptor_of, is_stream


def require_room(path: str | os.PathLike[str], size: int, help: str | None = None) -> None:
    """Check that the disk has room for a new file before it is computed and written; not possible for a stream.

    Args:
        path: the file.
        size: its size in bytes.
        help: advice for the user, if any.

    Raises:
        FileWriteError: the disk has less room.
    """
    if is_stream(path):
        return
    try:
        free = shutil.disk_usage(os.path.dirname(os.path.realpath(path))).free
    except (OSError, ValueError):  # opening the file will tell why
        return
    if size > free:
        raise FileWriteError(path, f"it would have {size:,} bytes, and the disk has room for {free:,}", help)


@contextmanager
def replace_file(path: str | os.PathLike[str]) -> Generator[BufferedWriter]:
    """Open a binary file that replaces ``path`` atomically if the block ends without an error.

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
    """Return the file that a path refers to, and the mode of an existing one. Raises FileWriteError."""
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
    """Create a file with a hidden name in the folder, which is removed if it still has that name at the end."""
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
    """Open a pipe, a device or an open descriptor for writing. Raises FileWriteError."""
    descriptor = descriptor_of(path)
    try:
        # A duplicate of an open descriptor writes where its owner is, and to sockets, too, which have no path.
        with open(path if descriptor is None else os.dup(descriptor), "wb") as file:
            yield file
    except OSError as error:
        raise _as_write_error(error, path, os.fspath(path)) from None


def _as_write_error(error: OSError, path: str | os.PathLike[str], opened: str) -> OSError | FileWriteError:
    """Return the error as one about ``path``.

    An error about another file, opened in the block, is returned unchanged.
    """
    if isinstance(error.filename, (str, bytes)) and error.filename != opened:
        return error
    return FileWriteError(path, os_reason(error))
