"""Whole processes side by side: the commands take turns, so that a machine whose speed drifts is fair to both."""

from __future__ import annotations

import json
import os
import resource
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
"""Run by a small process in between: a process counts as its own peak what its parent held when it was forked."""


class Run(NamedTuple):
    """One run of a process."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds, user and system."""
    peak: float
    """MiB."""


def once(command: Sequence[str]) -> Run:
    """Run a command to its end. Raises RuntimeError where it fails."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "backends")))}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-I", "-S", "-c", _MEASURE, *command]
    done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=ROOT, check=True)
    status, wall, cpu, peak = json.loads(done.stdout)
    if status:
        raise RuntimeError(f"{' '.join(command[5:])[:200]} failed: {done.stderr[-500:]}")
    return Run(wall, cpu, peak)


def side_by_side(commands: dict[str, Sequence[str]], runs: int) -> dict[str, list[Run]]:
    """Run the commands in turn, after one run each that is not counted."""
    for command in commands.values():
        once(command)
    found: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            found[name].append(once(command))
    return found


def table(found: dict[str, list[Run]], base: str) -> str:
    """Medians, and the median of the ratios to ``base``, run by run."""
    lines = [f"{'':<44} {'wall s':>8} {'CPU s':>8} {'peak MiB':>9} {'wall, ratio':>12} {'peak, ratio':>12}"]
    for name, runs in found.items():
        wall, cpu, peak = (statistics.median(r[i] for r in runs) for i in range(3))
        ratio = statistics.median(r.wall / b.wall for r, b in zip(runs, found[base], strict=True))
        memory = statistics.median(r.peak / b.peak for r, b in zip(runs, found[base], strict=True))
        lines.append(f"{name:<44} {wall:>8.3f} {cpu:>8.3f} {peak:>9.1f} {ratio:>11.2f}x {memory:>11.2f}x")
    return "\n".join(lines)


def python(code: str) -> list[str]:
    """The command that runs a piece of Python."""
    return [sys.executable, "-c", code]


def netspec(*words: str) -> list[str]:
    """The command line of netspec."""
    return [sys.executable, "-c", "from netspec.cli.main import run; run()", *words]


def limits() -> None:
    """Let children be measured even where they need many files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard) if soft < 4096 else (soft, hard))
