"""Hidden files, which a writer renames once they are complete, and folders of temporary files.

A killed process leaves them behind. The next process in the same folder removes them, once a lock proves that their
owner has ended: the system releases the locks of a process however it ends.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
from contextlib import suppress
from io import BufferedWriter
from stat import S_ISREG
from typing import Final, NamedTuple

if sys.platform != "win32":
    import fcntl

_NAME: Final = re.compile(r"\.[0-9a-f]{16}\.netspec")
_FOLDER: Final = re.compile(r"netspec-[0-9a-f]{16}")
_IDLE: Final = 60.0
"""Without locks (Windows), seconds without a change after which a file that is not open is considered abandoned."""


class HiddenFile(NamedTuple):
    """A new file that is open for writing."""

    name: str
    file: BufferedWriter
    lock: int | None
    """A descriptor that holds the lock, to be closed after the file is renamed or removed."""


def new_name(folder: str) -> str:
    """Return an unused name."""
    return os.path.join(folder, f".{os.urandom(8).hex()}.netspec")


def create(name: str) -> HiddenFile | None:
    """Create and lock the file; None if another process has removed it before it was locked.

    Raises:
        OSError: it cannot be created.
    """
    file = open(name, "xb")  # noqa: SIM115 - closed by the caller
    if sys.platform == "win32":
        return HiddenFile(name, file, None)
    try:
        lock = os.dup(file.fileno())
        with suppress(OSError):  # a file system without locks: nobody else can lock the file, either
            fcntl.flock(lock, fcntl.LOCK_EX)
        if _is_at(lock, name):
            return HiddenFile(name, file, lock)
        os.close(lock)
    except BaseException:
        file.close()
        raise
    file.close()
    return None


def remove_abandoned(folder: str) -> None:
    """Remove the hidden files whose writer has ended. Files that cannot be removed stay."""
    with suppress(OSError), os.scandir(folder) as entries:
        names = [entry.path for entry in entries if _NAME.fullmatch(entry.name)]
        for name in names:
            with suppress(OSError):
                _remove_if_abandoned(name)


def new_folder_name(root: str) -> str:
    """Return an unused name for a folder of temporary files."""
    return os.path.join(root, f"netspec-{os.urandom(8).hex()}")


def create_folder(name: str) -> int | None:
    """Create a folder of temporary files; return a descriptor that holds its lock, or None if locks are unavailable.

    Raises:
        OSError: it cannot be created.
    """
    os.mkdir(name, 0o700)
    if sys.platform == "win32":
        return None
    lock = os.open(name, os.O_RDONLY | os.O_CLOEXEC)
    with suppress(OSError):
        fcntl.flock(lock, fcntl.LOCK_EX)
    if not _is_at(lock, name):  # another process has removed it before it was locked
        os.close(lock)
        return create_folder(name)
    return lock


def remove_abandoned_folders(root: str) -> None:
    """Remove this user's folders of temporary files whose process has ended; does nothing without locks."""
    if sys.platform == "win32":
        return
    with suppress(OSError), os.scandir(root) as entries:
        names = [entry.path for entry in entries if _FOLDER.fullmatch(entry.name)]
        for name in names:
            with suppress(OSError):
                _remove_folder_if_abandoned(name)


if sys.platform == "win32":

    def _remove_if_abandoned(name: str) -> None:
        """Remove a file that has not changed recently; Windows does not remove one that is open."""
        status = os.lstat(name)
        if S_ISREG(status.st_mode) and time.time() - status.st_mtime > _IDLE:
            os.unlink(name)

else:

    def _remove_if_abandoned(name: str) -> None:
        """Remove a file whose lock is free. Raises BlockingIOError for one that is being written."""
        descriptor = os.open(name, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if S_ISREG(os.fstat(descriptor).st_mode):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if _is_at(descriptor, name):
                    os.unlink(name)
        finally:
            os.close(descriptor)

    def _remove_folder_if_abandoned(name: str) -> None:
        """Remove a folder whose lock is free. Raises BlockingIOError for one that is in use."""
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            if os.fstat(descriptor).st_uid == os.geteuid():
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(name, ignore_errors=True)
        finally:
            os.close(descriptor)


def _is_at(descriptor: int, name: str) -> bool:
    """Whether a name still refers to the open file."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(name))
    except FileNotFoundError:
        return False
