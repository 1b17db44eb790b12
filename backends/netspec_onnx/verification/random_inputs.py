"""Random inputs of a network."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from netspec.ir import Graph
from netspec.weights.numpy_types import Array

Inputs: TypeAlias = dict[str, Array]
"""Arrays by input name."""


def random_inputs(graph: Graph, batch: int, seed: int = 0) -> Inputs:
    """Uniform numbers from -1 to 1; integers that are valid indices of every table that they index.

    NumPy has no bfloat16: such inputs are float32.
    """
    generator = np.random.default_rng([seed, batch])
    inputs: Inputs = {}
    for name, value in graph.inputs.items():
        kind = graph.values[value]
        shape = (batch, *kind.shape)
        if kind.dtype == "bool":
            inputs[name] = generator.random(shape) < 0.5
        elif kind.dtype in ("int64", "int32"):
            inputs[name] = generator.integers(0, index_limit(graph, value), shape).astype(kind.dtype)
        else:
            exact = kind.dtype if kind.dtype in ("float16", "float64") else "float32"
            inputs[name] = generator.uniform(-1, 1, shape).astype(exact)
    return inputs


def index_limit(graph: Graph, value: int) -> int:
    """Returns the smallest number of rows of the tables that a value indexes, directly or after other operations."""
    limit = 1 << 15
    derived = {value}
    for node in graph.nodes:
        ranges = node.op.index_ranges(graph.inputs_of(node))
        for number, below in ranges.items():
            if node.inputs[number] in derived:
                limit = min(limit, below)
        if any(v in derived for number, v in enumerate(node.inputs) if number not in ranges):
            derived.update(node.values)
    return limit
