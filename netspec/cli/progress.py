"""A progress bar on a terminal, for tasks that take more than a second."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from ..output.terminal import use_escapes

__all__ = ["ProgressBar", "StageLine"]

WIDTH = 30
PATIENCE = 1.0
"""Seconds before the bar appears."""


class ProgressBar:
    """A progress bar on standard error; nothing unless that is a terminal with escape sequences.

    Use as a context manager; :meth:`update` reports the amount done and the total.
    """

    def __init__(self, label: str, colour: bool = False, *, quiet: bool = False) -> None:
        self.label = label
        self.colour = colour
        self.start = time.monotonic()
        self.last_update = 0.0
        self.live = not quiet and use_escapes(sys.stderr)

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.last_update:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def update(self, done: int, total: int) -> None:
        """Show the amount done and the total."""
        now = time.monotonic()
        if not self.live or now - self.start < PATIENCE or now - self.last_update < 0.1:
            return
        self.last_update = now
        part = done / total if total else 1.0
        full = int(part * WIDTH)
        bar = "━" * full + "─" * (WIDTH - full)
        left = (now - self.start) / part * (1 - part) if part else 0.0
        sys.stderr.write(f"\r\x1b[K{self.label} {bar} {part:4.0%}, {left:.0f} s left")
        sys.stderr.flush()


class StageLine:
    """The current stage of a long command, on standard error; shown only on a terminal with escape sequences.

    Use as a context manager; :meth:`show` names the next stage.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self.live = not quiet and use_escapes(sys.stderr)

    def __enter__(self) -> StageLine:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.live:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def show(self, stage: str) -> None:
        """Show the name of the next stage."""
        if self.live:
            sys.stderr.write(f"\r\x1b[K{stage} …")
            sys.stderr.flush()
