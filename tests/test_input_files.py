"""Specs and used files that are pipes, devices or folders: answered in bounded time and memory."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from netspec.files import input_files, read_input
from tests.cli_support import ran

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes and devices of Unix")

ROOT = Path(__file__).resolve().parents[1]
SPEC = "{netspec: 1, name: x, input: [1], layers: [relu]}"


@pytest.fixture
def pipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A named pipe in the current folder."""
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.yaml")
    return Path("pipe.yaml")


def write_into(path: Path, *parts: bytes, pause: float = 0.1) -> threading.Thread:
    """Writes into a pipe, in parts."""

    def write() -> None:
        with open(path, "wb", buffering=0) as file:
            for part in parts:
                time.sleep(pause)
                file.write(part)

    thread = threading.Thread(target=write)
    thread.start()
    return thread


def test_a_pipe_that_no_process_writes_into(pipe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(input_files, "PATIENCE", 0.05)
    assert ran("check", str(pipe)) == (
        1,
        "error[NS109]: the file cannot be read: no process writes into this pipe\n --> pipe.yaml\n\n1 error\n",
        "",
    )


@pytest.mark.parametrize("command", ["check", "expand"])
def test_a_pipe_is_a_spec(command: str, pipe: Path) -> None:
    """Its writer may be slow, and may come later."""
    thread = write_into(pipe, SPEC[:10].encode(), SPEC[10:].encode())
    assert ran(command, str(pipe)).status == 0
    thread.join()


def test_a_pipe_is_read_once(pipe: Path) -> None:
    """A written file does not look at the spec again; neither does the search for suggestions."""
    thread = write_into(pipe, SPEC.encode())
    assert ran("export", str(pipe), "-o", "x.onnx", "--quiet") == (0, "", "")
    thread.join()
    thread = write_into(pipe, SPEC.encode())
    assert ran("draw", str(pipe), "-o", "x.html", "--quiet") == (0, "", "")
    thread.join()
    thread = write_into(pipe, SPEC.replace("relu", "relo").encode())
    status, out, _ = ran("check", str(pipe))
    assert status == 1
    assert "did you mean 'relu'?" in out
    thread.join()


def test_process_substitution() -> None:
    line = f"{sys.executable} -m netspec expand <(sleep 0.2; echo '{SPEC}'); {sys.executable} -m netspec check <(true)"
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(["bash", "-c", line], env=env, capture_output=True, text=True, check=False)
    assert "netspec: 1\nname: x\n" in done.stdout
    assert "error[NS110]: the file is empty" in done.stdout


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("/dev/zero", "error[NS901]: the file is larger than 10 MB\n --> /dev/zero\n"),
        ("/dev/null", "error[NS110]: the file is empty: a spec begins with 'netspec: 1'\n --> /dev/null\n"),
        ("folder", "error[NS109]: the file cannot be read: is a directory\n --> folder\n"),
        ("loop.yaml", "error[NS109]: the file cannot be read: too many levels of symbolic links\n --> loop.yaml\n"),
    ],
)
def test_devices_and_folders(name: str, message: str, pipe: Path) -> None:
    Path("folder").mkdir()
    Path("loop.yaml").symlink_to("loop.yaml")
    status, out, err = ran("check", name)
    assert (status, err) == (1, "")
    assert out.startswith(message)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("pipe.yaml", "it is not a regular file"),
        ("folder", "is a directory"),
        ("loop.yaml", "too many levels of symbolic links"),
    ],
)
def test_used_files(name: str, reason: str, pipe: Path) -> None:
    Path("folder").mkdir()
    Path("loop.yaml").symlink_to("loop.yaml")
    Path("x.yaml").write_text(f"{{netspec: 1, use: {name}, input: [1], layers: [relu]}}")
    status, out, err = ran("check", "x.yaml")
    assert (status, err) == (1, "")
    assert out == (
        f"error[NS109]: {name}: the file cannot be read: {reason}\n --> x.yaml:1:19\n  |\n"
        f"1 | {{netspec: 1, use: {name}, input: [1], layers: [relu]}}\n  |                   {'^' * len(name)}\n\n1 error\n"
    )


def test_a_used_file_that_is_a_link_to_a_device(pipe: Path) -> None:
    Path("zero.yaml").symlink_to("/dev/zero")
    Path("x.yaml").write_text("{netspec: 1, use: zero.yaml, input: [1], layers: [relu]}")
    assert "files under 'use' must be in the spec's folder or below" in ran("check", "x.yaml").out


def test_the_limit(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    assert read_input(tmp_path / "file", 3) == b"123"
    assert read_input("/dev/zero", 3) == b"\0\0\0"
    with pytest.raises(OSError, match="it is not a regular file"):
        read_input("/dev/zero", 3, regular=True)
