"""A network as a tree of scopes and layers, down to where blocks are open, copies alike standing once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from netspec.analysis.cost import Work
from netspec.analysis.parameters import Count
from netspec.analysis.summary import Analysis, Row
from netspec.ir import Node, Scope


@dataclass(eq=False, slots=True)
class Layer:
    """A layer: its node, and that of its ``activation``."""

    row: Row
    nodes: list[Node]
    parent: Block
    copies: int = 1
    """How many alike stand in its place, one after the other."""

    @property
    def local_name(self) -> str:
        """The name within its scope."""
        scope = self.row.scope.name
        return self.row.name[len(scope) + 1 :] if scope else self.row.name


@dataclass(eq=False, slots=True)
class Block:
    """A scope, with what is in it."""

    scope: Scope
    parent: Block | None
    depth: int
    """0 for the network."""
    children: list[Layer | Block] = field(default_factory=list["Layer | Block"])
    copies: int = 1
    """How many alike stand in its place, one after the other."""
    numbers: tuple[int, int] | None = None
    """First and last of these copies, as the chain counts them."""
    count: Count = Count()
    """Parameters of one copy."""
    work: Work = Work()
    """Work of one copy."""
    operations: dict[str, int] = field(default_factory=dict[str, int])
    """How many of each operation one copy holds."""
    layers: int = 0
    """Layers of one copy."""
    last: Row | None = None

    @property
    def name(self) -> str:
        """Full dotted name; empty for the network."""
        return self.scope.name

    @property
    def label(self) -> str:
        """The name within its scope; of several copies that of the first and last."""
        first = self.scope.local_name
        if self.copies == 1 or self.numbers is None:
            return first
        stem, _, number = first.rpartition(".")
        text = first if not number.isdigit() else f"{number}–{int(number) + self.copies - 1}"
        return f"{stem}.{text}" if stem and number.isdigit() else text


@dataclass(frozen=True, slots=True)
class Tree:
    """A network's tree, and where each node went."""

    root: Block
    place: dict[Node, Layer]
    """The layer of each node; nodes of further copies stand with the first copy's."""
    turns: dict[Node, tuple[tuple[Layer | Block, int], ...]]
    """For nodes within copies: each fold, and the number of the copy in it. Others are not there."""


def grow(analysis: Analysis) -> Tree:
    """The tree of a network. Linear in its nodes."""
    root = Block(analysis.graph.root, None, 0)
    blocks: dict[Scope, Block] = {analysis.graph.root: root}
    tails: dict[str, Block] = {}
    rows = iter(analysis.rows)
    layers: dict[str, Layer] = {}
    place: dict[Node, Layer] = {}
    for node in analysis.graph.nodes:
        base = layers.get(node.layer) if node.name != node.layer else None
        if base is not None:
            base.nodes.append(node)
            place[node] = base
            continue
        # The activation of a block as a whole is the last of that block.
        owner = tails.get(node.layer) if node.name != node.layer else None
        block = owner or _block(node.scope, blocks, tails)
        layer = layers[node.name] = Layer(next(rows), [node], block)
        block.children.append(layer)
        place[node] = layer
    turns: dict[Node, tuple[tuple[Layer | Block, int], ...]] = {}
    _fold(root, place, turns)
    _sum(root)
    return Tree(root, place, turns)


def _block(scope: Scope, blocks: dict[Scope, Block], tails: dict[str, Block]) -> Block:
    found = blocks.get(scope)
    if found is None:
        assert scope.parent is not None
        parent = _block(scope.parent, blocks, tails)
        found = blocks[scope] = tails[scope.name] = Block(scope, parent, parent.depth + 1)
        parent.children.append(found)
    return found


def _fold(block: Block, place: dict[Node, Layer], turns: dict[Node, tuple[tuple[Layer | Block, int], ...]]) -> None:
    """Lets copies one after the other that are the same stand once."""
    for child in block.children:
        if isinstance(child, Block):
            _fold(child, place, turns)
    kept: list[Layer | Block] = []
    for child in block.children:
        first = kept[-1] if kept else None
        if first is None or not _same(first, child):
            kept.append(child)
            continue
        number = first.copies
        if number == 1:
            for layer in _layers(first):
                for node in _all_nodes(layer, place):
                    turns[node] = ((first, 0), *turns.get(node, ()))
        for layer, original in zip(_layers(child), _layers(first), strict=True):
            for node in _all_nodes(layer, place):
                # Folds within the copy are those within the first one.
                inner = tuple(n for _, n in turns.get(node, ()))
                outer = turns[original.nodes[0]][1:]
                turns[node] = ((first, number), *((f, n) for (f, _), n in zip(outer, inner, strict=True)))
                place[node] = original
        _moved(child, first, place)
        first.copies += 1
        if isinstance(first, Block):
            assert first.scope.copy is not None
            first.numbers = (first.scope.copy[0], first.scope.copy[0] + first.copies - 1)
    block.children = kept
