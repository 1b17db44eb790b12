"""Reading files that may be pipes or devices, in bounded time and memory."""

from __future__ import annotations

import errno
import os
from stat import S_ISDIR, S_ISFIFO, S_ISREG

PATIENCE = 5.0
"""Seconds to wait for a process to write into a named pipe."""


def read_input(path: str | os.PathLike[str], limit: int, *, regular: bool = False) -> bytes:
    """Return the first bytes of a file, a pipe or a device, at most ``limit``.

    Reading a named pipe starts when a process writes into it, and then waits for its end as for standard input.

    Args:
        path: the file.
        limit: maximum number of bytes to read, as devices may be endless.
        regular: whether pipes and devices are rejected.

    Raises:
        OSError: it cannot be read; ``strerror`` is the reason.
        ValueError: no file can have this name.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
    try:
        mode = os.fstat(descriptor).st_mode
        start = b""
        if not S_ISREG(mode):
            if S_ISDIR(mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            if regular:
                raise OSError(errno.EINVAL, "it is not a regular file")
            if S_ISFIFO(mode) and not os.path.realpath(path).startswith(("/proc/", "/dev/")):
                start = _first_bytes(descriptor)
            os.set_blocking(descriptor, True)
        with open(descriptor, "rb", closefd=False) as file:
            return start + file.read(limit - len(start))
    finally:
        os.close(descriptor)


def _first_bytes(descriptor: int) -> bytes:
    """Return the bytes in a pipe opened without blocking; empty if its writer has written nothing yet."""
    import time

    until = time.monotonic() + PATIENCE
    while True:
        try:
            start = os.read(descriptor, 4096)
        except BlockingIOError:
            return b""
        if start:
            return start
        if time.monotonic() > until:  # end of file: no process has opened it for writing
            raise OSError(errno.EPIPE, "no process writes into this pipe")
        time.sleep(0.01)
