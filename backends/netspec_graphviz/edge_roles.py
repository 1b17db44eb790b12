"""The edges of a picture: what flows along each, and whether it belongs to the main path."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .read_roles import ReadRole


@dataclass(eq=False, slots=True)
class Edge:
    """The connection from the box that computes a value to a box that reads it."""

    tail: int
    head: int
    label: str = ""
    """Name of the output, if it is a named one and not the first."""
    role: ReadRole = "tensor"
    """What flows along it; an edge of sizes alone is not drawn."""
    main: bool = False
    """Whether it is on the longest path through the network, outside of branches of three or more."""

    @property
    def skips(self) -> bool:
        """Whether it is (a part of) a skip connection."""
        return self.role == "skip"

    @property
    def weight(self) -> int:
        """How much the layout engine tries to keep the edge short and straight."""
        return 1 if self.role != "tensor" else 20 if self.main else 4


_PRECEDENCE: tuple[ReadRole, ...] = ("tensor", "skip", "positions", "size")


def combined_role(roles: Iterable[ReadRole]) -> ReadRole:
    """The role of an edge that stands for several reads: a skip connection if nothing but skips and sizes flows."""
    return min(roles, key=_PRECEDENCE.index)


def classify_edges(count: int, edges: list[Edge]) -> int:
    """Sets ``main`` of all edges; returns the sum of the ranks that the edges span.

    Args:
        count: number of boxes.
        edges: the edges; the head of each has a greater number than its tail.
    """
    incoming: list[list[Edge]] = [[] for _ in range(count)]
    for edge in edges:
        incoming[edge.head].append(edge)
    rank = [0] * count
    longest: list[Edge | None] = [None] * count
    for v in range(count):
        best = longest[v] = max(incoming[v], key=lambda edge: rank[edge.tail], default=None)
        if best is not None:
            rank[v] = rank[best.tail] + 1
    branches = [sum(not edge.skips for edge in group) for group in incoming]
    forks = [0] * count
    for edge in edges:
        forks[edge.tail] += not edge.skips
    for edge in edges:
        edge.main = forks[edge.tail] < 2 and branches[edge.head] < 2 and not edge.skips
    # The longest path, followed back from the last box.
    step = longest[max(range(count), key=rank.__getitem__)] if count else None
    while step is not None:
        step.main = forks[step.tail] < 3 and branches[step.head] < 3
        step = longest[step.tail]
    return sum(rank[edge.head] - rank[edge.tail] for edge in edges)
