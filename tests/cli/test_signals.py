"""Signals at any moment end a command at once: no message, no traceback, and no file that is incomplete."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of Unix")

ROOT = Path(__file__).resolve().parent.parent.parent
ENVIRONMENT = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'backends'}"}
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STARTED = (
    "import os, signal; signal.signal(2, signal.SIG_DFL); os.write(2, b'.'); from netspec.__main__ import run; run()"
)
"""Tells when the interpreter has started: before that, Python itself prints a traceback after Ctrl-C."""


@pytest.fixture(autouse=True)
def default_signals() -> Iterator[None]:
    """Signals that this process ignores, as below ``nohup``, would be ignored by the processes of a test, too."""
    ignored = [number for number in ENDING if signal.getsignal(number) == signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, signal.SIG_DFL)
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


def start(folder: Path, *words: str, temporary: Path | None = None, ignore: bool = False) -> subprocess.Popen[str]:
    """The program, running in that folder; with ``ignore`` as in the background of a script, which ignores Ctrl-C."""
    return subprocess.Popen(
        [*(("sh", "-c", "trap '' INT; exec \"$@\"", "sh") if ignore else ()), sys.executable, "-m", "netspec", *words],
        cwd=folder,
        env=ENVIRONMENT | ({"TMPDIR": str(temporary)} if temporary else {}),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def wait_for(what: Callable[[], object], process: subprocess.Popen[str]) -> None:
    """Wait until that is true of a process that is still running."""
    until = time.monotonic() + 60
    while not what():
        assert process.poll() is None, process.communicate(timeout=120)
        assert time.monotonic() < until
        time.sleep(0.001)


def is_writing(folder: Path) -> Callable[[], bool]:
    """Whether a file with some content has a hidden name."""
    return lambda: any(os.path.getsize(f) for f in folder.glob(".*.netspec") if f.exists())


@pytest.mark.parametrize("number", ENDING)
@pytest.mark.parametrize("output", ["vgg.safetensors", "vgg.onnx"])
def test_a_signal_while_a_file_is_written(output: str, number: signal.Signals, tmp_path: Path) -> None:
    (tmp_path / output).write_bytes(b"old")
    process = start(tmp_path, "export", "vgg16", "-o", output)
    wait_for(is_writing(tmp_path), process)
    process.send_signal(number)
    assert process.communicate(timeout=120) == ("", "")
    assert process.returncode == -number  # a shell reports 128 + number: 130, 143, 129
    assert [f.name for f in tmp_path.iterdir()] == [output]
    assert (tmp_path / output).read_bytes() == b"old"


def test_a_shell_reports_130_and_143(tmp_path: Path) -> None:
    line = '"$0" -m netspec check lenet5 --watch >/dev/null & sleep 0.3; kill -{0} $!; wait $!; echo $?'
    for name, status in (("TERM", "143"), ("HUP", "129")):
        done = subprocess.run(
            ["sh", "-c", line.format(name), sys.executable],
            env=ENVIRONMENT,
            text=True,
            capture_output=True,
            check=True,
            timeout=120,
        )
        assert done.stdout == f"{status}\n"


@pytest.mark.parametrize("number", ENDING)
def test_watching_ends_with_a_signal(number: signal.Signals, tmp_path: Path) -> None:
    process = start(tmp_path, "check", "lenet5", "--watch")
    assert process.stdout is not None
    assert any(line == "watching 1 file; Ctrl-C stops\n" for line in process.stdout)
    process.send_signal(number)
    assert process.communicate(timeout=120) == ("", "")
    assert process.returncode == -number


def test_an_ignored_signal_stays_ignored(tmp_path: Path) -> None:
    process = start(tmp_path, "export", "resnet@50", "-o", "net.safetensors", "--quiet", ignore=True)
    wait_for(is_writing(tmp_path), process)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=120) == ("", "")
    assert process.returncode == 0
    assert [f.name for f in tmp_path.iterdir()] == ["net.safetensors"]


@pytest.mark.parametrize("number", ENDING)
def test_the_temporary_file_for_standard_output(number: signal.Signals, tmp_path: Path) -> None:
    process = start(tmp_path, "export", "vgg16", "--to", "weights", "-o", "-", temporary=tmp_path)
    wait_for(lambda: list(tmp_path.iterdir()), process)
    process.send_signal(number)
    assert process.communicate(timeout=120) == ("", "")
    assert process.returncode == -number
    assert list(tmp_path.iterdir()) == []


def test_the_layout_program_ends_too(tmp_path: Path) -> None:
    program, pid = tmp_path / "dot", tmp_path / "pid"
    program.write_text(f"#!/bin/sh\necho $$ > {pid}.new; mv {pid}.new {pid}; exec sleep 100\n")
    program.chmod(0o755)
    environment = ENVIRONMENT | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    command = [sys.executable, "-m", "netspec", "draw", "lenet5", "--engine", "dot", "-o", str(tmp_path / "net.svg")]
    process = subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for(pid.exists, process)
    process.terminate()
    assert process.communicate(timeout=120) == ("", "")
    assert process.returncode == -signal.SIGTERM
    until = time.monotonic() + 10
    while _is_running(int(pid.read_text())):
        assert time.monotonic() < until
        time.sleep(0.01)


def _is_running(pid: int) -> bool:
    """Whether there is such a process that has not ended; one that nobody waits for stays as a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_killed_writer_leaves_a_file_that_the_next_one_removes(tmp_path: Path) -> None:
    """Whatever the next command writes there; the file of a writer that is alive stays."""
    killed, alive = (start(tmp_path, "export", "vgg16", "-o", f"{i}.safetensors") for i in range(2))
    try:
        for process in (killed, alive):
            wait_for(lambda: len([*tmp_path.glob(".*.netspec")]) == 2, process)
        alive.send_signal(signal.SIGSTOP)
        killed.kill()
        killed.communicate()
        assert len([*tmp_path.glob(".*.netspec")]) == 2
        done = start(tmp_path, "schema", "-o", "schema.json")
        assert (done.communicate(), done.returncode) == (("", ""), 0)
        assert len([*tmp_path.glob(".*.netspec")]) == 1
        alive.send_signal(signal.SIGTERM)
        alive.send_signal(signal.SIGCONT)
        assert alive.communicate() == ("", "")
        assert [f.name for f in tmp_path.iterdir()] == ["schema.json"]
    finally:
        for process in (killed, alive):
            process.kill()


@pytest.mark.parametrize(
    ("words", "files"),
    [
        ("check resnet@50", set[str]()),
        ("export resnet@18 -o net.py", {"net.py"}),
        ("export resnet@18 -o net.onnx --external-data", {"net.onnx", "net.onnx.data"}),
        ("export resnet@18 -o net.safetensors", {"net.safetensors"}),
        ("draw lenet5 -o net.svg", {"net.svg"}),
        ("new net.yaml", {"net.yaml", "netspec.schema.json"}),
        ("export resnet@18 --to weights -o -", set[str]()),
    ],
)
def test_random_moments(words: str, files: set[str], tmp_path: Path) -> None:
    moments = random.Random(words)
    for _ in range(5):
        number = moments.choice(ENDING)
        process = subprocess.Popen(
            [sys.executable, "-c", STARTED, *words.split()],
            cwd=tmp_path,
            env=ENVIRONMENT | {"TMPDIR": str(tmp_path)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert process.stderr is not None
        assert process.stderr.read(1) == b"."
        time.sleep(moments.uniform(0, 0.6))
        process.send_signal(number)
        assert process.communicate(timeout=120)[1] == b""
        assert process.returncode in (0, -number)
        left = {f.name for f in tmp_path.iterdir()}
        assert left <= files
        assert left != {"net.onnx.data"}
        for name in left:
            (tmp_path / name).unlink()
