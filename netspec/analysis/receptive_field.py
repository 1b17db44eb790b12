"""Receptive fields: which input positions each value depends on, axis by axis, in any graph.

Inputs are treated as infinite, so padding counts. A value depends on an input axis in one of three ways: *along* one
of its own axes (or in the same way at every position); on the whole axis (``all``), because a layer on the way reads
it whole; or it ``varies``: parts that move at different rates or along different axes were joined, or the pattern
repeats after more than :data:`~netspec.analysis.periodic_interval.MAX_PERIOD` positions. No size is reported then.
Channel axes of inputs are left out, because nearly every layer reads them whole. An input with two axes is a sequence
of feature vectors, unless a window with one axis (``conv1d``) slides along the second axis, which is then the sequence.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, NamedTuple

from ..ir import Graph
from ..shapes.types import CHANNELS, SEQUENCE, TensorType
from .coverage import Coverage, Key, Moving, output_coverage
from .periodic_interval import IDENTITY

BASE_WORK = 1_000_000
NODE_WORK = 20
"""Step budget of an analysis per node, in addition to a base. Nodes beyond the budget are skipped."""


class Field(NamedTuple):
    """The receptive field of a value along one axis of one input."""

    input: str
    """Name of the input."""
    axis: str
    """Name of its axis, or its number if it has no name."""
    size: tuple[int, int] | Literal["all", "varies"]
    """Minimum and maximum size over the positions of the value; they differ only after upsampling."""
    stride: Fraction | None
    """Average number of input positions between consecutive output positions; 0 if the field does not move."""
    offset: int | None
    """First input position of output position 0 (negative: in the padding); None if there is none."""

    @property
    def padding(self) -> int | None:
        """Effective padding of all layers so far as one window: positions before the first position of the input."""
        return None if self.offset is None else -self.offset

    def __str__(self) -> str:
        """The size: ``27``, ``188-204``, ``all``, ``varies``."""
        if isinstance(self.size, str):
            return self.size
        least, greatest = self.size
        return str(least) if least == greatest else f"{least}-{greatest}"


@dataclass(frozen=True, slots=True, repr=False)
class ReceptiveFields:
    """The receptive fields of all values of a graph."""

    coverage: tuple[Mapping[Key, Coverage] | None, ...]
    """For each value, how it depends on each input axis; None if the step budget ran out before it."""
    names: Mapping[Key, tuple[str, str]]
    """Names of the input and the axis of each key that is reported."""
    values: tuple[TensorType, ...]

    def __repr__(self) -> str:
        return f"<ReceptiveFields of {len(self.values):,} values>"

    def of(self, value: int) -> tuple[Field, ...] | None:
        """Returns the receptive field of a value: an entry for each input axis that it depends on, in their order.

        None if it was not computed, because the graph before it exceeded the step budget.
        """
        coverage = self.coverage[value]
        if coverage is None:
            return None
        return tuple(self._field(key, coverage[key], value) for key in sorted(coverage) if key in self.names)

    def _field(self, key: Key, c: Coverage, value: int) -> Field:
        name, axis = self.names[key]
        if not isinstance(c, Moving):
            return Field(name, axis, "all" if c == "all" else "varies", None, None)
        n = 1 if c.axis is None else self.values[value].shape[c.axis]
        first = c.interval.at(0)
        stride = Fraction(c.interval.step, c.interval.period)
        return Field(name, axis, c.interval.sizes(n), stride, first[0] if first is not None else None)


def receptive_fields(graph: Graph) -> ReceptiveFields:
    """Propagates every input axis through the graph, in one pass over the nodes."""
    coverage: list[Mapping[Key, Coverage] | None] = [None] * len(graph.values)
    for v in graph.inputs.values():
        x = graph.values[v]
        coverage[v] = {(v, a): Moving(a, IDENTITY) for a, role in enumerate(x.axes) if role != CHANNELS or x.rank == 2}
    windowed: set[Key] = set()
    budget = BASE_WORK + NODE_WORK * len(graph.nodes)
    for node in graph.nodes:
        if budget <= 0:
            break
        if node.op.window_rank == 1:
            axis = 0 if node.op.channels_last else 1
            for key, c in (coverage[node.inputs[0]] or {}).items():
                if isinstance(c, Moving) and c.axis == axis:
                    windowed.add(key)
                budget -= 1
        if node.op.bodies:
            from .region_field import region_coverage  # loaded only for layers that run along an axis or by choice

            budget -= region_coverage(graph, node, coverage)
            continue
        for k, v in enumerate(node.values):
            coverage[v], steps = output_coverage(graph, node, k, coverage)
            budget -= steps
    names: dict[Key, tuple[str, str]] = {}
    for name, v in graph.inputs.items():
        names.update({(v, a): (name, axis) for a, axis in _axis_names(v, graph.values[v], windowed).items()})
    return ReceptiveFields(tuple(coverage), names, graph.values)


def _axis_names(v: int, x: TensorType, windowed: set[Key]) -> dict[int, str]:
    """Returns the names of the reported axes of an input."""
    named = {a: role or str(a) for a, role in enumerate(x.axes) if role != CHANNELS}
    channel = x.channel
    if x.rank == 2 and channel is not None and (v, channel) in windowed:
        if (v, 1 - channel) in windowed:
            return {**named, channel: CHANNELS}
        return {channel: SEQUENCE}
    return named
