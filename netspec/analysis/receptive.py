"""Receptive field: what every value sees of every input, axis by axis, on any graph.

The input is taken as going on for ever, so padding counts. A relation between a value and an axis of an input is
one of three: *moving* along an axis of the value (or staying where it is), ``all`` (a layer on the way reads the
whole axis), or ``varies``: parts that move at different rates, or along different axes, were joined, or the pattern
repeats after more than :data:`~netspec.analysis.reach.MAX_PERIOD` positions; no size is stated then.
Channel axes of inputs are left out: nearly every layer reads them whole. An input of two axes is a sequence of
features unless a window of one axis (``conv1d``) is laid along the second, which is then the sequence.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, NamedTuple, TypeAlias

from ..ir import Graph, Node
from ..shapes.reads import WHOLE, Along, AxisRead, Fixed
from ..shapes.types import CHANNELS, SEQUENCE, TensorType
from .reach import START, Reach, between, through, union

BASE_WORK = 1_000_000
NODE_WORK = 100
"""Steps an analysis may take: so many, and so many for each node. What comes after is not worked out."""


class Moving(NamedTuple):
    """Seen along an axis of the value; ``axis`` is None where the interval stays wherever the position is."""

    axis: int | None
    reach: Reach


class Lost(NamedTuple):
    """Seen along these axes of the value, in a way that has no period (or too long a one)."""

    axes: frozenset[int]


Seen: TypeAlias = Moving | Lost | Literal["all"]
Key: TypeAlias = tuple[int, int]
"""Number of an input value and of its axis."""


class Field(NamedTuple):
    """The receptive field of a value along one axis of one input."""

    input: str
    """Name of the input."""
    axis: str
    """Name of its axis; its number where it has no name."""
    size: tuple[int, int] | Literal["all", "varies"]
    """Least and greatest size over the positions that exist; they differ only after a change of resolution upwards."""
    stride: Fraction | None
    """Input positions from one output position to the next, on average; 0 where the field stays."""
    offset: int | None
    """First input position that output position 0 sees (in padding where it is negative); None where there is none."""

    @property
    def padding(self) -> int | None:
        """Effective padding of the layers up to here, taken as one window: positions before the input's first."""
        return None if self.offset is None else -self.offset

    def __str__(self) -> str:
        """The size: ``27``, ``188-204``, ``all``, ``varies``."""
        if isinstance(self.size, str):
            return self.size
        least, greatest = self.size
        return str(least) if least == greatest else f"{least}-{greatest}"


@dataclass(frozen=True, slots=True)
class ReceptiveFields:
    """Receptive fields of all values of a graph."""

    seen: tuple[Mapping[Key, Seen] | None, ...]
    """For each value what it sees of each input axis that it depends on; None where it was not worked out."""
    names: Mapping[Key, tuple[str, str]]
    """Input and axis of each key, by name."""
    values: tuple[TensorType, ...]

    def of(self, value: int) -> tuple[Field, ...] | None:
        """The receptive field of a value, an entry for each input axis that it depends on, in their order.

        None where it was not worked out, because the graph before it took too many steps.
        """
        seen = self.seen[value]
        if seen is None:
            return None
        return tuple(self._field(key, seen[key], value) for key in sorted(seen) if key in self.names)

    def _field(self, key: Key, s: Seen, value: int) -> Field:
        name, axis = self.names[key]
        if not isinstance(s, Moving):
            return Field(name, axis, "all" if s == "all" else "varies", None, None)
        n = 1 if s.axis is None else self.values[value].shape[s.axis]
        first = s.reach.at(0)
        stride = Fraction(s.reach.step, s.reach.period)
        return Field(name, axis, s.reach.sizes(n), stride, first[0] if first is not None else None)


def receptive_fields(graph: Graph) -> ReceptiveFields:
    """Follows every input axis through the graph, in one pass over the nodes."""
    seen: list[Mapping[Key, Seen] | None] = [None] * len(graph.values)
    for v in graph.inputs.values():
        x = graph.values[v]
        seen[v] = {(v, a): Moving(a, START) for a, role in enumerate(x.axes) if role != CHANNELS or x.rank == 2}
    windowed: set[Key] = set()
    work = BASE_WORK + NODE_WORK * len(graph.nodes)
    for node in graph.nodes:
        if work <= 0:
            break
        if node.op.rank == 1:
            axis = 0 if node.op.channels_last else 1
            for key, s in (seen[node.inputs[0]] or {}).items():
                if isinstance(s, Moving) and s.axis == axis:
                    windowed.add(key)
                work -= 1
        for k, v in enumerate(node.values):
            seen[v], taken = _node(graph, node, k, seen)
            work -= taken
    names: dict[Key, tuple[str, str]] = {}
    for name, v in graph.inputs.items():
        names.update({(v, a): (name, axis) for a, axis in _axis_names(v, graph.values[v], windowed).items()})
    return ReceptiveFields(tuple(seen), names, graph.values)


def _axis_names(v: int, x: TensorType, windowed: set[Key]) -> dict[int, str]:
    """Names of the axes of an input that are reported."""
    named = {a: role or str(a) for a, role in enumerate(x.axes) if role != CHANNELS}
    channel = x.channel
    if x.rank == 2 and channel is not None and (v, channel) in windowed:
        if (v, 1 - channel) in windowed:
            return {**named, channel: CHANNELS}
        return {channel: SEQUENCE}
    return named


def _node(
    graph: Graph, node: Node, k: int, seen: list[Mapping[Key, Seen] | None]
) -> tuple[Mapping[Key, Seen], int]:
    """What an output of a node sees, and the steps that took."""
    out: dict[Key, Seen] = {}
    taken = 1
    shape = node.outputs[k].shape
    for v, reads in zip(node.inputs, node.op.reads(graph.inputs_of(node), node.outputs, k), strict=True):
        before = seen[v]
        if reads is None or not before:
            continue
        of = graph.values[v].shape
        for key, s in before.items():
            now = _read(s, reads, of)
            if now is not None and key in out:
                now = _joined(out[key], now, shape)
            if now is not None:
                out[key] = now
            taken += now.reach.period if isinstance(now, Moving) else 1
    return out, taken


def _read(s: Seen, reads: tuple[AxisRead, ...], shape: tuple[int, ...]) -> Seen | None:
    """What a value sees that reads another of that shape, which sees ``s``; None for nothing."""
    if s == "all":
        return s
    if isinstance(s, Lost):
        found = [reads[a] for a in s.axes]
        return "all" if WHOLE in found else Lost(frozenset(r.axis for r in found if isinstance(r, Along)))
    if s.axis is None:
        return s
    read = reads[s.axis]
    if read is WHOLE and shape[s.axis] == 1:
        read = Fixed(0, 0)
    if isinstance(read, Along):
        rows = read.taps.rows
        if read.taps.step == 1 and len(rows) == 1 and len(rows[0]) == 1 and rows[0][0] == 0:
            return s if read.axis == s.axis else Moving(read.axis, s.reach)
        reach = through(s.reach, read.taps)
        return Lost(frozenset((read.axis,))) if isinstance(reach, str) else Moving(read.axis, reach)
    if isinstance(read, Fixed):
        fixed = between(s.reach, read.first, read.last)
        return None if fixed is None else Moving(None, fixed)
    return "all"


def _joined(a: Seen, b: Seen, shape: tuple[int, ...]) -> Seen:
    """What a value of that shape sees that sees both."""
    if a == b:
        return a
    if a == "all" or b == "all":
        return "all"
    if isinstance(a, Moving) and isinstance(b, Moving):
        both = union(a.reach, b.reach) if a.axis == b.axis else "varies"
        if not isinstance(both, str):
            return Moving(a.axis, both)
        # Along an axis of size one there is one position only: its interval stays, whatever the rate.
        one, other = _stays(a, shape), _stays(b, shape)
        if one is not None and other is not None:
            both = union(one, other)
            if not isinstance(both, str):
                return Moving(None, both)
    return Lost(_axes(a) | _axes(b))


def _axes(s: Moving | Lost) -> frozenset[int]:
    if isinstance(s, Lost):
        return s.axes
    return frozenset(() if s.axis is None else (s.axis,))


def _stays(s: Moving, shape: tuple[int, ...]) -> Reach | None:
    if s.axis is None:
        return s.reach
    return between(s.reach, 0, 0) if shape[s.axis] == 1 else None
