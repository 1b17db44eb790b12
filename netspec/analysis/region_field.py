"""Receptive fields of regions: layers that run along an axis, in a loop, or for the positions that choose them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from ..ir import Graph, Node
from ..ops.region import Over, Region
from .coverage import Coverage, Irregular, Key, Moving, output_coverage

Fields = list[Mapping[Key, Coverage] | None]


def region_coverage(graph: Graph, node: Node, coverage: Fields) -> int:
    """Sets the coverage of the outputs of a region; returns the number of steps taken."""
    op = cast("Region", node.op)
    if not isinstance(op, Over):
        coverage[node.first_value], steps = output_coverage(graph, node, 0, coverage)
        return steps
    body = cast("Graph", op.body)
    inner: Fields = [None] * len(body.values)
    turning: set[Key] = set()
    """Keys on which the result depends by position along the axis."""
    for number, (k, axis) in zip(body.inputs.values(), op.sources, strict=True):
        before = coverage[node.inputs[k]] if k is not None else None
        turning |= {key for key, c in (before or {}).items() if axis is not None and axis in _axes(c)}
        inner[number] = {key: _inside(c, axis) for key, c in (before or {}).items()}
    steps = _through(body, inner)
    numbers, outputs = tuple(body.inputs.values()), tuple(body.outputs.values())
    for _ in range(2 if op.states else 0):  # later positions depend on everything that a state has accumulated
        for i, o in op.states:
            start, end = inner[numbers[i]] or {}, inner[outputs[o]] or {}
            inner[numbers[i]] = {**start, **{key: c if start.get(key, c) == c else "all" for key, c in end.items()}}
        steps += _through(body, inner)
    for v, value, place in zip(node.values, outputs, op.places, strict=True):
        by_input = inner[value] or {}
        loop = op.is_loop
        coverage[v] = {key: _outside(c, place, key in turning, loop=loop) for key, c in by_input.items()}
    return steps


def _through(body: Graph, inner: Fields) -> int:
    total = 0
    for node in body.nodes:
        if isinstance(node.op, Region):
            total += region_coverage(body, node, inner)
            continue
        for k, v in enumerate(node.values):
            inner[v], steps = output_coverage(body, node, k, inner)
            total += steps
    return total


def _axes(c: Coverage) -> frozenset[int]:
    if isinstance(c, Irregular):
        return c.axes
    return frozenset(() if c == "all" or c.axis is None else (c.axis,))


def _inside(c: Coverage, axis: int | None) -> Coverage:
    """Converts a coverage to its form in the body: motion along the axis becomes constant there."""
    if axis is None or c == "all":
        return c
    if isinstance(c, Irregular):
        return Irregular(frozenset(a - (a > axis) for a in c.axes if a != axis))
    if c.axis is None or c.axis == axis:
        return Moving(None, c.interval)
    return Moving(c.axis - (c.axis > axis), c.interval)


def _outside(c: Coverage, place: int | None, on_axis: bool, *, loop: bool) -> Coverage:
    """Converts a coverage in the body to its form in the result, where the axis is at a place, or absent."""
    if c == "all" or (on_axis and (loop or place is None)):
        return "all"
    if place is None:
        return c
    if isinstance(c, Irregular):
        return Irregular(frozenset(a + (a >= place) for a in c.axes) | ({place} if on_axis else set()))
    if on_axis:
        return Moving(place, c.interval) if c.axis is None else "all"
    return c if c.axis is None else Moving(c.axis + (c.axis >= place), c.interval)
