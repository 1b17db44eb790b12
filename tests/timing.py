"""Bounds on CPU time in tests."""

from __future__ import annotations

import sys
import time

TRACED = 4
"""How much longer a bound is while coverage is measured by tracing every line."""


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
