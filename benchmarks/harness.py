"""Timing of whole processes. Commands take turns, so that a machine whose speed drifts affects all of them alike."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
_MEASURE = """
import json, os, subprocess, sys, time
start = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
wall = time.perf_counter() - start
print(json.dumps([status, wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024]))
"""
"""Run by a small intermediate process: the peak of a process includes what its parent held when it was forked."""


class Run(NamedTuple):
    """Measurements of one run of a process."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds, user and system."""
    peak: float
    """MiB."""


def once(command: Sequence[str]) -> Run:
    """Run a command once.

    Raises:
        RuntimeError: the command exited with a status other than 0.
    """
    env = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "backends")))}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-I", "-S", "-c", _MEASURE, *command]
    done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=ROOT, check=True)
    status, wall, cpu, peak = json.loads(done.stdout)
    if status:
        raise RuntimeError(f"{' '.join(command[5:])[:200]} failed: {done.stderr[-500:]}")
    return Run(wall, cpu, peak)


def side_by_side(commands: dict[str, Sequence[str]], runs: int) -> dict[str, list[Run]]:
    """Run the commands alternately ``runs`` times each, after one warm-up run each."""
    for command in commands.values():
        once(command)
    results: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            results[name].append(once(command))
    return results


def table(results: dict[str, list[Run]], base: str) -> str:
    """A table of medians, and of the medians of the ratios to ``base``, paired run by run."""
    heading = f"{'':<44} {'wall s':>8} {'CPU s':>8} {'peak MiB':>9}"
    lines = [heading + "".join(f" {f'{figure}, ratio':>12}" for figure in ("wall", "CPU", "peak"))]
    for name, runs in results.items():
        wall, cpu, peak = (statistics.median(run[i] for run in runs) for i in range(3))
        pairs = list(zip(runs, results[base], strict=True))
        ratios = [statistics.median(run[i] / other[i] for run, other in pairs) for i in range(3)]
        columns = " ".join(f"{ratio:>11.2f}x" for ratio in ratios)
        lines.append(f"{name:<44} {wall:>8.3f} {cpu:>8.3f} {peak:>9.1f} {columns}")
    return "\n".join(lines)


def python(code: str) -> list[str]:
    """The command that runs Python code."""
    return [sys.executable, "-c", code]


def netspec(*words: str) -> list[str]:
    """The command that runs netspec with arguments."""
    return [sys.executable, "-c", "from netspec.cli.main import run; run()", *words]
