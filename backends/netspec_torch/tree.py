"""The tree of names: levels with their layers in order, and what flows in and out of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import TypeAlias

from netspec.ir import Graph, Node, Scope

Item: TypeAlias = "Node | Unit"


@dataclass(eq=False, slots=True)
class Unit:
    """A level of the tree of names: a scope, or layers whose names begin alike."""

    name: str
    scope: Scope | None
    items: list[Item] = field(default_factory=list["Node | Unit"])

    def path(self, item: Item) -> tuple[str, ...]:
        """The name of something in it, from here."""
        return tuple((item.name[len(self.name) + 1 :] if self.name else item.name).split("."))

    def nodes(self) -> Iterator[Node]:
        """All nodes in it, in order."""
        stack: list[Iterator[Item]] = [iter(self.items)]
        while stack:
            item = next(stack[-1], None)
            if item is None:
                stack.pop()
            elif isinstance(item, Unit):
                stack.append(iter(item.items))
            else:
                yield item

    @property
    def block(self) -> str | None:
        """The block that is used here."""
        return self.scope.block if self.scope is not None else None

    @property
    def copies(self) -> bool:
        """Whether it is a chain of copies (or only a beginning of names): a level without a thing of its own."""
        if self.scope is None:
            return True
        if self.scope.block is not None or self.scope.parent is None or not self.items:
            return False
        return all(isinstance(i, Unit) and i.scope is not None and i.scope.copy is not None for i in self.items)


def tree(graph: Graph) -> Unit:
    """The tree of a graph, its layers with dotted names gathered where they form a level."""
    root = Unit("", graph.root)
    units: dict[int, Unit] = {id(graph.root): root}

    def unit(scope: Scope) -> Unit:
        missing: list[Scope] = []
        while id(scope) not in units and scope.parent is not None:
            missing.append(scope)
            scope = scope.parent
        at = units.get(id(scope), root)
        for inner in reversed(missing):
            below = units[id(inner)] = Unit(inner.name, inner)
            at.items.append(below)
            at = below
        return at

    for node in graph.nodes:
        unit(node.scope).items.append(node)
    for level in list(units.values()):
        _gather(level)
    return root


def _gather(unit: Unit) -> None:
    """Puts layers next to each other whose names begin alike (``layers.0``, ``layers.1``) on a level of their own."""
    groups = [(first, list(items)) for first, items in groupby(unit.items, lambda i: unit.path(i)[0])]
    times = Counter(first for first, _ in groups)
    out: list[Item] = []
    for first, items in groups:
        if len(items) > 1 and times[first] == 1 and all(len(unit.path(i)) > 1 for i in items):
            inner = Unit(f"{unit.name}.{first}" if unit.name else first, None, items)
            _gather(inner)
            out.append(inner)
        else:
            out += items
    unit.items = out
