"""The edges of a graph drawing: what each carries, and whether it belongs to the main path."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .read_roles import ReadRole

MAIN_WEIGHT, BRANCH_WEIGHT, SIDE_WEIGHT = 20, 4, 1
"""Layout weights of main edges, of other edges that carry tensors, and of the rest, such as skip connections."""
FORK, WIDE_FORK = 2, 3
"""Number of outgoing edges that make a box a fork, or a wide fork, at which even the longest path is not straight; also
the number of incoming edges that make it a join or a wide join. Skip connections do not count.
"""


@dataclass(eq=False, slots=True)
class Edge:
    """The connection from the box that computes a value to a box that reads it."""

    tail: int
    head: int
    label: str = ""
    """Name of the output, unless it is unnamed or the first one."""
    role: ReadRole = "tensor"
    """What it carries; edges that carry only sizes are not drawn."""
    main: bool = False
    """Whether it is laid out straight. This holds for edges of the longest path, except at wide forks and joins, and
    for edges that touch no fork or join.
    """

    @property
    def skips(self) -> bool:
        """Whether it is a skip connection or part of one."""
        return self.role == "skip"

    @property
    def weight(self) -> int:
        """How strongly the layout engine keeps the edge short and straight."""
        if self.role != "tensor":
            return SIDE_WEIGHT
        return MAIN_WEIGHT if self.main else BRANCH_WEIGHT


_PRECEDENCE: tuple[ReadRole, ...] = ("tensor", "skip", "positions", "size")


def combined_role(roles: Iterable[ReadRole]) -> ReadRole:
    """Returns the most important role, in the order of ``_PRECEDENCE``, of an edge that represents several reads."""
    return min(roles, key=_PRECEDENCE.index)


def ranks(count: int, edges: Sequence[Edge]) -> list[int]:
    """Returns the number of edges on the longest path to each box.

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
    # Follow the longest path back from the last box.
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
