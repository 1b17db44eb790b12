"""Commands run within the test's own process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from netspec.cli.main import main

ROOT = Path(__file__).parents[2]


class Said(NamedTuple):
    status: int
    out: str
    err: str


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> Said:
    """A command line: its exit status and what it printed."""
    capsys.readouterr()
    status = main(arguments)
    return Said(status, *capsys.readouterr())


def in_a_process(*arguments: str, program: str = "netspec") -> Said:
    """The same as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", program, *arguments], capture_output=True, text=True, cwd=ROOT, check=False, timeout=60,
    )
    return Said(done.returncode, done.stdout, done.stderr)
