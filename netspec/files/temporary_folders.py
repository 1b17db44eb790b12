"""Folders of temporary files."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from . import hidden_files
from .errors import FileWriteError, os_reason
from .interrupts import undo_on_signal


@contextmanager
def temporary_folder() -> Generator[Path]:
    """Create a folder for temporary files, which is removed at the end, or if a signal ends the process."""
    from shutil import rmtree

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
    """Return the root of temporary folders.

    The standard library tests it with a file that a signal may leave behind.
    """
    named = [os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP")]
    for folder in (*named, "/tmp" if os.name == "posix" else None):
        if folder and os.path.isdir(folder) and os.access(folder, os.W_OK | os.X_OK):
            return os.path.abspath(folder)
    from tempfile import gettempdir

    return gettempdir()
