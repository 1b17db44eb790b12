"""Every variant of the zoo as an ONNX file, checked and run beside PyTorch's module; the cheapest first.

    python -m tests.onnx_backend.all_variants [PATTERN ...] [--first N] [--optimize] [--results FILE]

Each runs in a process of its own: the file is written, checked by path with ``full_check``, its shapes are inferred,
and ONNX Runtime's outputs are compared with PyTorch's at two batch sizes. The largest take 24 GiB of memory and some
minutes.
"""

# onnx is typed in part:
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import onnx

import netspec_onnx
from netspec.ir import Graph
from netspec.ops.pool import MaxUnpool
from netspec_onnx.verification.verify import Verified, verify
from tests.zoo.support import analysis, graph, references

from .support import ActiveWeights, assert_described, assert_inferred, assert_types_allowed

GAINS = (1.0, 1.5, 0.9, 0.8, 0.65, 0.5, 0.3)
"""Scales of channels, tried in this order until outputs hang on their inputs but not on rounding: in some networks a
large one makes numbers grow from layer to layer, in others a small one makes them fade."""
TELLING = 1e-3
"""Outputs that change by less from one input to another say little."""


def main(arguments: list[str]) -> int:
    """Prints a line a variant; 1 where one is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.onnx_backend.all_variants", description=__doc__)
    parser.add_argument("patterns", nargs="*", default=["*"], help="variants: 'resnet@*'; all of them by default")
    parser.add_argument("--first", type=int, help="only so many")
    parser.add_argument("--optimize", action="store_true", help="write files with --optimize")
    parser.add_argument("--results", type=Path, help="a file for what is found, a JSON object a line; what it has is not run again")
    parser.add_argument("--only", help=argparse.SUPPRESS)
    args = parser.parse_args(arguments)
    if args.only:
        print(json.dumps(examined(args.only, args.optimize)))
        return 0
    chosen = [r for r in references() if any(fnmatch(r, p) for p in args.patterns)]
    chosen.sort(key=lambda r: analysis(r).macs)
    analysis.cache_clear()
    done = known(args.results)
    print(f"{'variant':<36} {'largest':>8} {'changes':>8} {'MiB':>6} {'seconds':>7}")
    found = [done.get(reference) or in_process(reference, args) for reference in chosen[: args.first]]
    fine = [f for f in found if not f["problems"]]
    hanging = [f for f in fine if f["delicate"]]
    print(f"{len(fine)} of {len(found)} fine; {len(hanging)} of them have outputs that hang on rounding, "
          f"{sum(f['changes'] < TELLING for f in fine)} say little of their layers; largest difference of the others "
          f"{max((f['largest'] for f in fine), default=0):.2g}; {sum(f['seconds'] for f in found):,.0f} s")
    return 0 if len(fine) == len(found) else 1


def known(results: Path | None) -> dict[str, dict[str, Any]]:
    """What an earlier run has found."""
    if results is None or not results.exists():
        return {}
    return {(found := json.loads(line))["reference"]: found for line in results.read_text().splitlines()}


def in_process(reference: str, args: argparse.Namespace) -> dict[str, Any]:
    """What :func:`examined` finds in a process that ends, with all its memory."""
    start = time.perf_counter()
    command = [sys.executable, "-m", __spec__.name, "--only", reference, *["--optimize"] * args.optimize]
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    found: dict[str, Any] = {"reference": reference, "largest": 0.0, "delicate": 0, "notes": [], "changes": 0.0, "mib": 0}
    if done.returncode:
        said = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        found["problems"] = [said]
    else:
        found |= json.loads(done.stdout.splitlines()[-1])
    found["seconds"] = round(time.perf_counter() - start, 1)
    print(f"{reference:<36} {found['largest']:8.1e} {found['changes']:8.1e} {found['mib']:6,} {found['seconds']:7.1f}",
          flush=True)
    for line in (*found["problems"], *found["notes"]):
        print(f"    {line}", flush=True)
    if args.results:
        with args.results.open("a", encoding="utf-8") as out:
            out.write(json.dumps(found) + "\n")
    return found


def examined(reference: str, optimize: bool) -> dict[str, Any]:
    """Writes a variant's file and says what is wrong with it, and how far its outputs are from PyTorch's."""
    net = graph(reference)
    weightless = netspec_onnx.model(net, optimize=optimize)
    assert_inferred(weightless)
    assert_described(net, weightless)
    assert_types_allowed(weightless)
    del weightless
    found = None
    takes_places = any(isinstance(node.op, MaxUnpool) for node in net.nodes)  # which near ties decide, at any gain
    for gain in GAINS[: 1 if takes_places else None]:
        other = ran(net, ActiveWeights(gain=gain), optimize)
        if found is None or rank(other) > rank(found):
            found = other
        if rank(found) == (True, True):
            break
    assert found is not None
    hanging = {r.difference.output for r in found.rounding_sensitive}
    return {
        "problems": found.problems, "delicate": len(hanging), "notes": () if found.problems else found.lines()[1:],
        "largest": max((d.relative for d in found.differences if d.output not in hanging), default=0.0),
        "changes": min(found.changes.values(), default=1.0),
        "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
    }


def rank(found: Verified) -> tuple[bool, bool]:
    """Whether this run says something, and of every layer."""
    return not found.rounding_sensitive and not found.problems, min(found.changes.values(), default=0.0) > TELLING


def ran(net: Graph, source: ActiveWeights, optimize: bool) -> Verified:
    """The file, checked and run."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "net.onnx"
        netspec_onnx.export(net, path, source=source, optimize=optimize)
        onnx.checker.check_model(str(path), full_check=True)
        return verify(net, path, source)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
