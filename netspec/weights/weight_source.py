"""The source of a graph's weights: a seed, or a file with a seed for missing parameters. All backends use it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from . import initial_values
from .numpy_types import Array, convert, numpy_dtype

if TYPE_CHECKING:
    from ..ir import Parameter
    from .matching import Match
    from .weight_file import WeightFile


class WeightSource(Protocol):
    """Returns the values of parameters in their element type (bfloat16 as float32 that it represents exactly)."""

    def pieces(self, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> Iterator[Array]:
        """Yields the values in order, as flat arrays of at most 2**20 elements."""
        ...

    def values(self, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> Array:
        """Returns the values as one array of the parameter's shape."""
        ...

    def fill(self, out: Array, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> None:
        """Writes the values into an array with as many elements."""
        ...


@dataclass(frozen=True)
class SeedSource:
    """Initial values by seed and name, as the spec's ``init`` says; see :mod:`netspec.weights.initial_values`."""

    seed: int = 0

    def pieces(self, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> Iterator[Array]:
        """Yields the values in order, in pieces."""
        return initial_values.pieces(parameter, self.seed, pool)

    def values(self, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> Array:
        """Returns the values as one array of the parameter's shape."""
        return initial_values.values(parameter, self.seed, pool)

    def fill(self, out: Array, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> None:
        """Writes the values into an array with as many elements."""
        initial_values.fill(out, parameter, self.seed, pool)


@dataclass(frozen=True)
class FileSource:
    """Values from a weight file for the parameters that a match assigns a tensor; the others come from a seed.

    Tensors that are in no state dict (``persistent: false``) always come from their ``init``. Values are converted to
    the parameter's element type.
    """

    file: WeightFile
    match: Match
    seed: int = 0

    def pieces(self, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> Iterator[Array]:
        """Yields the values in order, in pieces; raises FileReadError if the file can no longer be read."""
        name = self.match.assignments.get(parameter.name)
        if name is None:
            yield from initial_values.pieces(parameter, self.seed, pool)
            return
        for piece in self.file.pieces(name):
            yield convert(piece, parameter.dtype)

    def values(self, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> Array:
        """Returns the values as one array of the parameter's shape; raises as :meth:`pieces`."""
        out = np.empty(parameter.shape, numpy_dtype(parameter.dtype))
        self.fill(out, parameter, pool)
        return out

    def fill(self, out: Array, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> None:
        """Writes the values into an array with as many elements; raises as :meth:`pieces`."""
        if parameter.name not in self.match.assignments:
            initial_values.fill(out, parameter, self.seed, pool)
            return
        if out.size != parameter.elements:
            raise ValueError(f"'{parameter.name}' has {parameter.elements} elements; the array has {out.size}")
        target = out.reshape(-1) if out.flags.c_contiguous else out.flat
        start = 0
        for piece in self.pieces(parameter):
            target[start : start + piece.size] = piece
            start += piece.size
