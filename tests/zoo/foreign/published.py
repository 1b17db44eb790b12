"""Multiply-accumulates at the published sizes, as PyTorch counts them in the module of another package.

    python -m tests.zoo.foreign.published 'convmixer*' 'repvgg@a0'

Both are counted on the meta device, so that no size is too large. Networks are left out whose settings in the table
make them smaller, and of which there is no module at the published size.
"""

# Other packages have no types:
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import sys
from collections.abc import Iterator
from fnmatch import fnmatch

import torch

from netspec.analysis import analyze

from ..support import graph
from .cases import Case
from .compare import counted_macs
from .table import ALL


def published_macs(case: Case) -> tuple[int, int] | None:
    """Ours and the other module's; None if there is no module at the published size."""
    net = graph(case.name).at_default
    settings = {word.partition("=")[0] for word in case.reference.split()[1:]}
    if not case.counts_macs or (case.published is None and not settings <= {"H", "W"}):
        return None
    with torch.device("meta"):
        module = (case.published or case.module)().eval()
        inputs = {n: torch.zeros(1, *t.shape, dtype=getattr(torch, t.dtype)) for n, t in net.input_types.items()}
        theirs = counted_macs(module, case, inputs)  # its forward creates tensors, too
    return analyze(net).macs, theirs


def count_all(patterns: list[str]) -> Iterator[tuple[str, int, int]]:
    """The network with both counts, for those that can be counted."""
    for case in ALL:
        if not any(fnmatch(name, p) for name in (case.name, case.network) for p in patterns):
            continue
        try:
            counts = published_macs(case)
        except (ImportError, NotImplementedError, RuntimeError) as error:
            print(f"{case.name:<30} left out: {str(error).splitlines()[0][:80]}")
            continue
        if counts is not None:
            yield case.name, *counts


def main(patterns: list[str]) -> int:
    """Print a line for each network; 1 if one differs."""
    failed = 0
    for name, ours, theirs in count_all(patterns or ["*"]):
        failed += ours != theirs
        print(f"{name:<30} {ours:>18,} MACs{'' if ours == theirs else f', {theirs:,} in the other module'}", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
