"""Every variant of the zoo as an ONNX file, checked and compared with PyTorch's module; the cheapest first.

    python -m tests.onnx_backend.all_variants [PATTERN ...] [--first N] [--optimize] [--results FILE]

Each runs in a separate process: the file is written, checked by path with ``full_check``, its shapes are inferred,
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
"""Scales of channels, tried in this order until outputs depend on their inputs but not on rounding: in some networks
numbers grow from layer to layer with a large scale, in others they vanish with a small one."""
MIN_CHANGE = 1e-3
"""The least change of an output from one input to another for which its agreement says something."""


def main(arguments: list[str]) -> int:
    """Prints a line per variant; returns 1 if one is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.onnx_backend.all_variants", description=__doc__)
    parser.add_argument("patterns", nargs="*", default=["*"], help="variants: 'resnet@*'; all of them by default")
    parser.add_argument("--first", type=int, help="only the first N")
    parser.add_argument("--optimize", action="store_true", help="write files with --optimize")
    parser.add_argument(
        "--results",
        type=Path,
        help="a file for the results, one JSON object per line; variants in it are not run again",
    )
    parser.add_argument("--only", help=argparse.SUPPRESS)
    args = parser.parse_args(arguments)
    if args.only:
        print(json.dumps(examine(args.only, args.optimize)))
        return 0
    selected = [r for r in references() if any(fnmatch(r, p) for p in args.patterns)]
    selected.sort(key=lambda r: analysis(r).macs)
    analysis.cache_clear()
    process = read_results(args.results)
    print(f"{'variant':<36} {'largest':>8} {'changes':>8} {'MiB':>6} {'seconds':>7}")
    result = [process.get(reference) or examine_in_process(reference, args) for reference in selected[: args.first]]
    correct = [f for f in result if not f["problems"]]
    sensitive = [f for f in correct if f["rounding_sensitive"]]
    print(
        f"{len(correct)} of {len(result)} correct; {len(sensitive)} of them have outputs that depend on rounding, "
        f"{sum(f['changes'] < MIN_CHANGE for f in correct)} say little about their layers; largest difference of the others "
        f"{max((f['largest'] for f in correct), default=0):.2g}; {sum(f['seconds'] for f in result):,.0f} s"
    )
    return 0 if len(correct) == len(result) else 1


def read_results(results: Path | None) -> dict[str, dict[str, Any]]:
    """The results of an earlier run, by variant."""
    if results is None or not results.exists():
        return {}
    return {(result := json.loads(line))["reference"]: result for line in results.read_text().splitlines()}


def examine_in_process(reference: str, args: argparse.Namespace) -> dict[str, Any]:
    """Runs :func:`examine` in a separate process, which frees all its memory."""
    start = time.perf_counter()
    command = [sys.executable, "-m", __spec__.name, "--only", reference, *["--optimize"] * args.optimize]
    process = subprocess.run(command, text=True, capture_output=True, check=False)
    result: dict[str, Any] = {
        "reference": reference,
        "largest": 0.0,
        "rounding_sensitive": 0,
        "notes": [],
        "changes": 0.0,
        "mib": 0,
    }
    if process.returncode:
        message = (process.stderr.strip().splitlines() or [f"exit status {process.returncode}"])[-1]
        result["problems"] = [message]
    else:
        result |= json.loads(process.stdout.splitlines()[-1])
    result["seconds"] = round(time.perf_counter() - start, 1)
    print(
        f"{reference:<36} {result['largest']:8.1e} {result['changes']:8.1e} {result['mib']:6,} {result['seconds']:7.1f}",
        flush=True,
    )
    for line in (*result["problems"], *result["notes"]):
        print(f"    {line}", flush=True)
    if args.results:
        with args.results.open("a", encoding="utf-8") as out:
            out.write(json.dumps(result) + "\n")
    return result


def examine(reference: str, optimize: bool) -> dict[str, Any]:
    """Writes a variant's file; returns its problems, and the difference of its outputs from PyTorch's."""
    net = graph(reference)
    weightless = netspec_onnx.model(net, optimize=optimize)
    assert_inferred(weightless)
    assert_described(net, weightless)
    assert_types_allowed(weightless)
    del weightless
    result = None
    uses_positions = any(isinstance(node.op, MaxUnpool) for node in net.nodes)  # they depend on rounding with any gain
    for gain in GAINS[: 1 if uses_positions else None]:
        candidate = export_and_verify(net, ActiveWeights(gain=gain), optimize)
        if result is None or rank(candidate) > rank(result):
            result = candidate
        if rank(result) == (True, True):
            break
    assert result is not None
    sensitive = {r.difference.output for r in result.rounding_sensitive}
    return {
        "problems": result.problems,
        "rounding_sensitive": len(sensitive),
        "notes": () if result.problems else result.lines()[1:],
        "largest": max((d.relative for d in result.differences if d.output not in sensitive), default=0.0),
        "changes": min(result.changes.values(), default=1.0),
        "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
    }


def rank(result: Verified) -> tuple[bool, bool]:
    """Whether a run says something, and about every layer."""
    return not result.rounding_sensitive and not result.problems, min(result.changes.values(), default=0.0) > MIN_CHANGE


def export_and_verify(net: Graph, source: ActiveWeights, optimize: bool) -> Verified:
    """Writes, checks and runs the file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "net.onnx"
        netspec_onnx.export(net, path, source=source, optimize=optimize)
        onnx.checker.check_model(str(path), full_check=True)
        return verify(net, path, source)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
