"""Bounds on CPU time in tests."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager

TRACED = 4
"""How much longer a bound is while every line is traced, as by a debugger."""


@contextmanager
def frozen_heap() -> Generator[None]:
    """Keep the garbage collector from visiting what other tests hold: its time would be counted here."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


class Stopwatch:
    """The CPU seconds of this process since it was created."""

    def __init__(self) -> None:
        self.start = time.process_time()

    @property
    def seconds(self) -> float:
        """How many have passed."""
        return time.process_time() - self.start

    def within(self, seconds: float) -> bool:
        """Whether at most so many seconds have passed."""
        factor = TRACED if sys.gettrace() is not None else 1
        return self.seconds < seconds * factor
