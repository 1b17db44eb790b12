"""Sizes and inputs with which a network is run."""

from __future__ import annotations

from typing import Any

from netspec.analysis.legal_sizes import legal_sizes
from netspec.ir import Graph

SMALL = (37, 54)
"""Sizes near which legal ones are looked for: small, and not round."""
INDICES = 1 << 15
"""Integers that index no table are below this."""


def sizes_to_run(graph: Graph) -> list[dict[str, int]]:
    """Two sets of sizes of the named dimensions that the network accepts, small ones first; empty without any."""
    if not graph.dims:
        return [{}]
    defaults = {name: dim.default for name, dim in graph.dims.items()}
    legal = legal_sizes(graph)
    accepted: list[dict[str, int]] = []
    for number, small in enumerate(SMALL):
        near = {
            name: next(iter(legal[name].nearest(small + 6 * ((k + number) % 2))), default)
            for k, (name, default) in enumerate(defaults.items())
        }
        if all(c.holds(c.difference.at(near)) for c in graph.conditions):
            accepted.append(near)
    return accepted or [defaults]


def random_inputs(graph: Graph, batch: int, dtype: str) -> dict[str, Any]:
    """Normal numbers for each input by name; integers that are valid indices of every table that they index."""
    import numpy as np

    generator = np.random.default_rng(batch)
    inputs: dict[str, Any] = {}
    for name, value in graph.inputs.items():
        type = graph.values[value]
        shape = (batch, *type.shape)
        if type.dtype == "bool":
            inputs[name] = generator.random(shape) < 0.5
        elif type.dtype in ("int64", "int32"):
            inputs[name] = generator.integers(0, _limit(graph, value), shape).astype(type.dtype)
        else:
            inputs[name] = generator.normal(0, 1, shape).astype(dtype)
    return inputs


def _limit(graph: Graph, value: int) -> int:
    """The least number of rows of the tables that a value indexes, directly or after other operations."""
    limit, derived = INDICES, {value}
    for node in graph.nodes:
        ranges = node.op.index_ranges(graph.inputs_of(node))
        for number, below in ranges.items():
            if node.inputs[number] in derived:
                limit = min(limit, below)
        if any(v in derived for number, v in enumerate(node.inputs) if number not in ranges):
            derived.update(node.values)
    return limit
