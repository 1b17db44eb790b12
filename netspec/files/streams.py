"""Pipes, devices and open descriptors, which are not regular files."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from io import BufferedReader
from stat import S_ISDIR, S_ISREG
from typing import Final

from .errors import FileReadError, os_reason

_STREAMS: Final = {"stdout": 1, "stderr": 2}


def is_stream(path: str | os.PathLike[str]) -> bool:
    """Whether the path is a pipe, a device or an open descriptor, which is written directly and only once."""
    if descriptor_of(path) is not None:
        return True
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return False
    return not (S_ISREG(mode) or S_ISDIR(mode))


def is_standard_output(path: str | os.PathLike[str]) -> bool:
    """Whether the path is another name of standard output, such as ``/dev/stdout``."""
    return descriptor_of(path) == 1


def descriptor_of(path: str | os.PathLike[str]) -> int | None:
    """Return the number of the open descriptor denoted by a path such as ``/dev/stdout`` or ``/dev/fd/63``."""
    folder, _, name = os.fspath(path).replace(os.sep, "/").rpartition("/")
    if folder == "/dev" and name in _STREAMS:
        return _STREAMS[name]
    if folder in ("/dev/fd", "/proc/self/fd") and name.isascii() and name.isdigit() and len(name) < 10:
        return int(name)
    return None


@contextmanager
def open_regular(path: str | os.PathLike[str]) -> Generator[BufferedReader]:
    """Open a regular file for reading; pipes and devices are rejected without waiting for them.

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
