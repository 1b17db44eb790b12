"""The tree of names: levels with their layers in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import TypeAlias

from netspec.ir import Graph, Node, Scope

Item: TypeAlias = "Node | Level"


@dataclass(eq=False)
class Level:
    """A level of the tree of names: a scope, or layers whose names begin alike."""

    name: str
    scope: Scope | None
    items: list[Item] = field(default_factory=list["Node | Level"])
    extended: bool = False
    """Whether a layer outside of it has a dotted name below its own, so that its module gets a further submodule."""

    def path(self, item: Item) -> tuple[str, ...]:
        """The name of an item, from here, at its dots."""
        return tuple((item.name[len(self.name) + 1 :] if self.name else item.name).split("."))

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes in it, in order. Not before the tree is complete."""
        out: list[Node] = []
        stack: list[Iterator[Item]] = [iter(self.items)]
        while stack:
            item = next(stack[-1], None)
            if item is None:
                stack.pop()
            elif isinstance(item, Level):
                stack.append(iter(item.items))
            else:
                out.append(item)
        return tuple(out)

    @property
    def block(self) -> str | None:
        """The block that is used here."""
        return self.scope.block if self.scope is not None else None

    @property
    def is_prefix(self) -> bool:
        """Whether it is a chain of copies, or only layers whose names begin alike: nothing with a role of its own."""
        if self.scope is None:
            return True
        if self.scope.block is not None or self.scope.parent is None or not self.items:
            return False
        return all(isinstance(i, Level) and i.scope is not None and i.scope.copy is not None for i in self.items)


def tree_of_names(graph: Graph) -> Level:
    """The tree of a graph, its layers with dotted names gathered where they form a level."""
    root = Level("", graph.root)
    levels: dict[int, Level] = {id(graph.root): root}

    def level(scope: Scope) -> Level:
        missing: list[Scope] = []
        while id(scope) not in levels and scope.parent is not None:
            missing.append(scope)
            scope = scope.parent
        at = levels.get(id(scope), root)
        for inner in reversed(missing):
            below = levels[id(inner)] = Level(inner.name, inner)
            at.items.append(below)
            at = below
        return at

    for node in graph.nodes:
        level(node.scope).items.append(node)
    for each in list(levels.values()):
        gather(each)
    prefixes = {prefix for each in levels.values() for item in each.items for prefix in _prefixes(each, item)}
    for each in levels.values():
        each.extended = each.name in prefixes
    return root


def _prefixes(level: Level, item: Item) -> list[str]:
    """The full names between that of a level and that of an item in it."""
    *path, _ = level.path(item)
    before = [level.name] if level.name else []
    return [".".join([*before, *path[:end]]) for end in range(1, len(path) + 1)]


def gather(level: Level) -> None:
    """Puts layers next to each other whose names begin alike (``layers.0``, ``layers.1``) on a level of their own."""
    groups = [(first, list(items)) for first, items in groupby(level.items, lambda item: level.path(item)[0])]
    times = Counter(first for first, _ in groups)
    out: list[Item] = []
    for first, items in groups:
        if len(items) > 1 and times[first] == 1 and all(len(level.path(item)) > 1 for item in items):
            inner = Level(f"{level.name}.{first}" if level.name else first, None, items)
            gather(inner)
            out.append(inner)
        else:
            out += items
    level.items = out
