"""Counts of parameters and buffers, layer by layer, and the bytes they occupy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from ..ir import Graph, Parameter
from ..shapes.types import DTYPES, ITEM_BYTES

if TYPE_CHECKING:
    from .stacked_parts import StackedParts


class ParameterCount(NamedTuple):
    """Elements of the parameters and buffers of one layer."""

    params: int = 0
    """Weights and biases; those shared with an earlier layer are not counted again."""
    trainable_params: int = 0
    buffers: int = 0
    """Running statistics and tables; those stored with an earlier layer are not counted again."""
    idle_params: int = 0
    """Parameters of copies under ``route`` that a position does not choose."""


_NONE = ParameterCount()


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters and buffers of a graph."""

    layers: tuple[ParameterCount, ...] = field(repr=False)
    """For each layer, in the order of the graph."""
    bytes_by_dtype: Mapping[str, int]
    """Bytes of all parameters, by the type of their elements; only types that occur."""
    buffer_bytes: int
    """Bytes of all buffers."""


def count_parameters(graph: Graph) -> Parameters:
    """Counts each parameter and buffer once, at the first layer that uses it; of a stack, the part of each copy.

    Equal tables that are stored as one count once.
    """
    seen: set[Parameter] = {*graph.equal_constants}
    stacks: StackedParts | None = None
    layers: list[ParameterCount] = []
    sizes: dict[str, int] = dict.fromkeys(DTYPES, 0)
    buffer_bytes = 0
    for layer in graph.layers:
        params = trainable = buffers = idle = 0
        for node in layer.all_nodes:
            if node.op.bodies:
                from .region_figures import idle_params  # loaded only for layers that run along an axis or by choice

                idle += idle_params(node, seen)
            if stacks is None and node.weights and node.weights[0][1].stacks:
                from .stacked_parts import StackedParts  # loaded only for copies with `stacked`

                stacks = StackedParts(seen)
            if stacks is None:
                new = dict.fromkeys([p for _, p in node.weights if p not in seen]) if node.weights else ()
                counted = [(p, p.elements) for p in new]
                seen.update(new)
            else:
                counted = stacks.new(node)
                seen.update([p for p, _ in counted])
            for p, n in counted:
                if p.buffer:
                    buffers += n
                    buffer_bytes += n * ITEM_BYTES[p.dtype]
                else:
                    params += n
                    trainable += n if p.trainable else 0
                    sizes[p.dtype] += n * ITEM_BYTES[p.dtype]
        layers.append(ParameterCount(params, trainable, buffers, idle) if params or buffers else _NONE)
    return Parameters(tuple(layers), {d: n for d, n in sizes.items() if n}, buffer_bytes)
