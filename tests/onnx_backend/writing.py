"""A process that writes a file and may be killed while it does; it imports neither PyTorch nor ONNX Runtime.

Arguments: path, units, ``single`` or ``external``, and after which part of the bytes to die (0: not at all). Prints
the most memory that it held, in MiB.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import netspec_onnx
from netspec.ir import Graph
from netspec.weights.source import SeedSource
from tests.drafts import Draft


def dense(units: int, layers: int = 2) -> Graph:
    """Square dense layers."""
    draft = Draft()
    x = draft.input(units, name="x")
    for i in range(layers):
        x = draft.add(f"fc{i}", "dense", x, units=units)
    return draft.graph()


def peak() -> int:
    """The most memory held, in MiB; ``ru_maxrss`` would count what the parent held before this process began."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024


def main(path: Path, units: int, mode: str, stop: float) -> None:
    """Writes the file."""

    def progress(written: int, total: int) -> None:
        if stop and written >= stop * total:
            os.kill(os.getpid(), signal.SIGKILL)

    netspec_onnx.export(
        dense(units), path, source=SeedSource(1), external_data=mode == "external", progress=progress
    )
    print(peak())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], float(sys.argv[4]))
