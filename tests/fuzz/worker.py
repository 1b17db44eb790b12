"""One process of the fuzzer: it makes the mutants of series, checks them, and reports what came of them."""

from __future__ import annotations

import gc
import resource
import time
import traceback
import warnings
import zlib
from collections import Counter
from collections.abc import Sequence
from itertools import count
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import NamedTuple

from .corpus import Seed, corpus, working_folder
from .costs import TimeLimitError
from .example_plugin import add_example_plugin
from .lowering import check_backends
from .oracles import THOROUGH, Checked, as_bytes, check_text
from .series import LENGTH, Mutant, Series
from .twin import Twin

MEMORY = 2 * 1024**3
"""Bytes that a worker may allocate beyond what it has when it starts."""
RECYCLED = 40
"""Series after which a worker ends, and another takes its place."""
RECYCLED_ABOVE = 1024**2
"""KiB of memory of a worker, above which it ends after its series."""
_REPORT_SECONDS = 1.0


class Task(NamedTuple):
    """What a worker needs to know."""

    seeds: Sequence[Seed]
    seed: int
    backends: bool
    until: float
    """The time (of the monotonic clock) at which to end."""


class Progress(NamedTuple):
    """What a worker has done since its last report."""

    counts: Counter[str]
    failures: list[tuple[int, str]]
    slowest: tuple[float, int]
    """Seconds, and the number of a mutant."""
    ended: bool = False
    """Whether its series is at its end."""
    leaves: bool = False
    """Whether the worker takes no further series."""


def mutant(seed: int, number: int, *, backends: bool, seeds: Sequence[Seed] | None = None) -> Mutant:
    """The mutant of that number. The mutants before it in its series are made and checked again."""
    series = Series(
        seeds if seeds is not None else corpus(backends=backends), seed, number // LENGTH, backends=backends
    )
    with working_folder():
        while True:
            created = series.mutant()
            if created.number == number:
                return created
            try:
                answer = check_text(created.text, thorough=False)
            except (Exception, TimeLimitError):
                continue
            series.learn(created, *answer)


def examine(text: str, folder: Path, twin: Twin | None = None, *, backends: bool = False) -> tuple[str, Checked | None]:
    """Check a text: what came of it (or the report of a failure), and the answer of the check."""
    choice = zlib.crc32(as_bytes(text)) // 64
    try:
        answer = check_text(text, thorough=choice % THOROUGH == 0)
        kind = "rejected" if answer.graph is None else "accepted"
        if backends and answer.graph is not None:
            kind = "lowered" if check_backends(answer.graph, folder, draw=choice % 4 == 0) else "shapes only"
        if twin is not None and choice % (4 * THOROUGH if not backends or kind != "lowered" else THOROUGH // 2) == 1:
            twin.compare(text)
        return kind, answer
    except (Exception, TimeLimitError):
        return traceback.format_exc(limit=-8), None


def work(task: Task, current: Synchronized[int], channel: Connection) -> None:
    """Check the series whose numbers come through the channel. ``current`` is the number of the mutant at hand."""
    warnings.simplefilter("ignore")
    add_example_plugin()
    _import_frameworks(backends=task.backends)
    used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, resource.RLIM_INFINITY))
    gc.freeze()
    with working_folder() as folder:
        twin = Twin(folder, backends=task.backends)
        try:
            for number in count(1):
                last = _run(task, channel.recv(), current, channel, folder, twin)
                large = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > RECYCLED_ABOVE * (1 + 2 * task.backends)
                leaves = large or number == RECYCLED or time.monotonic() > task.until
                channel.send(last._replace(ended=True, leaves=leaves))
                if leaves:
                    break
        finally:
            twin.close()


def _run(task: Task, index: int, current: Synchronized[int], channel: Connection, folder: Path, twin: Twin) -> Progress:
    """Check one series; return what has not been reported yet."""
    series = Series(task.seeds, task.seed, index, backends=task.backends)
    counts: Counter[str] = Counter()
    failures: list[tuple[int, str]] = []
    slowest = (0.0, 0)
    reported = time.monotonic()
    for _ in range(LENGTH):
        created = series.mutant()
        current.value = created.number
        start = time.process_time()
        kind, answer = examine(created.text, folder, twin, backends=task.backends)
        slowest = max(slowest, (time.process_time() - start, created.number))
        if answer is None:
            failures.append((created.number, f"{kind}\n{created.text}"))
            kind = "failed"
        else:
            series.learn(created, *answer)
        counts[kind] += 1
        now = time.monotonic()
        if now - reported > _REPORT_SECONDS or failures:
            channel.send(Progress(counts, failures, slowest))
            counts, failures, reported = Counter[str](), [], now
            if now > task.until:
                break
    return Progress(counts, failures, slowest)


def _import_frameworks(*, backends: bool) -> None:
    """Import the frameworks now, so that the limit on memory is on top of them. Forecasts of memory need PyTorch."""
    import torch

    torch.set_num_threads(1)
    if backends:
        import onnx
        import onnxruntime  # type: ignore[import-untyped]  # it has no types

        assert onnx
        assert onnxruntime
