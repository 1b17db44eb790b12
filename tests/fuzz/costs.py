"""How much time and memory a check may take, for the work that it counts."""

from __future__ import annotations

import resource
import signal
import tracemalloc
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import process_time
from types import FrameType
from unittest.mock import patch

from netspec import limits
from netspec.checking import spec as spec_module
from netspec.language.elaboration.budget import Budget

SECONDS = 60.0
"""CPU time after which anything is ended: the largest spec that the limits allow needs less."""
SECONDS_LOWERED = 20.0
"""CPU time after which one step of lowering a small network is ended."""
BASE_SECONDS, BASE_MEMORY = 5.0, 256.0
"""CPU time and MiB for a check of anything."""
SHORT = 0.01
"""CPU time of a check that cannot take much memory: to clear 256 MiB takes longer. It takes time to ask for the memory."""
COSTS: dict[str, tuple[int, float, float]] = {
    "steps": (limits.STEPS, 40.0, 1792.0),
    "steps of expressions": (limits.ALL_EXPRESSION_STEPS, 10.0, 256.0),
    "bytes": (limits.FILE_BYTES, 10.0, 512.0),
}
"""The further CPU time and MiB for the most that the limits allow; for less, in proportion."""


class TimeLimitError(BaseException):
    """A step took too long; no ``except Exception`` must catch it."""


@contextmanager
def time_limit(seconds: float = SECONDS) -> Generator[None]:
    """Limit the CPU time of a block.

    Raises:
        TimeLimitError: within the block, after that many seconds of CPU time.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeLimitError(f"more than {seconds:g} s of CPU time")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@dataclass
class Usage:
    """What a check has taken."""

    seconds: float = 0.0
    memory: float = 0.0
    """MiB by which the largest memory of the process has risen, or that Python's objects have taken."""
    amounts: dict[str, int] = field(default_factory=dict[str, int])
    """How much there was of each of :data:`COSTS`."""

    def allowed(self) -> tuple[float, float]:
        """The CPU time, and the MiB, for these amounts."""
        shares = [(self.amounts[what] / most, seconds, memory) for what, (most, seconds, memory) in COSTS.items()]
        seconds = BASE_SECONDS + sum(share * more for share, more, _ in shares)
        return seconds, BASE_MEMORY + sum(share * more for share, _, more in shares)

    def excess(self) -> str | None:
        """What was too much for these amounts; None if nothing was."""
        seconds, memory = self.allowed()
        if self.seconds > seconds:
            return f"{self.seconds:.1f} s of CPU time, of {seconds:.1f} s"
        return f"{self.memory:.0f} MiB, of {memory:.0f} MiB" if self.memory > memory else None


_peaks = [resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]
"""KiB: the largest memory of the process, as it was at last."""


@contextmanager
def usage(size: int, *, traced: bool = False) -> Generator[Usage]:
    """Measures the checks of a text of so many bytes within the block.

    Args:
        size: the number of bytes.
        traced: whether to measure the memory of Python's objects in place of the CPU time, which then rises. The largest
            memory of the process tells little about a second check, because it never falls.
    """
    budgets: list[Budget] = []

    class Recorded(Budget):
        def __init__(self) -> None:
            super().__init__()
            budgets.append(self)

    out = Usage()
    if traced:
        tracemalloc.start()
    start = process_time()
    try:
        with patch.object(spec_module, "Budget", Recorded):
            yield out
    finally:
        seconds = process_time() - start
        if traced:
            out.memory = tracemalloc.get_traced_memory()[1] / 2**20
            tracemalloc.stop()
        elif seconds > SHORT:
            _peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
            out.memory = (_peaks[1] - _peaks.pop(0)) / 2**10
    out.seconds = 0.0 if traced else seconds
    counted = sum(b.steps for b in budgets), sum(b.expression_steps for b in budgets), size
    out.amounts = dict(zip(COSTS, counted, strict=True))
