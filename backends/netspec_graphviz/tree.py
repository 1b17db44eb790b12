"""A network as a tree of scopes and layers, copies alike standing once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from netspec.analysis.cost import Work
from netspec.analysis.parameters import Count
from netspec.analysis.summary import Analysis, Row
from netspec.ir import Node, Scope


@dataclass(eq=False, slots=True)
class Layer:
    """A layer: its node, and that of its ``activation``."""

    row: Row
    nodes: list[Node]
    others: list[Layer] = field(default_factory=list["Layer"])
    """Further copies, which it stands for."""

    @property
    def name(self) -> str:
        """Full dotted name."""
        return self.row.name

    @property
    def result(self) -> int:
        """Number of the value that it gives, or that the last copy gives."""
        return (self.others[-1] if self.others else self).row.value

    @property
    def label(self) -> str:
        """The name within its scope; of several copies those of the first and the last."""
        scope = self.row.scope.name
        return _range(self.name[len(scope) + 1 :] if scope else self.name, len(self.others))


@dataclass(eq=False, slots=True)
class Block:
    """A scope, with what is in it. Figures are those of one copy."""

    scope: Scope
    depth: int
    """0 for the network."""
    children: list[Item] = field(default_factory=list["Item"])
    others: list[Block] = field(default_factory=list["Block"])
    """Further copies, which it stands for."""
    count: Count = field(default_factory=Count)
    work: Work = field(default_factory=Work)
    operations: dict[str, int] = field(default_factory=dict[str, int])
    """How many of each operation it holds, activations apart."""

    @property
    def name(self) -> str:
        """Full dotted name; empty for the network."""
        return self.scope.name

    @property
    def result(self) -> int | None:
        """Number of the value that it gives: its first output, or the first of its last layer; of the last copy."""
        block = self.others[-1] if self.others else self
        for _, value in block.scope.outputs:
            return value
        last = block.children[-1] if block.children else None
        return last.result if last else None

    @property
    def label(self) -> str:
        """The name within its scope; of several copies those of the first and the last."""
        return _range(self.scope.local_name, len(self.others))


Item: TypeAlias = Layer | Block
Turn: TypeAlias = tuple[Item, int]
"""What stands for several copies, and the number of one of them."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A network's tree, and where each node went."""

    root: Block
    paths: dict[Node, tuple[Item, ...]]
    """For each node the blocks it stands in, from the network inwards, and last its layer; of further copies, those
    of the first."""
    turns: dict[Node, tuple[Turn, ...]]
    """For each node within copies, which copies it is in, from the outermost. Others are not there."""


def grow(analysis: Analysis) -> Tree:
    """The tree of a network. Linear in its nodes."""
    root = Block(analysis.graph.root, 0)
    blocks: dict[Scope, Block] = {analysis.graph.root: root}
    by_name: dict[str, Block] = {}
    layers: dict[str, Layer] = {}
    rows = iter(analysis.rows)
    for node in analysis.graph.nodes:
        base = layers.get(node.layer) if node.name != node.layer else None
        if base is not None:
            base.nodes.append(node)
            continue
        # The activation of a block as a whole is the last in that block.
        owner = by_name.get(node.layer) if node.name != node.layer else None
        layer = layers[node.name] = Layer(next(rows), [node])
        (owner or _block(node.scope, blocks, by_name)).children.append(layer)
    _fold(root)
    tree = Tree(root, {}, {})
    _walk(tree, root, root, (), ())
    return tree


def _block(scope: Scope, blocks: dict[Scope, Block], by_name: dict[str, Block]) -> Block:
    found = blocks.get(scope)
    if found is None:
        assert scope.parent is not None
        parent = _block(scope.parent, blocks, by_name)
        found = blocks[scope] = by_name[scope.name] = Block(scope, parent.depth + 1)
        parent.children.append(found)
    return found


def _fold(block: Block) -> None:
    """Lets copies that are the same, one after the other, stand once, and adds up the figures."""
    kept: list[Item] = []
    for child in block.children:
        if isinstance(child, Block):
            _fold(child)
        first = kept[-1] if kept else None
        match first, child:
            case Layer(), Layer() if _same_layer(first, child):
                first.others.append(child)
            case Block(), Block() if _same_block(first, child):
                first.others.append(child)
            case _:
                kept.append(child)
        if isinstance(child, Layer):
            block.count, block.work = block.count.plus(child.row.count), block.work.plus(child.row.work)
            name = child.nodes[0].op.name
            block.operations[name] = block.operations.get(name, 0) + 1
        else:
            block.count, block.work = block.count.plus(child.count), block.work.plus(child.work)
            for name, n in child.operations.items():
                block.operations[name] = block.operations.get(name, 0) + n
    block.children = kept


def _same_block(a: Block, b: Block) -> bool:
    """Whether the spec's own repeat made both, from the same text with the same arguments for the same shapes."""
    return (
        a.scope.copy is not None and b.scope.copy is not None and a.scope.key is not None
        and a.scope.key == b.scope.key and _alike(a, b)
    )


def _same_layer(a: Layer, b: Layer) -> bool:
    """The same for a single layer: the copies of a chain have one location in the text, each reads the one before."""
    before = (a.others or [a])[-1].nodes[-1]
    return (
        a.row.location is not None and a.row.location == b.row.location and a.row.scope is b.row.scope
        and b.nodes[0].inputs[:1] == (before.first,) and _alike(a, b)
        and before.outputs[0] == a.nodes[-1].outputs[0]
    )


def _alike(a: Item, b: Item) -> bool:
    if isinstance(a, Layer) and isinstance(b, Layer):
        return len(a.nodes) == len(b.nodes) and all(
            m.op == n.op and m.outputs == n.outputs for m, n in zip(a.nodes, b.nodes, strict=True)
        )
    if isinstance(a, Block) and isinstance(b, Block):
        return len(a.children) == len(b.children) and all(
            len(x.others) == len(y.others) and _alike(x, y) for x, y in zip(a.children, b.children, strict=True)
        )
    return False


def _walk(tree: Tree, shown: Item, actual: Item, path: tuple[Item, ...], turns: tuple[Turn, ...]) -> None:
    """Notes for every node of an item, which ``shown`` stands for, where it is."""
    copies = (actual, *actual.others)
    path = (*path, shown)
    for number, copy in enumerate(copies):
        here = (*turns, (shown, number)) if len(copies) > 1 else turns
        if isinstance(copy, Layer):
            for node in copy.nodes:
                tree.paths[node] = path
                if here:
                    tree.turns[node] = here
        else:
            assert isinstance(shown, Block)
            for inner, child in zip(shown.children, copy.children, strict=True):
                _walk(tree, inner, child, path, here)


def total(item: Layer | Block) -> tuple[Count, Work]:
    """Parameters and work of an item with all its copies."""
    count, work = (item.row.count, item.row.work) if isinstance(item, Layer) else (item.count, item.work)
    for other in item.others:
        more = (other.row.count, other.row.work) if isinstance(other, Layer) else (other.count, other.work)
        count, work = count.plus(more[0]), work.plus(more[1])
    return count, work


def times(item: Layer | Block) -> str:
    """``× 3`` for what stands for three."""
    return f"× {len(item.others) + 1}" if item.others else ""


def cost(item: Layer | Block, figure: str) -> int:
    """A figure of an item with all its copies."""
    count, work = total(item)
    return int(getattr(count if figure in ("params", "trainable", "buffers") else work, figure))


def _range(first: str, further: int) -> str:
    """Names of copies: ``1–2`` or ``denselayer1–6`` where they are numbered, otherwise that of the first."""
    stem = first.rstrip("0123456789")
    number = first[len(stem) :]
    return f"{stem}{number}–{int(number) + further}" if further and number else first
