"""The fuzzer: ``python -m tests.fuzz --seconds 60 --seed 1``, or ``--count N``, or ``--hours 8``; ``--backends``.

Specs are mutated and checked in a process of its own for each worker, whose memory is limited, and which is ended
when it makes no progress. A failure is printed with its spec; the exit status is then 1.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from .worker import Outcome, mutant, work

PATIENCE = 120
"""Seconds of wall time without progress after which a worker is ended."""


class Fuzzer:
    """Workers, and what they have found."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.context = multiprocessing.get_context("spawn")
        self.workers: dict[Connection, BaseProcess] = {}
        self.current: dict[Connection, tuple[int, float]] = {}
        """The mutant that a worker is at, and since when."""
        self.counts: Counter[str] = Counter()

    def start(self, first: int) -> None:
        """Start a worker at a mutant."""
        ours, theirs = self.context.Pipe(duplex=False)
        given = (self.args.seed, first, self.args.workers, self.args.backends, theirs)
        process = self.context.Process(target=work, args=given, daemon=True)
        process.start()
        theirs.close()
        self.workers[ours] = process
        self.current[ours] = (first, time.monotonic())

    def replace(self, channel: Connection, why: str) -> None:
        """Report a worker that died or hangs, and start another behind its mutant."""
        number, _ = self.current.pop(channel)
        process = self.workers.pop(channel)
        process.kill()
        process.join()
        channel.close()
        text = mutant(self.args.seed, number, backends=self.args.backends)
        self.record(Outcome(number, "failed", f"{why}\n{text}"))
        self.start(number + self.args.workers)

    def record(self, outcome: Outcome) -> None:
        """Count an outcome and print a failure."""
        self.counts[outcome.kind] += 1
        if outcome.kind == "failed":
            print(f"\n--- mutant {outcome.number} of seed {self.args.seed}\n{outcome.report}", flush=True)

    def run(self) -> int:
        """Run until the time or the count is reached; return the exit status."""
        start = shown = time.monotonic()
        for first in range(self.args.workers):
            self.start(self.args.first + first)
        try:
            while not self._finished(start):
                for ready in wait(list(self.workers), timeout=1):
                    assert isinstance(ready, Connection)
                    try:
                        message = ready.recv()
                    except (EOFError, ConnectionError):
                        self.replace(ready, "the process died")
                        continue
                    if isinstance(message, Outcome):
                        self.record(message)
                    else:
                        self.current[ready] = (message, time.monotonic())
                for channel, (_, since) in list(self.current.items()):
                    if time.monotonic() - since > PATIENCE:
                        self.replace(channel, f"no answer within {PATIENCE} s")
                if time.monotonic() - shown > 30:
                    shown = time.monotonic()
                    print(self.summary(start), file=sys.stderr, flush=True)
        finally:
            for process in self.workers.values():
                process.kill()
        print(self.summary(start))
        return 1 if self.counts["failed"] else 0

    def _finished(self, start: float) -> bool:
        if self.args.count is not None:
            return self.counts.total() >= int(self.args.count)
        return time.monotonic() - start >= float(self.args.seconds + 3600 * self.args.hours)

    def summary(self, start: float) -> str:
        """One line: how many mutants, and what came of them."""
        kinds = ", ".join(
            f"{self.counts[kind]:,} {kind}" for kind in ("rejected", "accepted", "lowered", "too large", "failed")
        )
        return f"seed {self.args.seed}: {self.counts.total():,} mutants, {kinds}, {time.monotonic() - start:.0f} s"


def main() -> int:
    """Run the fuzzer; return 1 if it found a failure."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first mutant in the series of the seed")
    parser.add_argument("--count", type=int, help="number of mutants, instead of a time")
    parser.add_argument("--seconds", type=float, default=0.0)
    parser.add_argument("--hours", type=float, default=0.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--backends", action="store_true", help="lower every accepted network with every backend")
    parser.add_argument("--show", type=int, metavar="N", help="print mutant N of the seed and exit")
    args = parser.parse_args()
    if args.show is not None:
        print(mutant(args.seed, args.show, backends=args.backends))
        return 0
    if args.count is None and not args.seconds and not args.hours:
        args.seconds = 60.0
    return Fuzzer(args).run()


if __name__ == "__main__":
    sys.exit(main())
