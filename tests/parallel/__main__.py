"""Trains small networks by every kind of plan, and compares with one process: ``python -m tests.parallel``.

With ``--memory`` it compares the memory of each process with what is predicted, with ``--resume`` the losses of a run
that is killed and resumed with those of one that is not.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import traceback
from pathlib import Path

from .equality import differences
from .files import write_files
from .memory_check import memory_difference
from .networks import cases, network, plan_of
from .resuming import STEPS, losses_of_resumed_run

TOLERANCE = 1e-5
MEMORY_TOLERANCE = 0.05


def equality(name: str, what: str, folder: Path) -> tuple[bool, str]:
    """Whether losses and gradients are those of one process."""
    graph, plan = network(name), plan_of(name, what)
    loss, gradient = differences(graph, plan, folder, write_files(folder, graph, plan))
    return max(loss, gradient) <= TOLERANCE, f"loss {loss:.1e}  gradients {gradient:.1e}"


def memory(name: str, what: str, folder: Path) -> tuple[bool, str]:
    """Whether the memory of each process is as predicted."""
    graph, plan = network(name, larger=True), plan_of(name, what)
    write_files(folder, graph, plan)
    difference = memory_difference(graph, plan, folder)
    good = difference.exact and max(-difference.lowest, difference.highest) <= MEMORY_TOLERANCE
    return (
        good,
        f"parameters {'exact' if difference.exact else 'differ'}  total {difference.lowest:+.1%} to {difference.highest:+.1%}",
    )


def resumed(name: str, what: str, folder: Path) -> tuple[bool, str]:
    """Whether a run that is killed and resumed has the losses of one that is not."""
    graph, plan = network(name), plan_of(name, what)
    write_files(folder, graph, plan)
    whole, parts = losses_of_resumed_run(folder, plan.devices)
    return whole == parts and len(whole) == STEPS, f"losses {' '.join(parts.values())}"


def main() -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="", help="a part of the names of cases")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--resume", action="store_true")
    args = parser.parse_args()
    check = memory if args.memory else resumed if args.resume else equality
    failed = 0
    for name, what in cases():
        title = f"{name}: {what}"
        if args.only not in title:
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                good, text = check(name, what, Path(folder))
            except Exception:
                traceback.print_exc()
                good, text = False, "FAILED"
        failed += not good
        print(f"{title:60} {text}{'' if good else '  DIFFERS'}", flush=True)
    return min(failed, 1)


sys.exit(main())
