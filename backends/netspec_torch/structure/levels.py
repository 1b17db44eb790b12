"""The tree of names: levels with their layers in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import TypeAlias

from netspec.ir import Graph, Node, Scope
from netspec.ir.scope import stored_name
from netspec.ops.learned import Stored

LevelItem: TypeAlias = "Node | Level"


@dataclass(eq=False)
class Level:
    """A level of the tree of names: a scope, or layers whose names have a common prefix."""

    name: str
    scope: Scope | None
    items: list[LevelItem] = field(default_factory=list["Node | Level"])
    title: str | None = None
    """The title of its class, if the level combines a layer with the nodes that compute its weights."""
    extended: bool = False
    """Whether a layer outside has a dotted name below the level's name, and becomes a submodule of its module."""
    outer: Scope | None = None
    """The enclosing scope, if the level is not a scope itself."""

    def path(self, item: LevelItem) -> tuple[str, ...]:
        """Returns the name of an item relative to the level, split at its dots."""
        if item.name == self.name and isinstance(item, Node):  # the layer whose weights are here
            return (item.op.name,)
        return tuple((item.name[len(self.name) + 1 :] if self.name else item.name).split("."))

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes in the level, in order. Only use it when the tree is complete."""
        return tuple(nodes_of(self))

    @property
    def is_runs(self) -> bool:
        """Whether it contains the runs of a mapped layer, which all belong to the module with the level's name."""
        return self.scope is not None and self.scope.copies == "map"

    @cached_property
    def stored(self) -> str:
        """The name of its module: its own name, without the numbers of runs."""
        return stored_name(self.scope.parent if self.scope is not None else self.outer, self.name)

    @property
    def block(self) -> str | None:
        """The block that is used here, or the title that serves as its name."""
        return self.title or (self.scope.block if self.scope is not None else None)

    @property
    def holds_weights(self) -> bool:
        """Whether it contains a layer whose weights are stored here, or computed outside."""
        last = self.items[-1] if self.items else None
        return self.title is None and isinstance(last, Node) and last.name == self.name != ""

    @property
    def is_prefix(self) -> bool:
        """Whether it is only a chain of copies, or a common prefix of names, without a module-like role of its own."""
        if self.scope is None or self.holds_weights:
            return True
        if self.scope.block is not None or self.scope.parent is None or not self.items:
            return False
        if self.scope.copies:
            return not self.is_runs
        return all(isinstance(i, Level) and i.scope is not None and i.scope.copy is not None for i in self.items)


def nodes_of(level: Level) -> Iterator[Node]:
    """Yields all current nodes of a level, in order."""
    stack: list[Iterator[LevelItem]] = [iter(level.items)]
    while stack:
        item = next(stack[-1], None)
        if item is None:
            stack.pop()
        elif isinstance(item, Level):
            stack.append(iter(item.items))
        else:
            yield item


def tree_of_names(graph: Graph) -> Level:
    """Builds the tree of a graph; layers with dotted names are grouped into levels."""
    root = Level("", graph.root)
    levels: dict[int, Level] = {id(graph.root): root}

    def level(scope: Scope) -> Level:
        missing: list[Scope] = []
        while id(scope) not in levels and scope.parent is not None:
            missing.append(scope)
            scope = scope.parent
        at = levels.get(id(scope), root)
        for inner in reversed(missing):
            if inner.parent is not None and inner.name == inner.parent.name:  # a block that computes a weight
                levels[id(inner)] = at
                continue
            below = levels[id(inner)] = Level(inner.name, inner)
            at.items.append(below)
            at = below
        return at

    for node in graph.nodes:
        at = level(node.scope)
        if node.given_weights:
            at = with_weights(at, node)
        at.items.append(node)
    for each in list(levels.values()):
        gather(each)
    prefixes = {prefix for each in levels.values() for item in each.items for prefix in _prefixes(each, item)}
    for each in levels.values():
        each.extended = each.name in prefixes
    return root


def with_weights(level: Level, node: Node) -> Level:
    """Returns the level of the nodes that compute a layer's weights, or else the enclosing level."""
    last = level.items[-1] if level.items else None
    if not isinstance(last, Level) or last.name != node.name:
        return level
    inner = [n for n in nodes_of(last) if not isinstance(n.op, Stored)]
    if inner:
        blocks = [n.scope.block for n in inner if n.scope.block is not None and n.scope.name == node.name]
        words = dict.fromkeys(blocks or [n.op.name for n in inner])
        last.title = "_".join([*list(words)[:2], node.op.name])
    return last


def _prefixes(level: Level, item: LevelItem) -> list[str]:
    """Returns the full names between that of a level and that of an item in it."""
    *path, _ = level.path(item)
    before = [level.name] if level.name else []
    return [".".join([*before, *path[:end]]) for end in range(1, len(path) + 1)]


def gather(level: Level) -> None:
    """Moves adjacent layers with a common prefix (``layers.0``, ``layers.1``) to a level of their own."""
    groups = [(first, list(items)) for first, items in groupby(level.items, lambda item: level.path(item)[0])]
    times = Counter(first for first, _ in groups)
    out: list[LevelItem] = []
    for first, items in groups:
        if len(items) > 1 and times[first] == 1 and all(len(level.path(item)) > 1 for item in items):
            name, outer = f"{level.name}.{first}" if level.name else first, level.scope or level.outer
            inner = Level(name, None, items, outer=outer)
            gather(inner)
            out.append(inner)
        else:
            out += items
    level.items = out
