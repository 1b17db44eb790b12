"""What a reader makes of a source, and how an imported network is compared with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ..ir import Graph
from .draft import DraftNetwork

if TYPE_CHECKING:
    from ..weights.numpy_types import Array
    from ..weights.weight_source import WeightSource


class Comparison(NamedTuple):
    """How far the outputs of the spec are from those of its source, on the same inputs and weights."""

    largest: float
    """The largest difference of two numbers, relative to the largest number of their output."""
    tolerance: float
    """The largest difference that rounding explains: 1e-9 in float64."""
    dtype: str
    """The floating-point type in which both were run."""
    batch_sizes: tuple[int, ...]
    """The numbers of examples that were run."""
    sizes: tuple[Mapping[str, tuple[int, ...]], ...] = ()
    """The shapes of the inputs that were run, without the batch, by their names in the spec."""
    skipped: tuple[str, ...] = ()
    """What was not compared, and why."""

    @property
    def agrees(self) -> bool:
        """Whether the outputs are the same up to rounding. Not if one of them is not a number."""
        return self.largest <= self.tolerance


class ImportSource(Protocol):
    """A source that was read: a backend's reader returns it."""

    @property
    def network(self) -> DraftNetwork:
        """The network as it was read."""
        ...

    @property
    def weight_shapes(self) -> Mapping[str, tuple[int, ...]]:
        """The shapes of its tensors by their names in the source."""
        ...

    def tensor(self, name: str) -> Array:
        """The numbers of a tensor by its name in the source, in the shape of :attr:`weight_shapes`."""
        ...

    def compare(self, graph: Graph, weights: WeightSource) -> Comparison:
        """Run the spec and the source on the same inputs and weights.

        Args:
            graph: the network of the spec.
            weights: the numbers of its tensors, as the source has them.

        Raises:
            BackendError: NS704, a library that runs them is not installed.
        """
        ...
