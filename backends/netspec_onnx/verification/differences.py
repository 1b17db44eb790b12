"""Differences between outputs of a file and of PyTorch's module, in single and in double precision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from netspec.ir import Graph
from netspec.weights.numpy_types import Array

TOLERANCE = {"float32": 1e-4, "float16": 2e-2, "bfloat16": 1e-1}
"""Maximum permitted difference by element type, relative to the largest value of the output."""

SENSITIVITY_FACTOR = 10
"""Maximum ratio of the file's distance from PyTorch in double precision to that of perturbed PyTorch."""

PIECE = 1 << 20
"""Number of values compared at a time, to limit memory."""


def least_precise(dtypes: Iterable[str]) -> str:
    """Returns the least precise of some types, at best float32."""
    return max((d for d in dtypes if d in TOLERANCE), key=TOLERANCE.__getitem__, default="float32")


class Difference(NamedTuple):
    """How much the values of an output differ, over all batch sizes."""

    output: str
    largest: float
    relative: float
    """The largest difference, relative to the largest value of the output."""
    mean: float = 0.0
    """The mean difference, relative to the largest value of the output."""
    beyond: float = 0.0
    """The fraction of values whose difference exceeds the tolerance."""


class RoundingSensitive(NamedTuple):
    """An output determined by rounding: PyTorch's values differ as much when its numbers are perturbed."""

    difference: Difference
    """Between the file and PyTorch's module."""
    perturbed: Difference
    """Between PyTorch's module and itself, with weights and inputs that differ in the last digits."""

    def line(self, limit: float) -> str:
        """Returns a sentence for users."""
        return (
            f"'{self.difference.output}' depends on rounding: {self.difference.beyond:.2%} of its values differ by "
            f"more than {limit:g} of the largest value, at most by {self.difference.relative:.1g} of it. PyTorch's own "
            f"values differ as much ({self.perturbed.beyond:.2%}, at most by {self.perturbed.relative:.1g}) when "
            f"weights and inputs change in the last digits of single precision: two numbers are nearly equal, and "
            f"rounding decides which one is larger"
        )


def output_differences(
    graph: Graph, actual: Mapping[int, Sequence[Array]], expected: Mapping[int, Sequence[Array]], limit: float
) -> tuple[Difference, ...]:
    """Returns, for each output of a graph, the largest difference over the batch sizes."""
    differences: list[Difference] = []
    for i, name in enumerate(graph.outputs):
        # An output of parameters alone has no batch axis in the file, or one of 1.
        by_batch = [
            difference(name, np.broadcast_to(actual[n][i], expected[n][i].shape), expected[n][i], limit) for n in actual
        ]
        differences.append(max(by_batch, key=lambda d: d.relative))
    return tuple(differences)


def changes(graph: Graph, outputs: Mapping[int, Sequence[Array]]) -> dict[str, float]:
    """Returns the relative change of each output with a batch axis between the first examples of two batches."""
    batches = list(outputs.values())
    first, last = batches[0], batches[-1]
    change: dict[str, float] = {}
    for i, (name, value) in enumerate(graph.outputs.items()):
        if len(outputs) > 1 and first[i].ndim > graph.values[value].rank:
            change[name] = difference(name, first[i][0], last[i][0]).relative
    return change


def difference(name: str, actual: Array, expected: Array, limit: float = TOLERANCE["float32"]) -> Difference:
    """The difference of two arrays; infinite where it is not a number."""
    if actual.shape != expected.shape:
        return Difference(name, float("inf"), float("inf"), float("inf"), 1.0)
    scale = max((float(np.abs(b[np.isfinite(b)]).max(initial=0.0)) for _, b in _pieces(actual, expected)), default=0.0)
    scale = scale or 1.0
    largest = total = 0.0
    beyond = 0
    for a, b in _pieces(actual, expected):
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        with np.errstate(invalid="ignore"):
            distances = np.where(same, 0.0, np.abs(a - b))
        distances[np.isnan(distances)] = np.inf
        largest = max(largest, float(distances.max(initial=0.0)))
        total += float(distances.sum())
        beyond += int((distances > limit * scale).sum())
    count = max(actual.size, 1)
    return Difference(name, largest, largest / scale, total / scale / count, beyond / count)


def _pieces(actual: Array, expected: Array) -> Iterator[tuple[Array, Array]]:
    """Corresponding values of both, in double precision."""
    a, b = actual.reshape(-1), expected.reshape(-1)
    for start in range(0, a.size, PIECE):
        part = slice(start, start + PIECE)
        yield a[part].astype(np.float64), b[part].astype(np.float64)
