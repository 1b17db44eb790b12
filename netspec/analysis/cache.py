"""The key/value cache: the keys and values that causal attention keeps for earlier positions."""

from __future__ import annotations

from dataclasses import dataclass

from ..ir import Graph
from ..shapes.types import ITEM_BYTES


@dataclass(frozen=True, slots=True)
class Cache:
    """The cached keys and values for one example: those of the ``kv_heads``, limited to the attention's ``window``."""

    layers: int
    """Number of causal attentions."""
    token_elements: int
    """Elements that each token adds."""
    token_bytes: int
    """Bytes that each token adds."""
    elements: int
    """Elements for the whole sequence; an attention with a window caches at most that many positions."""
    bytes: int
    """Bytes for the whole sequence."""


def key_value_cache(graph: Graph) -> Cache | None:
    """Returns the cache of a network whose sizes are all numbers; None if it has no causal attention."""
    layers = token_elements = token_bytes = elements = size = 0
    for node in graph.nodes:
        inputs = graph.inputs_of(node)
        cached = node.op.cached(inputs)
        if cached is None:
            continue
        each, positions = cached
        layers += 1
        token_elements += each
        token_bytes += each * ITEM_BYTES[inputs[0].dtype]
        elements += each * positions
        size += each * positions * ITEM_BYTES[inputs[0].dtype]
    return Cache(layers, token_elements, token_bytes, elements, size) if layers else None
