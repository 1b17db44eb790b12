"""The edges of a picture: what flows along each, and whether it belongs to the main path."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .read_roles import ReadRole

MAIN_WEIGHT, BRANCH_WEIGHT, SIDE_WEIGHT = 20, 4, 1
"""Weights of edges for the layout engine: of main edges, of other edges of tensors, and of others, such as skips."""
FORK, WIDE_FORK = 2, 3
"""Number of edges from a box at which it is a fork, and at which even the longest path is not straight; of edges into a
box at which it is a join, and a wide one. Skip connections do not count."""


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
    """Whether it is laid out straight: on the longest path but not at a wide fork or join, or at no fork or join."""

    @property
    def skips(self) -> bool:
        """Whether it is (a part of) a skip connection."""
        return self.role == "skip"

    @property
    def weight(self) -> int:
        """How much the layout engine tries to keep the edge short and straight."""
        if self.role != "tensor":
            return SIDE_WEIGHT
        return MAIN_WEIGHT if self.main else BRANCH_WEIGHT


_PRECEDENCE: tuple[ReadRole, ...] = ("tensor", "skip", "positions", "size")


def combined_role(roles: Iterable[ReadRole]) -> ReadRole:
    """The most important role, in the order of ``_PRECEDENCE``, for an edge that stands for several reads."""
    return min(roles, key=_PRECEDENCE.index)


def ranks(count: int, edges: Sequence[Edge]) -> list[int]:
    """The number of edges on the longest path to each box.

    Args:
        count: number of boxes.
        edges: the edges; the head of each has a greater number than its tail.
    """
    rank = [0] * count
    for head, incoming in enumerate(_incoming(count, edges)):
        rank[head] = max((rank[edge.tail] + 1 for edge in incoming), default=0)
    return rank


def mark_main_edges(edges: Sequence[Edge], rank: Sequence[int]) -> None:
    """Sets ``main`` of all edges.

    Args:
        edges: the edges; the head of each has a greater number than its tail.
        rank: the rank of each box.
    """
    incoming = _incoming(len(rank), edges)
    joins = [sum(not edge.skips for edge in group) for group in incoming]
    forks = Counter(edge.tail for edge in edges if not edge.skips)
    for edge in edges:
        edge.main = forks[edge.tail] < FORK and joins[edge.head] < FORK and not edge.skips
    # The longest path, followed back from the last box.
    box = max(range(len(rank)), key=rank.__getitem__, default=0)
    while rank and incoming[box]:
        edge = max(incoming[box], key=lambda edge: rank[edge.tail])
        edge.main = forks[edge.tail] < WIDE_FORK and joins[edge.head] < WIDE_FORK
        box = edge.tail


def _incoming(count: int, edges: Sequence[Edge]) -> list[list[Edge]]:
    """The edges into each box."""
    out: list[list[Edge]] = [[] for _ in range(count)]
    for edge in edges:
        out[edge.head].append(edge)
    return out
