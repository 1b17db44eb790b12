"""Sizes at which no pooling drops a row: the windows cover the whole input."""

from __future__ import annotations

from ..ir import Graph
from ..shapes.sizes import is_named
from .legal_sizes import Requirement, requirements, solve
from .size_set import SizeSet


def lossless_sizes(graph: Graph) -> dict[str, SizeSet]:
    """Returns the legal sizes of every named dimension at which all pooling windows together read all rows."""
    asked = [*requirements(graph.conditions), *_whole_windows(graph)]
    return {dim.name: solve(asked, dim, graph.dims) for dim in graph.dims.values()}


def _whole_windows(graph: Graph) -> list[Requirement]:
    """Requires for every pooling that its last window ends at the end of its input or later."""
    asked: dict[Requirement, None] = {}
    for node in graph.nodes:
        if node.weights or not node.inputs:
            continue
        x, y = graph.values[node.inputs[0]], node.outputs[0]
        for axis, window, (before, _) in node.op.sliding(x):
            end = (y.shape[axis] - 1) * window.stride + window.extent - before
            left = end - x.shape[axis]
            if is_named(left):
                asked[Requirement(">=", left)] = None
    return list(asked)
