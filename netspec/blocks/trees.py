"""Trees with holes: frozen dataclasses compared by value, and the values that fill their holes."""

# Nodes and values are of any type:
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from operator import is_
from typing import Any, ClassVar, Final, TypeAlias


class Absent(Enum):
    """The type of :data:`ABSENT`."""

    ABSENT = "ABSENT"

    def __repr__(self) -> str:
        return self.name


ABSENT: Final = Absent.ABSENT
"""In a column, the value for a use without the tree."""

Node: TypeAlias = Any
"""A tree, a tuple of nodes, or a plain hashable value, which has no children."""


class Tree:
    """Base class of trees: frozen dataclasses, some of whose fields hold further nodes."""

    __slots__ = ()
    __match_args__: ClassVar[tuple[str, ...]] = ()
    """Names of all fields, in order; set by ``dataclass``."""
    children: ClassVar[tuple[str, ...]] = ()
    """Names of the fields that hold nodes, in order; those without any are leaves."""


class Atom(Tree):
    """Base class of leaves that hold values; the types of values are compared too, since ``1 == 1.0 == True``."""

    __slots__ = ()

    @abstractmethod
    def key(self) -> Hashable:
        """Returns the key for comparison."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and isinstance(other, Atom) and self.key() == other.key()

    def __hash__(self) -> int:
        return hash(self.key())


def typed(value: Any) -> Hashable:
    """Returns a value with the types of its parts; floats by ``repr``, since ``0.0 == -0.0``."""
    kind = type(value)
    if kind is tuple:
        return (tuple, *map(typed, value))
    return repr(value) if kind is float else (kind, value)


@dataclass(frozen=True, slots=True, eq=False)
class Hole(Atom):
    """A placeholder for a value that may differ between trees; the other attributes of a subclass may not differ."""

    name: str

    def key(self) -> Hashable:
        """Returns the name."""
        return self.name


def walk(node: Node) -> Iterator[Tree]:
    """Yields all trees of a node in preorder."""
    if isinstance(node, Tree):
        yield node
        for name in node.children:
            yield from walk(getattr(node, name))
    elif isinstance(node, tuple):
        items: tuple[Node, ...] = node
        for item in items:
            yield from walk(item)


def replace_trees(node: Node, change: Callable[[Tree], Node]) -> Node:
    """Returns the node with every tree replaced for which ``change`` returns something other than None.

    The descendants of a replaced tree are not visited. Unchanged nodes are returned themselves.
    """
    if isinstance(node, Tree):
        new = change(node)
        if new is not None:
            return new
        if not node.children:
            return node
        old = [getattr(node, name) for name in node.children]
        done = [replace_trees(child, change) for child in old]
        if all(map(is_, done, old)):
            return node
        changed = dict(zip(node.children, done, strict=True))
        kind = type(node)
        return kind(*(changed[name] if name in changed else getattr(node, name) for name in kind.__match_args__))
    if isinstance(node, tuple):
        items: tuple[Node, ...] = node
        new_items = [replace_trees(item, change) for item in items]
        return items if all(map(is_, new_items, items)) else tuple(new_items)
    return node


class Template:
    """A node with holes, compared by value and hashed once."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self._hash = hash(node)

    @cached_property
    def holes(self) -> tuple[Hole, ...]:
        """Its holes, from left to right."""
        return tuple(tree for tree in walk(self.node) if isinstance(tree, Hole))

    def filled(self, values: Sequence[Node]) -> Node:
        """Returns the node with its holes, from left to right, replaced by nodes."""
        left = iter(values)
        return replace_trees(self.node, lambda tree: next(left) if isinstance(tree, Hole) else None)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Template) and self._hash == other._hash and self.node == other.node)

    def __repr__(self) -> str:
        return f"Template({self.node!r})"


@dataclass(frozen=True, slots=True, eq=False)
class Filled(Atom):
    """A template with a value for each hole, from left to right; after :func:`.unify`, a column of values for each."""

    template: Template
    values: tuple[Any, ...] = ()

    def key(self) -> Hashable:
        """Returns the template, and the values with their types."""
        return self.template, typed(self.values)
