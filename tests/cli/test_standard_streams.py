"""Standard streams that are full, closed, or read only in part: one line and an exit status, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = (sys.executable, "-m", "netspec")
COMMANDS = (
    "check lenet5",
    "check lenet5 --format json",
    "check tests/invalid/many.yaml",
    "export lenet5 --to torch -o -",
    "draw lenet5 -o -",
    "explain NS704",
    "expand lenet5",
    "schema",
    "--version",
    "check --help",
)
UNIX = pytest.mark.skipif(os.name != "posix", reason="descriptors and signals of Unix")


def errors_of(command: str, stdout: int) -> tuple[int, str]:
    """Exit status and standard error of a command."""
    done = subprocess.run(
        [*PROGRAM, *command.split()], cwd=ROOT, check=False, text=True, stdout=stdout, stderr=subprocess.PIPE
    )
    return done.returncode, done.stderr


def shell(command: str) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of a line of shell, in which ``netspec`` is this program."""
    line = command.replace("netspec", " ".join(PROGRAM))
    done = subprocess.run(["sh", "-c", line], cwd=ROOT, check=False, text=True, capture_output=True)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no device that is always full")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_device(command: str) -> None:
    with open("/dev/full", "wb") as full:
        status, errors = errors_of(command, stdout=full.fileno())
    assert (status, errors) == (1, "netspec: cannot write to standard output: no space left on device\n")


@UNIX
@pytest.mark.parametrize("command", ["check lenet5", "check tests/invalid/many.yaml", "draw lenet5 -o -"])
def test_a_reader_that_has_closed_the_pipe(command: str) -> None:
    """As with ``| head -1`` under pipefail: neither 0, nor a message."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        assert errors_of(command, stdout=writer) == (141, "")
    finally:
        os.close(writer)


@UNIX
@pytest.mark.parametrize(
    ("command", "status", "errors"),
    [
        ("netspec check lenet5 >&-", 1, "netspec: cannot write to standard output: bad file descriptor\n"),
        ("netspec expand - <&-", 1, "error[NS706]: cannot read standard input: bad file descriptor\n"),
        ("netspec zoo show >&-", 2, "netspec zoo: `show` needs the name of a network\n"),
        ("netspec zoo show 2>&-", 2, ""),
        ("netspec check lenet5 >/dev/null 2>&-", 0, ""),
    ],
)
def test_closed_streams(command: str, status: int, errors: str) -> None:
    assert shell(command) == (status, "", errors)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no device that is always full")
@pytest.mark.parametrize(
    ("command", "status"),
    [("zoo show", 2), ("frobnicate", 2), ("check", 2), ("check --help", 0), ("export lenet6 -o x.py", 1)],
)
def test_messages_that_cannot_be_written_change_no_status(command: str, status: int) -> None:
    assert shell(f"netspec {command} 2>/dev/full >/dev/null")[0] == status
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [*PROGRAM, *command.split()], cwd=ROOT, check=False, stdout=subprocess.PIPE, stderr=writer
        )
    finally:
        os.close(writer)
    assert done.returncode == status


@UNIX
def test_a_command_without_output_accepts_a_closed_standard_output(tmp_path: Path) -> None:
    file = tmp_path / "lenet5.dot"
    assert shell(f"netspec draw lenet5 --quiet -o {file} >&-") == (0, "", "")
    assert file.read_text(encoding="utf-8").startswith("digraph")
