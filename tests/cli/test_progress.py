"""A bar of progress: on a terminal, for what takes more than a second, and gone when it is over."""

from __future__ import annotations

import io
import sys

import pytest

from netspec.cli import progress


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


def test_after_a_second(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with progress.Bar("weights") as bar:
        clock.now += 0.9
        bar.to(1, 10)
        assert terminal.getvalue() == ""
        clock.now += 0.6
        bar.to(3, 10)
        clock.now += 0.05
        bar.to(4, 10)
        shown = terminal.getvalue()
        assert shown == f"\r\x1b[Kweights {'━' * 9}{'─' * 21}  30%, 4 s left", "and not a dozen times a second"
    assert terminal.getvalue() == f"{shown}\r\x1b[K"


def test_not_for_what_is_quick(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with progress.Bar("weights") as bar:
        bar.to(10, 10)
    assert terminal.getvalue() == ""


def test_not_into_a_file(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(sys, "stderr", file := io.StringIO())
    with progress.Bar("weights") as bar:
        clock.now += 5
        bar.to(1, 10)
    assert file.getvalue() == ""
