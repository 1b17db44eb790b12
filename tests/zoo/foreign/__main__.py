"""Compare networks of the zoo's folders with the same networks of other packages.

    python -m tests.zoo.foreign --all
    python -m tests.zoo.foreign 'convmixer*' 'repvgg@a0'

Weights are random and have the same names in both; sizes are small. Packages that the tests do not install
(transformers, diffusers, ultralytics, …) must be installed for their networks, which are left out otherwise.
"""

from __future__ import annotations

import argparse
import sys
import time
from fnmatch import fnmatch

import torch

from .compare import Comparison, compare
from .table import ALL


def main(arguments: list[str]) -> int:
    """Print a line for each network; 1 if one differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.zoo.foreign", description=__doc__)
    parser.add_argument("patterns", nargs="*", help="networks: 'repvgg@*'")
    parser.add_argument("--all", action="store_true", help="every network")
    args = parser.parse_args(arguments)
    if not args.patterns and not args.all:
        parser.error("name networks, or ask for --all")
    torch.set_num_threads(1)
    failed = compared = missing = 0
    chosen = [c for c in ALL if args.all or any(fnmatch(n, p) for n in (c.name, c.network) for p in args.patterns)]
    for case in chosen:
        start = time.perf_counter()
        try:
            result = compare(case)
            problems = list(result.problems)
        except ImportError as error:
            print(f"{case.reference:<44} left out: {error}")
            missing += 1
            continue
        except (AssertionError, RuntimeError, ValueError) as error:
            result, problems = None, [str(error)]
        compared += 1
        failed += bool(problems)
        print(f"{case.reference:<44} {_line(result)} {time.perf_counter() - start:6.1f} s", flush=True)
        for problem in problems:
            print(f"    {problem}", flush=True)
    print(f"{compared - failed} of {compared} equal; {missing} left out")
    return 1 if failed else 0


def _line(result: Comparison | None) -> str:
    if result is None:
        return "-"
    figures = f"{result.params:>13,} {result.tensors:>5} tensors {result.macs:>15,} MACs"
    return f"{figures} difference {result.difference:.1e} varies {result.varies:.1e}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
