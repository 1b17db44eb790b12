"""Counts of parameters and buffers, layer by layer, and the bytes they occupy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import NamedTuple

from ..ir import Graph, Node, Parameter
from ..ops.shape import Select
from ..shapes.types import DTYPES, ITEM_BYTES


class ParameterCount(NamedTuple):
    """Elements of the parameters and buffers of one layer."""

    params: int = 0
    """Weights and biases; those that an earlier layer shares with this one are not counted again."""
    trainable_params: int = 0
    buffers: int = 0
    """Running statistics and tables."""
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


class Part(NamedTuple):
    """A parameter, or the part of a stacked one that one copy has."""

    parameter: Parameter
    copies: tuple[int, ...] = ()
    """The numbers of the copies along the first axes."""

    @property
    def elements(self) -> int:
        """Number of elements."""
        return prod(self.parameter.shape[len(self.copies) :])


def _own_parts(node: Node, parts: dict[int, Part]) -> list[Part]:
    """What a node has of parameters; ``parts`` are those of stacks by value, to which it adds."""
    counted = [Part(p) for name, p in node.weights if name or not p.stacks]
    if node.weights and not counted:
        parts[node.first_value] = Part(node.weights[0][1])
    elif parts and isinstance(node.op, Select) and node.inputs[0] in parts:
        p, copies = parts[node.inputs[0]]
        part = Part(p, (*copies, node.op.index))
        if len(part.copies) < p.stacks:
            parts[node.first_value] = part
        else:
            counted.append(part)
    return counted


def count_parameters(graph: Graph) -> Parameters:
    """Counts each parameter and buffer once, at the first layer that uses it; of a stack, each copy's part."""
    seen: set[Parameter] = set()
    seen_parts: set[Part] = set()
    parts: dict[int, Part] = {}
    layers: list[ParameterCount] = []
    sizes: dict[str, int] = dict.fromkeys(DTYPES, 0)
    buffer_bytes = 0
    for layer in graph.layers:
        params = trainable = buffers = idle = 0
        for node in layer.all_nodes:
            if hasattr(node.op, "bodies"):
                from .region_figures import idle_params  # loaded only for layers that run along an axis or by choice

                idle += idle_params(node, seen)
            for part in _own_parts(node, parts):
                p, n = part.parameter, part.elements
                if part in seen_parts:
                    continue
                seen_parts.add(part)
                seen.add(p)
                if p.buffer:
                    buffers += n
                    buffer_bytes += n * ITEM_BYTES[p.dtype]
                else:
                    params += n
                    trainable += n if p.trainable else 0
                    sizes[p.dtype] += n * ITEM_BYTES[p.dtype]
        layers.append(ParameterCount(params, trainable, buffers, idle) if params or buffers else _NONE)
    return Parameters(tuple(layers), {d: n for d, n in sizes.items() if n}, buffer_bytes)
