"""Many random networks: ``python -m tests.random_networks --count 10000 --seed 0``."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

from . import seeded
from .checks import check


def main() -> int:
    """Checks the networks one after another; returns 1 if any fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.random_networks", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first network in the series")
    args = parser.parse_args()
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    start = time.monotonic()
    failed = nodes = sensitive = approximated = counted = 0
    with tempfile.TemporaryDirectory() as folder:
        for done, number in enumerate(range(args.first, args.first + args.count), 1):
            text = ""
            try:
                text = seeded(args.seed, number)
                checked = check(text, Path(folder))
            except Exception:
                failed += 1
                print(f"\nnetwork {number} of seed {args.seed}:\n{text}\n{traceback.format_exc(limit=-4)}", flush=True)
            else:
                nodes += checked.nodes
                sensitive += bool(checked.rounding_sensitive)
                approximated += bool(checked.approximated)
                counted += checked.macs
            if done % 100 == 0 or done == args.count:
                print(
                    f"{done} networks, {nodes} layers, {counted} counted by PyTorch, {sensitive} sensitive to rounding, "
                    f"{approximated} approximated, {failed} failed, {time.monotonic() - start:.0f} s",
                    file=sys.stderr,
                    flush=True,
                )
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
