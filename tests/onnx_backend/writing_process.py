"""A process that writes a file and may kill itself meanwhile; it imports neither PyTorch nor ONNX Runtime.

Arguments: path, units, ``single`` or ``external``, and the share of the bytes after which to stop (0: never), or
``beforeN``: before the Nth change in the file's folder. Prints its peak memory in MiB and the number of changes.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import netspec_onnx
from netspec.ir import Graph
from netspec.weights.weight_source import SeedSource
from tests.drafts import Draft


def dense(units: int, layers: int = 2) -> Graph:
    """Square dense layers."""
    draft = Draft()
    x = draft.input(units, name="x")
    for i in range(layers):
        x = draft.add(f"fc{i}", "dense", x, units=units)
    return draft.graph()


def peak() -> int:
    """Peak memory in MiB; ``ru_maxrss`` would include that of the parent before this process started."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024


class Changes:
    """Counts the changes in a folder, and kills the process before one of them."""

    WRITING = os.O_WRONLY | os.O_RDWR
    OTHERS = ("os.rename", "os.remove", "os.link", "os.truncate", "os.chmod")

    def __init__(self, folder: Path, last: int) -> None:
        self.folder, self.last, self.count = str(folder), last, 0
        sys.addaudithook(self.on_event)

    def on_event(self, event: str, args: tuple[object, ...]) -> None:
        """Called by Python before each event."""
        if event == "open":
            flags = args[2] if isinstance(args[2], int) else 0
            if not flags & self.WRITING or isinstance(args[0], int) or not str(args[0]).startswith(self.folder):
                return
        elif event not in self.OTHERS or not any(str(a).startswith(self.folder) for a in args):
            return
        self.count += 1
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGKILL)


def main(path: Path, units: int, mode: str, stop: str) -> None:
    """Writes the file."""
    share = 0.0 if stop.startswith("before") else float(stop)
    changes = Changes(path.parent, int(stop.removeprefix("before")) if stop.startswith("before") else 0)

    def progress(written: int, total: int) -> None:
        if share and written >= share * total:
            os.kill(os.getpid(), signal.SIGKILL)

    netspec_onnx.export(dense(units), path, source=SeedSource(1), external_data=mode == "external", progress=progress)
    print(peak(), changes.count)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4])
