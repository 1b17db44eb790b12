"""Running a file in ONNX Runtime, and setting what comes out against the spec's shapes and the PyTorch module.

PyTorch is asked through the registry of backends. Where it is not installed, the file is compared with one that was
written without any options, which shows what folding and narrower numbers have changed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, cast

from netspec.backend import BackendError, find, missing_libraries
from netspec.ir import Graph
from netspec.weights.weight_source import WeightSource

from ..convert import write
from ..options import Options
from .differences import DELICATE, TOLERANCE, Delicate, Difference, changes, compared
from .running import Module, Reference, Results, Session, drawn, session

BATCHES = (1, 2)

TRIALS = 8
"""How often numbers tremble before a difference counts as one that they do not explain."""


class Verified(NamedTuple):
    """What a run of the file has shown."""

    against: str
    """What the values were compared with: ``PyTorch`` or ``the plain file``."""
    batches: tuple[int, ...]
    differences: tuple[Difference, ...]
    problems: tuple[str, ...]
    """What is wrong, a line each; empty where all is well."""
    delicate: tuple[Delicate, ...] = ()
    """Outputs that differ by more than is allowed, with the reason why that is no fault of the file."""
    changes: Mapping[str, float] = MappingProxyType({})
    """How much each output changes from one random input to another, relative to its greatest value."""

    def lines(self) -> list[str]:
        """What there is to say, for people."""
        sizes = " and ".join(map(str, self.batches))
        if self.problems:
            return list(self.problems)
        hanging = [d.line(TOLERANCE["float32"]) for d in self.delicate]
        hanging += [
            f"'{name}' changes by only {change:.1g} of its largest value from one random input to another: with these "
            f"weights its agreement says little of the layers before it"
            for name, change in self.changes.items() if change < TOLERANCE["float32"]
        ]
        alike = [d for d in self.differences if all(d.output != h.found.output for h in self.delicate)]
        if not alike:
            return [f"ONNX Runtime: shapes as in the spec at batch sizes {sizes}", *hanging]
        worst = max(alike, key=lambda d: d.relative)
        return [
            f"ONNX Runtime: shapes as in the spec and values as {self.against}'s at batch sizes {sizes}; "
            f"largest difference {worst.largest:.2g} ({worst.relative:.1g} of the largest value) in '{worst.output}'",
            *hanging,
        ]


def verify(graph: Graph, path: Path, source: WeightSource, *, batches: tuple[int, ...] = BATCHES) -> Verified:
    """Runs the file at some batch sizes.

    An output that differs from PyTorch's by more than the tolerance is looked at once more, in double precision: one
    that rounding decides is told apart from one that is wrong.

    Args:
        graph: the network that the file was made of.
        path: the file.
        source: where its weights came from.
        batches: how many examples to run at a time.

    Raises:
        BackendError: NS704, ONNX Runtime is not installed; NS712, the file holds no weights; NS714, ONNX
            Runtime refuses it (on a CPU most of what is in bfloat16).
    """
    run = session(path)
    wanted = set(run.inputs) ^ set(graph.inputs)
    if wanted:
        raise BackendError("NS712", f"a file without weights cannot be run; '{min(wanted)}' is an input of it")
    dtype = run.dtype
    problems: list[str] = []
    found: Results = {batch: run(drawn(graph, batch)) for batch in batches}
    del run  # its weights need not be held beside PyTorch's
    for batch, (name, value) in product(batches, graph.outputs.items()):
        y, kind = found[batch][list(graph.outputs).index(name)], graph.values[value]
        if tuple(y.shape) not in ((batch, *kind.shape), (1, *kind.shape), kind.shape):
            problems.append(f"'{name}' has shape {tuple(y.shape)} in ONNX Runtime; {kind.shape} is expected")
    if problems:
        return Verified("the spec", batches, (), tuple(problems))
    with tempfile.TemporaryDirectory() as folder:
        against, reference = other(graph, source, Path(folder))
        expected: Results = {batch: reference(drawn(graph, batch)) for batch in batches}
        limit = TOLERANCE[dtype]
        differences = compared(graph, found, expected, limit)
        delicate: tuple[Delicate, ...] = ()
        if dtype == "float32" and isinstance(reference, Module):
            delicate = _delicate(graph, reference, found, expected, differences)
    hanging = {d.found.output for d in delicate}
    problems = [
        f"'{d.output}' differs from {against}'s by {d.largest:.2g}, {d.relative:.1g} of its largest value; "
        f"{limit:g} is allowed"
        for d in differences if not d.relative <= limit and d.output not in hanging
    ]
    return Verified(against, batches, differences, tuple(problems), delicate, changes(graph, expected))


def _delicate(
    graph: Graph, module: Module, found: Results, expected: Results, differences: tuple[Difference, ...]
) -> tuple[Delicate, ...]:
    """Outputs that are too far from PyTorch's, but no further than PyTorch's own go when its numbers tremble."""
    limit = TOLERANCE["float32"]
    open_ = {d.output for d in differences if not d.relative <= limit}
    if not open_:
        return ()
    module.widen()
    exact = module.at(found)
    distances = {d.output: d for d in compared(graph, found, exact, limit)}
    own = {d.output: d for d in compared(graph, expected, exact, limit)}
    delicate: dict[str, Delicate] = {}
    for trial in range(TRIALS + 1):
        if trial:
            module.tremble(trial)
            for d in compared(graph, module.at(found), exact, limit):
                own[d.output] = max(own[d.output], d, key=lambda d: d.relative)
        for d in differences:
            far, near = distances[d.output], own[d.output]
            if (
                d.output in open_ and near.relative > limit
                and far.relative <= DELICATE * near.relative and far.mean <= DELICATE * near.mean
            ):
                delicate[d.output] = Delicate(d, near)
                open_.remove(d.output)
        if not open_:
            break
    return tuple(delicate.values())


def other(graph: Graph, source: WeightSource, folder: Path) -> tuple[str, Reference]:
    """What to compare with: PyTorch's module, or the plain file of the same graph."""
    torch = find("torch")
    if not missing_libraries(torch.needs):
        return "PyTorch", Module(graph, cast(Any, torch).build(graph, weights=source))
    plain = folder / "plain.onnx"
    write(graph, plain, Options(), source)
    return "the plain file", Session(plain)
