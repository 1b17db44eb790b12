"""Networks of the zoo, written as ONNX files and imported again: ``python -m benchmarks.round_trip_onnx [NAME …]``.

Prints for each whether the same network came back (:func:`benchmarks.same_networks.differences`), the lines of both
specs, and the first operation that differs; in the end the counts. Outputs are not compared:
``benchmarks.importing_onnx`` does that.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from .same_networks import differences

MOST_PARAMETERS = 60_000_000
MOST_MACS = 20_000_000_000
"""Larger networks are left out."""


def came_back(name: str, folder: Path) -> tuple[str, str, str]:
    """What became of a network: ``same``, ``different``, ``refused`` or ``left out``, why, and lines of both specs."""
    import netspec
    from netspec import zoo
    from netspec.importing import ImportRefused, import_source
    from netspec.importing.readers import Request
    from netspec_onnx import export
    from netspec_onnx.reading import reader

    graph: Any = netspec.load(name)
    figures = netspec.analyze(graph)
    if figures.params > MOST_PARAMETERS or figures.macs > MOST_MACS:
        return "left out", f"{figures.params:,} parameters", ""
    file = folder / f"{name}.onnx"
    export(graph, file)
    try:
        imported = import_source(reader.read(str(file), Request(name=name)), prove=False)
    except ImportRefused as error:
        problem = error.diagnostics[0]
        return "refused", f"{problem.code} {problem.operation}", ""
    finally:
        file.unlink()
    deviations = differences(imported.graph, graph)
    path = zoo.path(name)
    lines = f"{imported.text().count(chr(10))} {path.read_text(encoding='utf-8').count(chr(10)) if path else ''}"
    lost = [text for text in deviations if text.startswith("-")]
    return ("different" if deviations else "same"), " for ".join([*deviations[:1], *lost[:1]]), lines


def main() -> int:
    """Try the networks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="by default all of the zoo")
    args = parser.parse_args()
    from netspec import zoo

    counts, reasons = Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        for name in args.names or zoo.names():
            start = time.perf_counter()
            status, reason, lines = came_back(name, Path(folder))
            counts[status] += 1
            if status in ("different", "refused"):
                words = reason.split()
                reasons[words[-2].lstrip("-+") if status == "different" else reason] += 1
            seconds = time.perf_counter() - start
            print(f"{name:28} {status:10} {lines:8} {seconds:5.1f} s  {reason}", flush=True)
    print(", ".join(f"{count} {status}" for status, count in counts.most_common()))
    print("first operations that differ: " + ", ".join(f"{count} {kind}" for kind, count in reasons.most_common()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
