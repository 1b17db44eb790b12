"""The weights of an imported network, read on demand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ..ir import Graph, Parameter
from ..weights import initial_values
from ..weights.numpy_types import Array, convert
from .assemble import weight_names
from .source import ImportSource


class ImportedWeights(Mapping[str, Array]):
    """The tensors of a spec by name, with the source's numbers; each is read on access.

    Args:
        graph: the network.
        source: the source from which it was imported.
    """

    def __init__(self, graph: Graph, source: ImportSource) -> None:
        self._parameters = {p.name: p for p in graph.parameters if p.persistent}
        self._names = weight_names(source.network)
        self._source = source

    def __getitem__(self, name: str) -> Array:
        """Returns the tensor of that name. Raises KeyError if the network has none."""
        parameter = self._parameters[name]
        source = self._names.get(name)
        if source is None:  # a running count, or a table described by a rule
            return initial_values.values(parameter, 0)
        table = self._source.network.tables.get(source)
        numbers: Array = table if table is not None else self._source.tensor(source)
        return convert(np.asarray(numbers).reshape(parameter.shape), parameter.dtype)

    def __iter__(self) -> Iterator[str]:
        return iter(self._parameters)

    def __len__(self) -> int:
        return len(self._parameters)


class GivenWeights:
    """Arrays by parameter name, as a source of weights for backends; other parameters have their initial values."""

    def __init__(self, weights: Mapping[str, Array]) -> None:
        self._weights = weights

    def values(self, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> Array:
        """The values as one array of the parameter's shape."""
        if parameter.name in self._weights:
            return self._weights[parameter.name]
        return initial_values.values(parameter, 0, pool)

    def pieces(self, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> Iterator[Array]:
        """Yields the values in one piece."""
        yield self.values(parameter, pool).reshape(-1)

    def fill(self, out: Array, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> None:
        """Writes the values into an array with as many elements."""
        out[...] = self.values(parameter, pool).reshape(out.shape)
