"""The fuzzer: ``python -m tests.fuzz --seconds 60 --seed 1``, or ``--count N``, or ``--hours 8``; ``--backends``.

Specs are mutated and checked in worker processes, whose memory is limited, and which are ended when they make no
progress. A failure is printed with its spec; the exit status is then 1. ``--show N`` prints one mutant again.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter
from itertools import count
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from .corpus import corpus
from .example_plugin import add_example_plugin
from .series import LENGTH
from .twin import HASH_SEEDS
from .worker import Progress, Task, mutant, work

PATIENCE = 120
"""Seconds of CPU time without progress after which a worker is ended."""
WALL = 1800
"""Seconds of wall time after which it is: it may wait for something, or for a busy machine."""
MINUTE = 60


def cpu_seconds(pid: int) -> float:
    """The CPU time of a process so far; 0 if it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Worker:
    """A worker process as the fuzzer sees it."""

    def __init__(self, context: Any, task: Task) -> None:
        self.channel, theirs = context.Pipe()
        self.current = context.Value("q", -1)
        self.process = context.Process(target=work, args=(task, self.current, theirs), daemon=True)
        self.process.start()
        theirs.close()
        self.seen = (-1, time.monotonic(), 0.0)
        """The mutant that it was last seen at, and the wall and CPU time when that was first so."""
        self.running = False
        """Whether it has a series."""

    def hangs(self) -> bool:
        """Whether it has been at the same mutant for too long."""
        wall, cpu = time.monotonic(), cpu_seconds(self.process.pid)
        if self.current.value != self.seen[0] or not self.running:
            self.seen = (self.current.value, wall, cpu)
        return cpu - self.seen[2] > PATIENCE or wall - self.seen[1] > WALL

    def end(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.join()
        self.channel.close()


class Fuzzer:
    """Workers, and what they have found."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.context = multiprocessing.get_context("spawn")
        self.start = self.printed = time.monotonic()
        seconds = args.seconds + 3600 * args.hours
        until = self.start + seconds if args.count is None else float("inf")
        self.task = Task(corpus(backends=args.backends), args.seed, args.backends, until)
        self.series = count(args.first // LENGTH)
        self.workers: list[Worker] = []
        self.counts: Counter[str] = Counter()
        self.slowest = (0.0, 0)

    def add(self) -> None:
        """Start a worker."""
        self.workers.append(Worker(self.context, self.task))

    def give(self, worker: Worker) -> None:
        """Give a worker its next series, if there is any left."""
        worker.running = self.args.count is None or self.given < self.args.count
        if worker.running:
            worker.channel.send(next(self.series))
            self.given += LENGTH

    given = 0
    """Mutants in the series given to workers."""

    def replace(self, worker: Worker, why: str = "") -> None:
        """Start a worker in the place of one that leaves, or that died or hangs at a mutant, which is a failure."""
        self.workers.remove(worker)
        number = worker.current.value
        worker.end()
        if why and time.monotonic() < self.task.until:
            self.record(Progress(Counter(failed=1), [(number, why)], (0.0, 0)))
            print(mutant(self.args.seed, number, backends=self.args.backends, seeds=self.task.seeds).text, flush=True)
        if not self.finished():
            self.add()
            self.give(self.workers[-1])

    def record(self, progress: Progress) -> None:
        """Count what a worker has done, and print its failures."""
        self.counts += progress.counts
        self.slowest = max(self.slowest, progress.slowest)
        for number, report in progress.failures:
            print(f"\n--- mutant {number} of seed {self.args.seed}\n{report}", flush=True)

    def run(self) -> int:
        """Run until the time or the count is reached; return the exit status."""
        for _ in range(self.args.workers):
            self.add()
            self.give(self.workers[-1])
        try:
            while self.workers and not (self.finished() and not any(w.running for w in self.workers)):
                ready = wait([w.channel for w in self.workers], timeout=1)
                for worker in [w for w in self.workers if w.channel in ready]:
                    self.receive(worker)
                for worker in [w for w in self.workers if w.hangs()]:
                    self.replace(worker, f"no answer within {PATIENCE} s of CPU time, or {WALL} s")
                if time.monotonic() - self.printed > MINUTE:
                    self.printed = time.monotonic()
                    print(self.summary(), file=sys.stderr, flush=True)
        finally:
            for worker in self.workers:
                worker.end()
        print(self.summary())
        return 1 if self.counts["failed"] else 0

    def receive(self, worker: Worker) -> None:
        """Receive a report of a worker, or notice that it has ended."""
        channel: Connection = worker.channel
        try:
            progress: Progress = channel.recv()
        except (EOFError, ConnectionError):
            self.replace(worker, "the process died")
            return
        self.record(progress)
        worker.running = not progress.ended
        if progress.leaves:
            self.replace(worker)
        elif progress.ended:
            self.give(worker)

    def finished(self) -> bool:
        """Whether the time or the count is reached."""
        if self.args.count is not None:
            return self.given >= int(self.args.count)
        return time.monotonic() >= self.task.until

    def summary(self) -> str:
        """One line: how many mutants, what came of them, and how fast."""
        kinds = ", ".join(
            f"{self.counts[kind]:,} {kind}" for kind in ("rejected", "accepted", "lowered", "shapes only", "failed")
        )
        seconds = time.monotonic() - self.start
        return (
            f"seed {self.args.seed}: {self.counts.total():,} mutants, {kinds}, {seconds:.0f} s, "
            f"{self.counts.total() / seconds:.0f} mutants/s, slowest {self.slowest[0]:.1f} s (mutant {self.slowest[1]})"
        )


def main() -> int:
    """Run the fuzzer; return 1 if it found a failure."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first mutant in the series of the seed")
    parser.add_argument("--count", type=int, help=f"number of mutants, a multiple of {LENGTH}, instead of a time")
    parser.add_argument("--seconds", type=float, default=0.0)
    parser.add_argument("--hours", type=float, default=0.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--backends", action="store_true", help="lower every accepted network with every backend")
    parser.add_argument("--show", type=int, metavar="N", help="print mutant N of the seed and exit")
    args = parser.parse_args()
    add_example_plugin()
    os.environ["PYTHONHASHSEED"] = HASH_SEEDS[0]  # of the workers, which this process starts
    if args.show is not None:
        sys.stdout.buffer.write(
            mutant(args.seed, args.show, backends=args.backends).text.encode(errors="surrogatepass")
        )
        return 0
    if args.count is None and not args.seconds and not args.hours:
        args.seconds = 60.0
    return Fuzzer(args).run()


if __name__ == "__main__":
    sys.exit(main())
