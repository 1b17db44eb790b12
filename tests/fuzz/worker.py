"""One process of the fuzzer: it makes mutants, checks them, and reports each."""

from __future__ import annotations

import resource
import tempfile
import traceback
import warnings
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import NamedTuple

from .mutators import mutate
from .oracles import TimeLimitError, check_backends, check_text
from .seeds import seed_text

MEMORY = 2 * 1024**3
"""Bytes that a worker may allocate beyond what it has when it starts."""


class Outcome(NamedTuple):
    """One mutant: its number, what came of it, and the report of a failure."""

    number: int
    kind: str
    report: str = ""


def mutant(seed: int, number: int, *, backends: bool) -> str:
    """The mutant of that number in the series of a seed."""
    r = Random(f"{seed}:{number}:{backends}")
    return mutate(r, seed_text(r, backends=backends), seed_text(r, backends=backends))


def examine(seed: int, number: int, folder: Path, *, backends: bool) -> Outcome:
    """Check one mutant."""
    text = mutant(seed, number, backends=backends)
    try:
        graph = check_text(text)
        if graph is None:
            return Outcome(number, "rejected")
        if not backends:
            return Outcome(number, "accepted")
        return Outcome(number, "lowered" if check_backends(graph, folder) else "too large")
    except (Exception, TimeLimitError):
        return Outcome(number, "failed", f"{traceback.format_exc(limit=-6)}\n{text}")


def work(seed: int, first: int, step: int, backends: bool, channel: Connection) -> None:
    """Check every ``step``-th mutant and report each; runs until the process is ended."""
    warnings.simplefilter("ignore")
    if backends:
        import torch

        torch.set_num_threads(1)
        import onnx
        import onnxruntime  # type: ignore[import-untyped]  # it has no types

        assert onnx
        assert onnxruntime
    used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, resource.RLIM_INFINITY))
    with tempfile.TemporaryDirectory() as folder:
        number = first
        while True:
            channel.send(number)
            channel.send(examine(seed, number, Path(folder), backends=backends))
            number += step
