"""The dependence of values on the axes of the inputs, and its propagation through operations."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

from ..ir import Graph, Node
from ..shapes.reads import WHOLE, Along, AxisRead, Fixed
from .periodic_interval import PeriodicInterval, compose, compose_steps, hull, union


class Moving(NamedTuple):
    """The interval moves along an axis of the value; ``axis`` is None if it is the same at every position."""

    axis: int | None
    interval: PeriodicInterval


class Irregular(NamedTuple):
    """The interval depends on these axes of the value without a period, or with one that is too long."""

    axes: frozenset[int]


Coverage: TypeAlias = Moving | Irregular | Literal["all"]
"""How a value depends on one axis of one input."""
Key: TypeAlias = tuple[int, int]
"""Number of an input value and of its axis."""


def output_coverage(
    graph: Graph, node: Node, k: int, coverage: list[Mapping[Key, Coverage] | None]
) -> tuple[Mapping[Key, Coverage], int]:
    """Returns the coverage of output k of a node, and the number of steps that computing it took."""
    out: dict[Key, Coverage] = {}
    steps = 1
    shape = node.outputs[k].shape
    all_reads = list(zip(node.inputs, node.op.reads(graph.inputs_of(node), node.outputs, k), strict=True))
    for _, v in node.given_weights:  # read as a whole; it depends on an input only if there is one for each example
        all_reads.append((v, (WHOLE,) * graph.values[v].rank))
    for v, reads in all_reads:
        before = coverage[v]
        if reads is None or not before:
            continue
        input_shape = graph.values[v].shape
        for key, c in before.items():
            if isinstance(c, Moving) and c.axis is not None and isinstance(read := reads[c.axis], Along):
                steps += compose_steps(c.interval, read.pattern)
            now = _read(c, reads, input_shape)
            if now is not None and key in out:
                now = _joined(out[key], now, shape)
            if now is not None:
                out[key] = now
            steps += now.interval.period if isinstance(now, Moving) else 1
    return out, steps


def _read(c: Coverage, reads: tuple[AxisRead, ...], shape: tuple[int, ...]) -> Coverage | None:
    """Returns the coverage of a value that reads another one with coverage ``c``; None if it reads nothing of it."""
    if c == "all":
        return c
    if isinstance(c, Irregular):
        along = [reads[a] for a in c.axes]
        return "all" if WHOLE in along else Irregular(frozenset(r.axis for r in along if isinstance(r, Along)))
    if c.axis is None:
        return c
    read = reads[c.axis]
    if read is WHOLE and shape[c.axis] == 1:
        read = Fixed(0, 0)
    if isinstance(read, Along):
        rows = read.pattern.rows
        if read.pattern.step == 1 and len(rows) == 1 and len(rows[0]) == 1 and rows[0][0] == 0:
            return c if read.axis == c.axis else Moving(read.axis, c.interval)
        interval = compose(c.interval, read.pattern)
        return Irregular(frozenset((read.axis,))) if isinstance(interval, str) else Moving(read.axis, interval)
    if isinstance(read, Fixed):
        fixed = hull(c.interval, read.first, read.last)
        return None if fixed is None else Moving(None, fixed)
    return "all"


def _joined(a: Coverage, b: Coverage, shape: tuple[int, ...]) -> Coverage:
    """Returns the coverage of a value of the given shape that depends on an input axis in both ways."""
    if a == b:
        return a
    if a == "all" or b == "all":
        return "all"
    if isinstance(a, Moving) and isinstance(b, Moving):
        joined = union(a.interval, b.interval) if a.axis == b.axis else "varies"
        if not isinstance(joined, str):
            return Moving(a.axis, joined)
        # Along an axis of size one there is a single position, so its interval is constant whatever the rate.
        a_constant, b_constant = _constant(a, shape), _constant(b, shape)
        if a_constant is not None and b_constant is not None:
            joined = union(a_constant, b_constant)
            if not isinstance(joined, str):
                return Moving(None, joined)
    return Irregular(_axes(a) | _axes(b))


def _axes(c: Moving | Irregular) -> frozenset[int]:
    if isinstance(c, Irregular):
        return c.axes
    return frozenset(() if c.axis is None else (c.axis,))


def _constant(c: Moving, shape: tuple[int, ...]) -> PeriodicInterval | None:
    """Returns the interval if it is the same at every position of that shape; None if it moves."""
    if c.axis is None:
        return c.interval
    return hull(c.interval, 0, 0) if shape[c.axis] == 1 else None
