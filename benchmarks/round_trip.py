"""Networks of the zoo, written and imported again: ``python -m benchmarks.round_trip onnx|torch [NAME …]``.

They are written as ONNX files, or built as PyTorch modules. A network that is too large is taken at the small size at
which tests compare its values. Prints for each whether the same network came back
(:func:`benchmarks.same_networks.differences`), the lines of both specs, and the first operation that differs; in the
end the counts, and the quotients of the lines. Outputs are not compared: ``benchmarks.importing_onnx`` does that.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from .same_networks import differences

MOST_PARAMETERS = 60_000_000
MOST_MACS = 20_000_000_000
"""Larger networks are taken at a small size."""


def network(name: str) -> Any:
    """The graph of a network of the zoo; None if it is too large and has no small size."""
    import netspec
    from tests.onnx_backend import small_networks
    from tests.zoo.small_networks import SMALL, small_reference
    from tests.zoo.support import graph

    loaded = netspec.load(name)
    figures = netspec.analyze(loaded)
    if figures.params <= MOST_PARAMETERS and figures.macs <= MOST_MACS:
        return loaded
    if name in SMALL:
        return graph(small_reference(name))
    return small_networks.small(name)[0] if name in small_networks.SMALL else None


def through_onnx(graph: Any, name: str) -> Any:
    """What is imported from the ONNX file of a network. Raises ImportRefused."""
    from netspec.importing import import_source
    from netspec.importing.readers import Request
    from netspec_onnx import export
    from netspec_onnx.reading import reader

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, f"{name}.onnx")
        export(graph, file)
        return import_source(reader.read(str(file), Request(name=name)), prove=False)


def through_torch(graph: Any, name: str) -> Any:
    """What is imported from the module of a network. Raises ImportRefused."""
    import torch

    import netspec
    from netspec_torch import build

    inputs = tuple(torch.zeros(1, *t.shape, dtype=getattr(torch, t.dtype)) for t in graph.input_types.values())
    return netspec.from_torch(build(graph), inputs, name=name, prove=False)


THROUGH = {"onnx": through_onnx, "torch": through_torch}


def came_back(name: str, form: str) -> tuple[str, str, float | None]:
    """What became of a network (``same``, ``different``, ``refused``, ``left out``), why, and the quotient of lines."""
    from netspec import zoo
    from netspec.importing import ImportRefused

    graph = network(name)
    if graph is None:
        return "left out", "", None
    if form == "torch":
        graph = graph.at_default
    try:
        imported = THROUGH[form](graph, name)
    except ImportRefused as error:
        problem = error.diagnostics[0]
        return "refused", f"{problem.code} {problem.operation}", None
    deviations = differences(imported.graph, graph, imported.weights)
    path = zoo.path(name)
    assert path is not None
    lines = imported.text().count("\n") / path.read_text(encoding="utf-8").count("\n")
    lost = [text for text in deviations if text.startswith("-")]
    return ("different" if deviations else "same"), " for ".join([*deviations[:1], *lost[:1]]), lines


def main() -> int:
    """Try the networks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("form", choices=THROUGH, help="what the networks are written as")
    parser.add_argument("names", nargs="*", help="by default all of the zoo")
    args = parser.parse_args()
    from netspec import zoo

    counts, reasons = Counter[str](), Counter[str]()
    quotients: list[float] = []
    for name in args.names or zoo.names():
        start = time.process_time()
        status, reason, lines = came_back(name, args.form)
        counts[status] += 1
        quotients += [] if lines is None else [lines]
        if status in ("different", "refused"):
            words = reason.split()
            reasons[words[-2].lstrip("-+") if status == "different" else reason] += 1
        quotient = "" if lines is None else f"{lines:.2f}"
        print(f"{name:28} {status:10} {quotient:>5} {time.process_time() - start:5.1f} s  {reason}", flush=True)
    print(", ".join(f"{count} {status}" for status, count in counts.most_common()))
    print("first operations that differ: " + ", ".join(f"{count} {kind}" for kind, count in reasons.most_common()))
    if len(quotients) > 1:
        ninth = statistics.quantiles(quotients, n=10)[-1]
        print(
            f"lines: {statistics.median(quotients):.2f} times in the median, {ninth:.2f} times at the 90th percentile"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
