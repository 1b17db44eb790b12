"""Kills a run that ``torchrun`` started, resumes it, and compares its losses with those of a run that was left alone."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

STEPS = 6
LINE = re.compile(r"step (\d+): loss (\S+)")


def losses_of_resumed_run(folder: Path, processes: int) -> tuple[dict[int, str], dict[int, str]]:
    """Losses by step of a whole run, and of a run that is killed after its first checkpoint, and resumed."""
    whole = _losses(_started(folder, processes, "whole").communicate()[0])
    killed = _started(folder, processes, "killed")
    checkpoint = folder / "killed" / "step-2" / ".metadata"
    for _ in range(1200):
        if checkpoint.exists() or killed.poll() is not None:
            break
        time.sleep(0.05)
    for pid in _process_tree(killed.pid):
        with suppress(ProcessLookupError):  # it has ended
            os.kill(pid, signal.SIGKILL)
    before = _losses(killed.communicate()[0])
    after = _losses(_started(folder, processes, "killed").communicate()[0])
    return whole, {**before, **after}


def _process_tree(pid: int) -> list[int]:
    """A process and its descendants: torchrun starts each of them in a session of its own, which a group lacks."""
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text(encoding="utf-8").rpartition(")")[2].split()[1])
        except OSError:  # it has ended
            continue
        children.setdefault(parent, []).append(int(status.parent.name))
    out = [pid]
    for each in out:
        out += children.get(each, ())
    return out


def _started(folder: Path, processes: int, checkpoints: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    command += ["train.py", "--device=cpu", f"--steps={STEPS}", "--save-every=2", "--rate=0.01"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [*command, f"--checkpoints={checkpoints}"], cwd=folder, env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True, start_new_session=True,
    )  # fmt: skip


def _losses(text: str) -> dict[int, str]:
    return {int(step): loss for step, loss in LINE.findall(text)}
