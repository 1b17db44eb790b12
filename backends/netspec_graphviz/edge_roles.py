"""The role of each edge: whether it skips boxes, and whether it belongs to the main path."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(eq=False, slots=True)
class Edge:
    """The connection from the box that computes a value to a box that reads it."""

    tail: int
    head: int
    label: str = ""
    """Name of the output, if it is a named one and not the first."""
    skips: bool = False
    """Whether it is a skip connection: there is another path from its tail to its head."""
    main: bool = False
    """Whether it is on the longest path through the network, outside of branches of three or more."""

    @property
    def weight(self) -> int:
        """How much the layout engine tries to keep the edge short and straight."""
        return 1 if self.skips else 20 if self.main else 4


def classify_edges(count: int, edges: list[Edge]) -> int:
    """Sets ``skips`` and ``main`` of all edges; returns the sum of the ranks that the edges span.

    Args:
        count: number of boxes.
        edges: the edges; the head of each has a greater number than its tail.
    """
    heads: list[list[int]] = [[] for _ in range(count)]
    incoming: list[list[Edge]] = [[] for _ in range(count)]
    for edge in edges:
        heads[edge.tail].append(edge.head)
        incoming[edge.head].append(edge)
    rank = [0] * count
    longest: list[Edge | None] = [None] * count
    for v in range(count):
        best = longest[v] = max(incoming[v], key=lambda edge: rank[edge.tail], default=None)
        if best is not None:
            rank[v] = rank[best.tail] + 1
    for edge in edges:
        edge.skips = rank[edge.head] - rank[edge.tail] > 1 and _has_other_path(edge, heads, rank)
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


def _has_other_path(edge: Edge, heads: list[list[int]], rank: list[int]) -> bool:
    """Whether a path of several edges leads from the edge's tail to its head."""
    last = rank[edge.head]
    seen = {v for v in heads[edge.tail] if rank[v] < last}
    pending = list(seen)
    while pending:
        for v in heads[pending.pop()]:
            if v == edge.head:
                return True
            if v not in seen and rank[v] < last:
                seen.add(v)
                pending.append(v)
    return False
