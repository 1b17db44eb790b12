"""Runs a file in ONNX Runtime, and compares its outputs with the spec's shapes and PyTorch's values.

PyTorch's module comes from the registry of backends. Without PyTorch, the file is compared with one written without
options, which reveals the effect of folding and narrower element types.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, cast

from netspec.backend import BackendError, find, missing_libraries
from netspec.files import temporary_folder
from netspec.ir import Graph
from netspec.ops.elementwise import Cast
from netspec.weights.weight_source import WeightSource

from ..convert import write
from ..file_options import Options
from .differences import (
    SENSITIVITY_FACTOR,
    TOLERANCE,
    Difference,
    RoundingSensitive,
    changes,
    least_precise,
    output_differences,
)
from .legal_samples import legal_samples
from .random_inputs import random_inputs
from .runtime import Session, open_session
from .torch_module import Module, Outputs, Reference

BATCHES = (1, 2)

SAMPLES = 3
"""Number of choices of sizes at which a file with named dimensions is run, including the defaults."""

PERTURBATIONS = 8
"""Number of perturbations that are tried before a difference is considered an error."""


class Verified(NamedTuple):
    """The result of running a file."""

    against: str
    """The reference that values were compared with: ``PyTorch`` or ``the plain file``."""
    batches: tuple[int, ...]
    differences: tuple[Difference, ...]
    problems: tuple[str, ...]
    """One line per problem; empty if the file is correct."""
    rounding_sensitive: tuple[RoundingSensitive, ...] = ()
    """Outputs that exceed the tolerance only because of rounding, which is not an error of the file."""
    changes: Mapping[str, float] = MappingProxyType({})
    """The change of each output from one random input to another, relative to its largest value."""
    sizes: tuple[Mapping[str, int], ...] = ()
    """The sizes of named dimensions; empty for a network without any."""

    def lines(self) -> list[str]:
        """Returns the result as lines of text."""
        where = _where(self.batches, self.sizes)
        if self.problems:
            return list(self.problems)
        notes = [r.line(TOLERANCE["float32"]) for r in self.rounding_sensitive]
        notes += [
            f"'{name}' changes by only {change:.1g} of its largest value from one random input to another: with these "
            f"weights its agreement says little about the layers before it"
            for name, change in self.changes.items()
            if change < TOLERANCE["float32"]
        ]
        sensitive = {r.difference.output for r in self.rounding_sensitive}
        agreeing = [d for d in self.differences if d.output not in sensitive]
        if not agreeing:
            return [f"ONNX Runtime: shapes as in the spec {where}", *notes]
        worst = max(agreeing, key=lambda d: d.relative)
        return [
            f"ONNX Runtime: shapes as in the spec and values as {self.against}'s {where}; "
            f"largest difference {worst.largest:.2g} ({worst.relative:.1g} of the largest value) in '{worst.output}'",
            *notes,
        ]


class _Run(NamedTuple):
    """The network with one choice of sizes, and the file's outputs."""

    sizes: Mapping[str, int]
    graph: Graph
    outputs: Outputs

    def line(self, problem: str) -> str:
        """Formats a problem, with the sizes of named dimensions."""
        return f"at {_text(self.sizes)}: {problem}" if self.sizes else problem


def verify(graph: Graph, path: Path, source: WeightSource, *, batches: tuple[int, ...] = BATCHES) -> Verified:
    """Runs the file with some batch sizes, and with some sizes of named dimensions.

    An output that differs from PyTorch's by more than the tolerance is compared again in double precision, to
    distinguish outputs determined by rounding from wrong ones.

    Args:
        graph: the network from which the file was written.
        path: the file.
        source: the source of its weights.
        batches: the batch sizes, unless the file has a fixed one; with other sizes than the defaults, only the first of
            them.

    Raises:
        BackendError: NS704, ONNX Runtime is not installed; NS712, the file contains no weights; NS714, ONNX Runtime
            rejects it (on a CPU, most of bfloat16).
    """
    session = open_session(path)
    unexpected = set(session.inputs) ^ set(graph.inputs)
    if unexpected:
        raise BackendError("NS712", f"a file without weights cannot be run; '{min(unexpected)}' is one of its inputs")
    dtype = least_precise([session.dtype, *(t.dtype for t in graph.values)])
    batches = batches if session.batch is None else (session.batch,)
    samples = legal_samples(graph, SAMPLES)
    runs: list[_Run] = []
    for sample in samples:
        at = graph.at(sample)
        outputs: Outputs = {
            batch: session(random_inputs(at, batch)) for batch in (batches if not runs else batches[:1])
        }
        runs.append(_Run(sample, at, outputs))
    del session  # frees its weights before PyTorch's are loaded
    sizes = tuple(samples) if graph.dims else ()
    problems = [run.line(p) for run in runs for p in _shape_problems(run.graph, run.outputs)]
    if problems:
        return Verified("the spec", batches, (), tuple(problems), sizes=sizes)
    results = [_compare(run, source, dtype) for run in runs]
    differences = tuple(
        max(each, key=lambda d: d.relative) for each in zip(*(r.differences for r in results), strict=True)
    )
    return results[0]._replace(
        differences=differences,
        problems=tuple(p for r in results for p in r.problems),
        rounding_sensitive=_once(s for r in results for s in r.rounding_sensitive),
        sizes=sizes,
    )


def _compare(run: _Run, source: WeightSource, dtype: str) -> Verified:
    """Compares a file's outputs for one choice of sizes with those of PyTorch's module, or of the plain file."""
    graph, actual = run.graph, run.outputs
    with temporary_folder() as folder:
        against, reference = reference_for(graph, source, folder)
        expected: Outputs = {batch: reference(random_inputs(graph, batch)) for batch in actual}
        limit = TOLERANCE[dtype]
        differences = output_differences(graph, actual, expected, limit)
        sensitive: tuple[RoundingSensitive, ...] = ()
        if dtype == "float32" and isinstance(reference, Module) and not _has_casts(graph):
            sensitive = _rounding_sensitive(graph, reference, actual, expected, differences)
    explained = {s.difference.output for s in sensitive}
    problems = [
        run.line(
            f"'{d.output}' differs from {against}'s by {d.largest:.2g}, {d.relative:.1g} of its largest value; "
            f"{limit:g} is allowed"
        )
        for d in differences
        if not d.relative <= limit and d.output not in explained
    ]
    return Verified(against, tuple(actual), differences, tuple(problems), sensitive, changes(graph, expected))


def _has_casts(graph: Graph) -> bool:
    """Whether the network contains casts, so that it cannot be computed in double precision."""
    return any(isinstance(node.op, Cast) for node in graph.nodes)


def _once(sensitive: Iterable[RoundingSensitive]) -> tuple[RoundingSensitive, ...]:
    """Keeps the first entry for each output."""
    by_output: dict[str, RoundingSensitive] = {}
    for s in sensitive:
        by_output.setdefault(s.difference.output, s)
    return tuple(by_output.values())


def _where(batches: tuple[int, ...], sizes: tuple[Mapping[str, int], ...]) -> str:
    """``at batch sizes 1 and 2``; with named dimensions, ``… and H=224, W=224, then at H=168, W=134``."""
    numbers = " and ".join(map(str, batches))
    text = f"at batch size{'s' if len(batches) > 1 else ''} {numbers}"
    if sizes:
        first, *others = map(_text, sizes)
        text += f" for {first}" + (f", and for {' and for '.join(others)}" if others else "")
    return text


def _text(sizes: Mapping[str, int]) -> str:
    return ", ".join(f"{name}={n}" for name, n in sizes.items())


def reference_for(graph: Graph, source: WeightSource, folder: Path) -> tuple[str, Reference]:
    """Returns the reference and its name: PyTorch's module, or the plain file of the same graph."""
    torch = find("torch")
    if not missing_libraries(torch.needs):
        return "PyTorch", Module(graph, cast(Any, torch).build(graph, weights=source))
    plain = folder / "plain.onnx"
    write(graph, plain, Options(), source)
    return "the plain file", Session(plain)


def _shape_problems(graph: Graph, actual: Outputs) -> list[str]:
    problems: list[str] = []
    for batch, (i, (name, value)) in product(actual, enumerate(graph.outputs.items())):
        shape, expected = tuple(actual[batch][i].shape), graph.values[value].shape
        if shape not in ((batch, *expected), (1, *expected), expected):
            problems.append(f"'{name}' has shape {shape} in ONNX Runtime; {expected} is expected")
    return problems


def _rounding_sensitive(
    graph: Graph, module: Module, actual: Outputs, expected: Outputs, differences: tuple[Difference, ...]
) -> tuple[RoundingSensitive, ...]:
    """Returns outputs that exceed the tolerance, but differ no more than those of the perturbed module."""
    limit = TOLERANCE["float32"]
    unexplained = {d.output for d in differences if not d.relative <= limit}
    if not unexplained:
        return ()
    module.use_double()
    exact = module.outputs(actual)
    from_exact = {d.output: d for d in output_differences(graph, actual, exact, limit)}
    by_output = {d.output: d for d in output_differences(graph, expected, exact, limit)}
    sensitive: dict[str, RoundingSensitive] = {}
    for perturbation in range(PERTURBATIONS + 1):
        if perturbation:
            module.perturb(perturbation)
            for d in output_differences(graph, module.outputs(actual), exact, limit):
                by_output[d.output] = max(by_output[d.output], d, key=lambda d: d.relative)
        for d in differences:
            far, near = from_exact[d.output], by_output[d.output]
            if (
                d.output in unexplained
                and near.relative > limit
                and far.relative <= SENSITIVITY_FACTOR * near.relative
                and far.mean <= SENSITIVITY_FACTOR * near.mean
            ):
                sensitive[d.output] = RoundingSensitive(d, near)
                unexplained.remove(d.output)
        if not unexplained:
            break
    return tuple(sensitive.values())
