"""Running commands within the test process."""

from __future__ import annotations

import contextlib
import io
import sys

from netspec.cli.main import main


def ran(*words: str, stdin: bytes | None = None) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of a command line."""
    out, err = io.StringIO(), io.StringIO()
    before = sys.stdin
    if stdin is not None:
        sys.stdin = io.TextIOWrapper(io.BytesIO(stdin))
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = main(words)
    finally:
        sys.stdin = before
    return status, out.getvalue(), err.getvalue()


def checked(*words: str) -> tuple[int, str]:
    """Exit status and output of ``netspec check``."""
    status, out, err = ran("check", *words)
    return status, out + err
