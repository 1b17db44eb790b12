"""The tree of levels of a network, from dotted names or module calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TypeAlias

from ...ir import Graph, Node
from ..draft import ModuleCall

Part: TypeAlias = "Level | Node"
Reads: TypeAlias = Callable[[Node], Sequence[int]]
"""Returns the values that a layer uses."""


@dataclass(eq=False)
class Level:
    """A level of the tree, which becomes a block, an inline group or only a prefix of names."""

    path: str
    """Full dotted name; empty for the whole network."""
    title: str = ""
    """The class of the module, or empty if unknown."""
    parts: list[Part] = field(default_factory=list["Level | Node"])
    """The direct sublevels and layers, in order."""
    parent: Level | None = None

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """All layers in the level, in order. Cached: only use it when the tree is complete."""
        out: list[Node] = []
        stack: list[Iterator[Part]] = [iter(self.parts)]
        while stack:
            part = next(stack[-1], None)
            if part is None:
                stack.pop()
            elif isinstance(part, Level):
                stack.append(iter(part.parts))
            else:
                out.append(part)
        return tuple(out)

    @cached_property
    def values(self) -> frozenset[int]:
        """The output values of its layers."""
        return frozenset(value for node in self.nodes for value in node.values)

    @property
    def levels(self) -> list[Level]:
        """The direct sublevels."""
        return [part for part in self.parts if isinstance(part, Level)]

    def local_name(self, part: Part) -> str:
        """Returns the name of a direct part relative to the level; it may contain dots."""
        name = part.path if isinstance(part, Level) else part.name
        return relative_name(name, self.path)

    @cached_property
    def numbers(self) -> tuple[int, ...] | None:
        """The names of its parts as integers, if all are numbers in ascending order; else None."""
        names = [self.local_name(part) for part in self.parts]
        if not names or not all(name.isdecimal() and str(int(name)) == name for name in names):
            return None
        numbers = tuple(map(int, names))
        return numbers if all(a < b for a, b in pairwise(numbers)) else None

    @property
    def is_list(self) -> bool:
        """Whether its parts are named 0, 1, 2, …"""
        return self.numbers is not None and self.numbers == tuple(range(len(self.parts)))


def relative_name(name: str, path: str) -> str:
    """Returns a dotted name relative to a path; a name outside the path is returned unchanged."""
    return name[len(path) + 1 :] if path and name.startswith(f"{path}.") else name


def walk_levels(level: Level) -> Iterator[Level]:
    """Yields a level and all levels in it, in preorder."""
    stack = [level]
    while stack:
        level = stack.pop()
        yield level
        stack += reversed(level.levels)


def level_tree(graph: Graph, nodes: Sequence[Node], reads: Reads, calls: Mapping[str, Sequence[ModuleCall]]) -> Level:
    """Builds the tree of levels of a network.

    A level is omitted, and its contents move up, if it contains only one layer, uses no value from outside, has the
    same name as a layer, or is interrupted by outside layers.

    Args:
        graph: the flat network.
        nodes: the layers in order, without stored weights and fused activations.
        reads: returns the values that a layer uses.
        calls: for each layer name, the calls of the modules that contain it, outermost first; layers without calls get
            the levels of their dotted names.
    """
    titles: dict[str, str] = {}
    ancestry: dict[str, list[str]] = {}
    for node in nodes:
        module_calls = calls.get(node.name)
        if module_calls is None:
            ancestry[node.name] = prefixes(node.name)
            continue
        ancestry[node.name] = [call.path for call in module_calls if node.name.startswith(f"{call.path}.")]
        titles.update((call.path, call.class_name.rpartition(".")[2]) for call in module_calls)
    nodes = sources_late(graph, nodes, reads, ancestry)
    levels = usable_levels(graph, nodes, reads, ancestry)
    root = Level("")
    open_levels = {"": root}
    for node in nodes:
        level = root
        for path in ancestry[node.name]:
            if path not in levels:
                continue
            inner = open_levels.get(path)
            if inner is None:
                inner = open_levels[path] = Level(path, titles.get(path, ""), parent=level)
                level.parts.append(inner)
            level = inner
        level.parts.append(node)
    return root


def sources_late(
    graph: Graph, nodes: Sequence[Node], reads: Reads, ancestry: Mapping[str, Sequence[str]]
) -> list[Node]:
    """Moves layers without inputs directly before the first layer, or outermost new level, that uses them."""
    sources = {node.first_value: node for node in nodes if not reads(node)}
    others = [node for node in nodes if reads(node)]
    begins: dict[str, int] = {}
    for n, node in enumerate(others):
        for path in ancestry[node.name]:
            begins.setdefault(path, n)
    before: dict[int, list[Node]] = {}
    waiting = dict(sources)
    for n, node in enumerate(others):
        for value in dict.fromkeys(reads(node)):
            source = waiting.pop(value, None)
            if source is not None:
                ancestors = set(ancestry[source.name])
                at = next((begins[path] for path in ancestry[node.name] if path not in ancestors), n)
                before.setdefault(at, []).append(source)
    returned = set(graph.outputs.values())
    rest = [node for node in waiting.values() if not returned.isdisjoint(node.values) or node.weights]
    return [each for n, node in enumerate(others) for each in (*before.get(n, ()), node)] + rest


def prefixes(name: str) -> list[str]:
    """Returns ``a``, ``a.b`` for ``a.b.c``."""
    words = name.split(".")
    return [".".join(words[:n]) for n in range(1, len(words))]


def usable_levels(graph: Graph, nodes: Sequence[Node], reads: Reads, ancestry: Mapping[str, Sequence[str]]) -> set[str]:
    """Returns the paths of the levels that can be expressed in a spec."""
    members: dict[str, list[Node]] = {}
    positions: dict[str, list[int]] = {}
    for position, node in enumerate(nodes):
        for path in ancestry[node.name]:
            members.setdefault(path, []).append(node)
            positions.setdefault(path, []).append(position)
    names = {node.name for node in nodes} | set(graph.inputs)
    usable: set[str] = set()
    for path, inside in members.items():
        ranks = positions[path]
        if path in names or ranks[-1] - ranks[0] + 1 != len(ranks):
            continue
        values = {value for node in inside for value in node.values}
        if any(value not in values for node in inside for value in reads(node)):
            usable.add(path)
    large = {path for path in usable if len(members[path]) > 1}
    lists = {path.rpartition(".")[0] for path in large if path.rpartition(".")[2].isdecimal()}
    # an item of a list remains a level if other items do
    return large | {p for p in usable if p.rpartition(".")[2].isdecimal() and p.rpartition(".")[0] in lists}
