"""Parameters: trainable and frozen, shared ones once, buffers apart, and the bytes they take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ..ir import Graph, Parameter
from ..shapes.types import DTYPES, ITEM_BYTES


class Count(NamedTuple):
    """Numbers of weights. A parameter counts where it is first used; there alone it stands in ``params``."""

    trainable: int = 0
    frozen: int = 0
    buffers: int = 0
    """Elements of running statistics and tables, which are no parameters."""
    shared: int = 0
    """Elements of parameters that an earlier node has counted."""

    @property
    def params(self) -> int:
        """Parameters, trainable or not."""
        return self.trainable + self.frozen

    def plus(self, other: Count) -> Count:
        """Both together."""
        return Count(*(a + b for a, b in zip(self, other, strict=True)))


NONE = Count()


@dataclass(frozen=True, slots=True)
class Parameters:
    """Weights of a graph."""

    total: Count
    nodes: tuple[Count, ...]
    """For each node, in the graph's order."""
    weight_bytes: tuple[tuple[str, int], ...]
    """Bytes of all parameters by the type of their elements, where there are any."""
    buffer_bytes: int
    """Bytes of all buffers."""

    @property
    def bytes(self) -> int:
        """Bytes of all parameters."""
        return sum(n for _, n in self.weight_bytes)


def count_parameters(graph: Graph) -> Parameters:
    """Counts every parameter and buffer of a graph, a shared one where it is first used."""
    seen: set[Parameter] = set()
    nodes: list[Count] = []
    sizes: dict[str, int] = dict.fromkeys(DTYPES, 0)
    buffer_bytes = 0
    total = [0, 0, 0, 0]
    for node in graph.nodes:
        if not node.weights:
            nodes.append(NONE)
            continue
        here = [0, 0, 0, 0]
        for _, p in node.weights:
            n = p.elements
            if p in seen:
                here[3] += n
                continue
            seen.add(p)
            if p.buffer:
                here[2] += n
                buffer_bytes += n * ITEM_BYTES[p.dtype]
            else:
                here[0 if p.trainable else 1] += n
                sizes[p.dtype] += n * ITEM_BYTES[p.dtype]
        nodes.append(Count(*here))
        for i, n in enumerate(here):
            total[i] += n
    return Parameters(Count(*total), tuple(nodes), tuple((d, n) for d, n in sizes.items() if n), buffer_bytes)
