"""The result of a reader, and the comparison of an imported network with its source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ..ir import Graph
from .draft import DraftNetwork

if TYPE_CHECKING:
    from ..weights.numpy_types import Array
    from ..weights.weight_source import WeightSource


class Comparison(NamedTuple):
    """The result of comparing the outputs of the spec with those of its source, on the same inputs and weights."""

    largest: float
    """The largest difference of two numbers, relative to the largest number of the output."""
    tolerance: float
    """Maximum difference that is attributed to rounding: 1e-9 in float64."""
    dtype: str
    """The floating-point type used by both."""
    batch_sizes: tuple[int, ...]
    """The compared numbers of examples."""
    sizes: tuple[Mapping[str, tuple[int, ...]], ...] = ()
    """The compared input shapes, without the batch, by their names in the spec."""
    skipped: tuple[str, ...] = ()
    """Parts that were not compared, with reasons."""

    @property
    def agrees(self) -> bool:
        """Whether the outputs are equal up to rounding; False if one of them is NaN."""
        return self.largest <= self.tolerance


class ImportSource(Protocol):
    """An imported source, as returned by a backend's reader."""

    @property
    def network(self) -> DraftNetwork:
        """The imported network."""
        ...

    @property
    def weight_shapes(self) -> Mapping[str, tuple[int, ...]]:
        """The shapes of its tensors by their names in the source."""
        ...

    def tensor(self, name: str) -> Array:
        """Returns a tensor by its name in the source, with the shape in :attr:`weight_shapes`."""
        ...

    def compare(self, graph: Graph, weights: WeightSource) -> Comparison:
        """Runs the spec and the source on the same inputs and weights.

        Args:
            graph: the network of the spec.
            weights: the source's weights.

        Raises:
            BackendError: NS704, a library that runs them is not installed.
        """
        ...
