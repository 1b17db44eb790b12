"""Classifies the reads of values, for graphs, volumes and the page.

A layer reads a tensor, only its size (``like`` of crop and upsample), or the positions of its maxima (``like`` of
max_unpool). A read is a skip connection if it is on the shorter of two paths from a value to a join. Into a sum, the
shorter path may be a projection (one layer with weights, pooling, normalisation); into a concatenation or a product, it
may only crop or resize the value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

from netspec.ir import Graph, Node
from netspec.ops import family_of
from netspec.ops.argument import LayerValidator
from netspec.ops.base import Op
from netspec.ops.merge import Add
from netspec.ops.pool import MaxUnpool

ReadRole: TypeAlias = Literal["tensor", "size", "positions", "skip"]
ReadRoles: TypeAlias = Mapping[tuple[Node, int], ReadRole]
"""Roles by node and index of the value among its reads; ``tensor`` is omitted."""

_WEIGHTED_FAMILIES = frozenset(("conv", "dense", "recurrent", "attention", "along"))
_RESIZING = frozenset(("crop", "center_crop", "pad", "upsample", "identity", "dropout"))
"""Operations permitted on the shorter path into a concatenation."""
_PROJECTING_FAMILIES = frozenset(("norm", "pool", "resize", "regularise", "shape"))
"""Families permitted on the shorter path into a sum, in addition to one layer with weights."""
MAX_WAY = 6
"""Maximum number of layers on the shorter path."""
MAX_VISITS = 1_000_000
"""Number of visited values after which the search for skip connections stops."""


def named_inputs(op: Op) -> list[str]:
    """Returns the arguments of an operation that name its last inputs, in order."""
    return [
        name
        for name, argument in op.arguments.items()
        if isinstance(argument.validator, LayerValidator) and getattr(op, name)
    ]


def read_roles(graph: Graph) -> ReadRoles:
    """Returns the role of every read other than ``tensor``.

    Takes linear time, apart from paths beside skip connections.
    """
    roles: dict[tuple[Node, int], ReadRole] = {}
    for node in graph.nodes:
        if "like" in (names := named_inputs(node.op)):
            at = len(node.inputs) - len(names) + names.index("like")
            roles[node, at] = "positions" if isinstance(node.op, MaxUnpool) else "size"
    ways = _Ways(graph, roles)
    for node in graph.nodes:
        if is_join(node):
            for read in ways.shorter(node):
                roles[read] = "skip"
    return roles


def is_join(node: Node) -> bool:
    """Whether a node merges tensors: sums, products and concatenations, but not matrix products."""
    return len(node.inputs) > 1 and node.op.joins


class _Ways:
    """Finds paths from a value to a join."""

    def __init__(self, graph: Graph, roles: ReadRoles) -> None:
        self.graph = graph
        self.roles = roles
        self.visits = 0
        """Number of values visited so far for all joins."""
        self.rank: dict[int, int] = dict.fromkeys(graph.inputs.values(), 0)
        """For every value, the number of nodes on the longest path to it."""
        for node in graph.nodes:
            rank = 1 + max((self.rank[v] for _, v in self.reads(node)), default=-1)
            self.rank |= dict.fromkeys(node.values, rank)

    def reads(self, node: Node) -> Iterator[tuple[int, int]]:
        """Yields index and value of the tensors that a node reads."""
        for k, v in enumerate(node.reads):
            if self.roles.get((node, k), "tensor") in ("tensor", "skip"):
                yield k, v

    def shorter(self, join: Node) -> list[tuple[Node, int]]:
        """Returns the reads on the shorter paths into a join."""
        reads = list(self.reads(join))
        if len(reads) < 2 or self.visits > MAX_VISITS:
            return []
        longest = max(reads, key=lambda read: self.rank[read[1]])
        ways = [(read, way) for read in reads if read != longest and (way := self._way(join, *read))]
        if not ways:
            return []
        lowest = min(self.rank[value] for _, way in ways for _, value in way)
        lengths = self._lengths(longest[1], lowest)
        out: list[tuple[Node, int]] = []
        for (k, _), way in ways:
            passed = [(join, k)]
            for read, value in way:
                # The first value that the longer path also comes from.
                if value in lengths:
                    out += passed if len(passed) < lengths[value] + 1 else ()
                    break
                passed.append(read)
        return out

    def _way(self, join: Node, index: int, value: int) -> list[tuple[tuple[Node, int], int]]:
        """Follows a path back from a join; returns its values, each with the read that leads further back."""
        out: list[tuple[tuple[Node, int], int]] = []
        weighted = 0
        while len(out) < MAX_WAY:
            node = self.graph.producer(value)
            reads = [] if node is None else list(self.reads(node))
            if node is None or len(reads) != 1:
                return [*out, ((join, index), value)]
            out.append(((node, reads[0][0]), value))
            weighted += family_of(node.op.name) in _WEIGHTED_FAMILIES
            if weighted > 1 or not _may_pass(node, join):
                return out
            value = reads[0][1]
        return out

    def _lengths(self, last: int, lowest: int) -> dict[int, int]:
        """Returns the number of nodes on the longest path from each value, down to a rank, to ``last``."""
        region = {last}
        pending = [last]
        while pending:
            node = self.graph.producer(pending.pop())
            for _, v in () if node is None else self.reads(node):
                if v not in region and self.rank[v] >= lowest:
                    region.add(v)
                    pending.append(v)
        self.visits += len(region)
        lengths = dict.fromkeys(region, 0)
        for value in sorted(region, key=lambda v: -self.rank[v]):
            node = self.graph.producer(value)
            for _, v in () if node is None else self.reads(node):
                if v in lengths:
                    lengths[v] = max(lengths[v], lengths[value] + 1)
        return lengths


def _may_pass(node: Node, join: Node) -> bool:
    """Whether the shorter path into a join may contain a node."""
    if node.op.name in _RESIZING:
        return True
    family = family_of(node.op.name)
    return isinstance(join.op, Add) and family in (*_WEIGHTED_FAMILIES, *_PROJECTING_FAMILIES)
