"""Compares the memory that netspec forecasts with PyTorch's own account, on fake tensors.

    python -m tests.memory [NAME ...] [--operations] [--device cpu] [--peaks]

Without names: every network of the zoo. ``--operations``: the example of every operation instead. A line for each
network and setting that differs, and a summary. Recurrent layers and networks that choose experts are compared on the
CPU alone, or not at all: fake tensors have no values to choose by.
"""

# pyright: reportUnknownMemberType=false

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import netspec
from netspec.ops import TABLE
from netspec.ops.reference import spec_of
from netspec_fit.forecast import forecast
from netspec_fit.settings import Settings
from netspec_fit.simulation import Network, Simulation

from .oracle import peak_bytes, saved_bytes

SAVED: dict[str, dict[str, Settings]] = {
    "cpu": {"float32": Settings(batch=2, device="cpu")},
    "cuda": {
        "float32, math": Settings(batch=2, attention="math"),
        "float32, efficient": Settings(batch=2, attention="efficient"),
        "bfloat16, flash": Settings(batch=2, dtype="bfloat16"),
        "autocast, flash": Settings(batch=2, amp="bfloat16"),
    },
}
PEAKS: dict[str, dict[str, Settings]] = {
    "cpu": {
        "AdamW": Settings(batch=2, device="cpu"),
        "inference": Settings(batch=2, device="cpu", optimizer=None),
    },
    "cuda": {
        "AdamW": Settings(batch=2, attention="math"),
        "momentum": Settings(batch=2, attention="math", optimizer="momentum"),
        "SGD": Settings(batch=2, attention="math", optimizer="sgd"),
        "RMSprop": Settings(batch=2, attention="math", optimizer="rmsprop"),
        "Adagrad": Settings(batch=2, attention="math", optimizer="adagrad"),
        "AdamW, autocast": Settings(batch=2, amp="bfloat16"),
        "inference": Settings(batch=2, attention="math", optimizer=None),
    },
}
TOLERANCE = 0.01


def networks(names: list[str], operations: bool) -> Iterator[tuple[str, netspec.Graph]]:
    """Names and graphs."""
    if operations:
        for op in names or sorted(TABLE):
            yield op, netspec.loads(spec_of(op))
        return
    folder = Path(__file__).parents[2] / "specs"
    for name in names or sorted(path.stem for path in folder.rglob("*.yaml")):
        yield name, netspec.load(name)


def compare(network: Network, settings: Settings, peaks: bool) -> tuple[int, int]:
    """Bytes as PyTorch counts them, and as netspec does."""
    if not peaks:
        return saved_bytes(network, settings), sum(
            part.nbytes for part in Simulation(network, settings, fused_rms_norm=False).keep()
        )
    return peak_bytes(network, settings), forecast(network, settings, fused_rms_norm=False).total


def main(arguments: list[str]) -> int:
    """Prints differences; returns 1 if there are any beyond the tolerance."""
    parser = argparse.ArgumentParser(prog="python -m tests.memory", description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--operations", action="store_true")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--peaks", action="store_true")
    args = parser.parse_args(arguments)
    warnings.filterwarnings("ignore")
    table = (PEAKS if args.peaks else SAVED)[args.device]
    counts = {title: [0, 0, 0] for title in table}
    failed = False
    for name, graph in networks(args.names, args.operations):
        network = Network(graph)
        for title, settings in table.items():
            try:
                expected, forecast_bytes = compare(network, settings, args.peaks)
            except Exception as error:
                counts[title][2] += 1
                print(f"{name}, {title}: {type(error).__name__}: {' '.join(str(error).split())[:160]}")
                continue
            exact = expected == forecast_bytes
            counts[title][not exact] += 1
            if not exact:
                change = forecast_bytes / expected - 1 if expected else 1
                failed = failed or not args.peaks or abs(change) > TOLERANCE
                print(f"{name}, {title}: PyTorch {expected:,}, netspec {forecast_bytes:,} ({change:+.3%})", flush=True)
    for title, (exact_count, others, errors) in counts.items():
        print(f"{title}: {exact_count} agree to the byte, {others} differ, {errors} not compared")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
