"""The numbers that a network computes of positions and stored tables alone: of no input, and of no trained tensor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

TOLERANCE = 1e-5
"""Relative to the largest number: a source may have stored numbers of single precision."""


def constants(graph: Any, weights: Mapping[str, Any] | None = None) -> tuple[set[int], dict[int, Any]]:
    """Returns the values that depend on no input or trained tensor, and arrays of those that other layers read.

    Args:
        graph: the network.
        weights: its tensors by name; by default, the initial values.
    """
    import torch

    from netspec.importing.imported_weights import GivenWeights
    from netspec_torch.module import build_module

    graph = graph.at_default
    constant: set[int] = set()
    read = set(graph.outputs.values())
    for node in graph.ancestors(graph.outputs.values()):
        if node.op.name != "parameter" and all(p.buffer for _, p in node.weights) and constant.issuperset(node.reads):
            constant.update(node.values)
        else:
            read.update(node.reads)
    names = {f"constant{value}": value for value in sorted(read & constant)}
    if not names:
        return constant, {}
    module = build_module(replace(graph, outputs=names), GivenWeights(weights or {}), torch.device("cpu")).eval()
    inputs = [torch.zeros(1, *t.shape, dtype=getattr(torch, t.dtype)) for t in graph.input_types.values()]
    with torch.no_grad():
        results = module(*inputs)
    arrays = results if isinstance(results, dict) else dict(zip(names, [results], strict=True))
    return constant, {names[name]: array.numpy() for name, array in arrays.items()}


class KnownNumbers:
    """Keys of arrays: arrays that are equal up to rounding and axes of size 1 have the same key."""

    def __init__(self) -> None:
        self._arrays: dict[tuple[int, ...], list[Any]] = {}

    def key(self, array: Any) -> int:
        """Returns the key of an array."""
        shape = tuple(n for n in array.shape if n != 1)
        numbers = np.asarray(array, np.float64).reshape(shape)
        alike = self._arrays.setdefault(shape, [])
        finite = np.abs(numbers[np.isfinite(numbers)])
        bound = TOLERANCE * float(finite.max(initial=0.0))
        for place, other in enumerate(alike):
            if np.allclose(numbers, other, rtol=0, atol=bound, equal_nan=True):
                return hash(("constant", shape, place))
        alike.append(numbers)
        return hash(("constant", shape, len(alike) - 1))
