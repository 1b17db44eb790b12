"""A bar of progress: on a terminal, for what takes more than a second, and gone when it is over."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from netspec.cli import progress
from netspec.cli.main import main


class Terminal(io.StringIO):
    """Text that believes it is a terminal."""

    def isatty(self) -> bool:
        return True


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


def test_quiet(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with progress.ProgressBar("weights", quiet=True) as bar:
        clock.now += 5
        bar.update(1, 10)
    assert terminal.getvalue() == ""


def test_after_a_second(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with progress.ProgressBar("weights") as bar:
        clock.now += 0.9
        bar.update(1, 10)
        assert terminal.getvalue() == ""
        clock.now += 0.6
        bar.update(3, 10)
        clock.now += 0.05
        bar.update(4, 10)
        displayed = terminal.getvalue()
        assert displayed == f"\r\x1b[Kweights {'━' * 9}{'─' * 21}  30%, 4 s left", "and not a dozen times a second"
    assert terminal.getvalue() == f"{displayed}\r\x1b[K"


def test_not_for_what_is_quick(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with progress.ProgressBar("weights") as bar:
        bar.update(10, 10)
    assert terminal.getvalue() == ""


def test_not_into_a_file(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(sys, "stderr", file := io.StringIO())
    with progress.ProgressBar("weights") as bar:
        clock.now += 5
        bar.update(1, 10)
    assert file.getvalue() == ""


@pytest.mark.parametrize("options", [(), ("--external-data",)])
def test_of_a_long_export(
    options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, clock: Clock, tmp_path: Path
) -> None:
    """A file of which every piece takes a second."""

    def ticking(
        self: progress.ProgressBar, done: int, total: int, printed: Callable[..., None] = progress.ProgressBar.update
    ) -> None:
        clock.now += 1.5
        printed(self, done, total)

    monkeypatch.setattr(progress.ProgressBar, "update", ticking)
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    assert main(("export", "alexnet", "-o", str(tmp_path / "net.onnx"), *options)) == 0
    parts = [int(n) for n in re.findall(r"writing net\.onnx [━─]{30} +(\d+)%, \d+ s left", terminal.getvalue())]
    assert parts[-1] == 100
    assert parts == sorted(parts)
    assert len(parts) > 58, "61 million weights, in pieces of about a million"
    assert terminal.getvalue().endswith("\r\x1b[K")
