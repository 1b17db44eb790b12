"""Running commands within the test process."""

from __future__ import annotations

import contextlib
import io
import sys
from typing import NamedTuple

from netspec.cli.main import main


class Output(NamedTuple):
    """What a command line printed, and its exit status."""

    status: int
    out: str
    err: str


def ran(*words: str, stdin: bytes | None = None) -> Output:
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
    return Output(status, out.getvalue(), err.getvalue())


def checked(*words: str) -> tuple[int, str]:
    """Exit status and output of ``netspec check``."""
    status, out, err = ran("check", *words)
    return status, out + err
