"""Checks a network with named dimensions with numbers for the names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from ..diagnostics import Diagnostic, clip
from ..ir import Graph
from ..shapes.types import shape_text

Elaborate: TypeAlias = Callable[[Mapping[str, int]], tuple[Graph | None, Sequence[Diagnostic]]]
"""Elaborates a network with numbers for its named dimensions; returns the graph, or the problems."""


class Objection(NamedTuple):
    """The reason why a network fails at a size."""

    reason: str
    beyond_limits: bool
    """Whether the only obstacle is one of netspec's limits on sizes (NS915)."""


class NumericCheck:
    """Checks a network at values of its named dimensions.

    Args:
        elaborate: elaborates the network with numbers.
        base: the network, whose weights must be the same at all sizes.
        defaults: the defaults of the dimensions.
    """

    def __init__(self, elaborate: Elaborate, base: Graph, defaults: Mapping[str, int]) -> None:
        self._elaborate = elaborate
        self._defaults = defaults
        self._weights = _weights(base)
        self._files = base.files
        self.count = 0
        """Number of checks so far."""

    def objection(self, sizes: Mapping[str, int]) -> Objection | None:
        """Returns why a network fails at these sizes, with other dimensions at their defaults; None if it works."""
        self.count += 1
        graph, diagnostics = self._elaborate({**self._defaults, **sizes})
        if graph is None:
            problem = next(d for d in diagnostics if d.severity == "error")
            place = problem.location
            where = f"line {place.line}" if place is not None else ""
            if place is not None and 0 < place.file < len(self._files):
                where += f" of {clip(self._files[place.file])}"
            return Objection(f"{problem.message} ({where})" if where else problem.message, problem.code == "NS915")
        for weight, shape in _weights(graph).items():
            before = self._weights.get(weight)
            if before != shape:
                was = f"rather than {shape_text(before)}" if before is not None else "which there is not"
                return Objection(f"'{clip(weight)}' would be {shape_text(shape)}, {was}", beyond_limits=False)
        return None


def _weights(graph: Graph) -> dict[str, tuple[int, ...]]:
    """Returns the shapes of all stored weights."""
    return {p.name: p.shape for p in graph.parameters if p.persistent}
