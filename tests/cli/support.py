"""Commands run within the test's own process."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from netspec.cli.main import main


class Said(NamedTuple):
    status: int
    out: str
    err: str


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> Said:
    """A command line: its exit status and what it printed."""
    capsys.readouterr()
    status = main(arguments)
    said = capsys.readouterr()
    return Said(status, said.out, said.err)
