"""How far apart outputs are: of a file and of PyTorch's module, in single precision and in double."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from netspec.ir import Graph
from netspec.weights.numpy_types import Array

TOLERANCE = {"float32": 1e-4, "float16": 2e-2, "bfloat16": 1e-1}
"""Greatest difference allowed, relative to the greatest value of the output."""

DELICATE = 10
"""How many times as far from PyTorch in double precision a file may be as PyTorch itself, where its numbers tremble."""

PIECE = 1 << 20
"""Values compared at a time, so that what is made of them takes little memory."""


class Difference(NamedTuple):
    """How far apart the values of an output are, over all batch sizes."""

    output: str
    largest: float
    relative: float
    """Relative to the greatest value of the output."""
    mean: float = 0.0
    """The mean difference, relative to the greatest value too."""
    beyond: float = 0.0
    """The share of values whose difference is over the tolerance."""


class Delicate(NamedTuple):
    """An output whose values hang on rounding: PyTorch's own are as far apart when its numbers tremble."""

    found: Difference
    """Between the file and PyTorch's module."""
    own: Difference
    """Between PyTorch's module and itself, with weights and inputs that differ in the last digits."""

    def line(self, limit: float) -> str:
        """What it is, for people."""
        return (
            f"'{self.found.output}' hangs on rounding: {self.found.beyond:.2%} of its values differ by more than "
            f"{limit:g} of the largest, at most by {self.found.relative:.1g} of it. So do PyTorch's own "
            f"({self.own.beyond:.2%}, at most by {self.own.relative:.1g}) when weights and inputs change in the last "
            f"digits of single precision: two numbers nearly tie somewhere, and rounding decides which is taken"
        )


def compared(
    graph: Graph, found: Mapping[int, Sequence[Array]], expected: Mapping[int, Sequence[Array]], limit: float
) -> tuple[Difference, ...]:
    """The differences of a graph's outputs, which are given by batch size, each where it is greatest."""
    out: list[Difference] = []
    for i, name in enumerate(graph.outputs):
        # What follows from parameters alone has no batch axis in the file, or one of 1.
        each = [apart(name, np.broadcast_to(found[n][i], expected[n][i].shape), expected[n][i], limit) for n in found]
        out.append(max(each, key=lambda d: d.relative))
    return tuple(out)


def changes(graph: Graph, found: dict[int, Sequence[Array]]) -> dict[str, float]:
    """How much outputs that have a batch change from the first example of one batch to that of another."""
    first, last = next(iter(found.values())), next(reversed(found.values()))
    out: dict[str, float] = {}
    for i, (name, value) in enumerate(graph.outputs.items()):
        if len(found) > 1 and first[i].ndim > graph.values[value].rank:
            out[name] = apart(name, first[i][0], last[i][0]).relative
    return out


def apart(name: str, found: Array, expected: Array, limit: float = TOLERANCE["float32"]) -> Difference:
    """How far apart two arrays are; a difference that is no number counts as infinite."""
    if found.shape != expected.shape:
        return Difference(name, float("inf"), float("inf"), float("inf"), 1.0)
    scale = max((float(np.abs(b[np.isfinite(b)]).max(initial=0.0)) for _, b in _pieces(found, expected)), default=0.0)
    scale = scale or 1.0
    largest = total = 0.0
    beyond = 0
    for a, b in _pieces(found, expected):
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        with np.errstate(invalid="ignore"):
            differences = np.where(same, 0.0, np.abs(a - b))
        differences[np.isnan(differences)] = np.inf
        largest = max(largest, float(differences.max(initial=0.0)))
        total += float(differences.sum())
        beyond += int((differences > limit * scale).sum())
    count = max(found.size, 1)
    return Difference(name, largest, largest / scale, total / scale / count, beyond / count)


def _pieces(found: Array, expected: Array) -> Iterator[tuple[Array, Array]]:
    """The values of both side by side, in double precision."""
    a, b = found.reshape(-1), expected.reshape(-1)
    for start in range(0, a.size, PIECE):
        part = slice(start, start + PIECE)
        yield a[part].astype(np.float64), b[part].astype(np.float64)
