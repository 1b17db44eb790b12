"""The tree of a graph, with totals for every block and the position of each node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from netspec.analysis.figures import Figures
from netspec.analysis.network_figures import Analysis, Row
from netspec.ir import Node, Scope
from netspec.ir.tree import Branch, Leaf


@dataclass(frozen=True, eq=False, slots=True)
class Layer:
    """A layer of the tree."""

    leaf: Leaf
    row: Row
    further_copies: tuple[Layer, ...]
    """The equal copies after it, which it also represents."""

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Its node, and the node of its ``activation``."""
        return self.leaf.layer.nodes

    @property
    def all_nodes(self) -> tuple[Node, ...]:
        """All its nodes: those that store or compute its weights, then ``nodes``."""
        return self.leaf.layer.all_nodes

    @property
    def name(self) -> str:
        """Full dotted name."""
        return self.row.name

    @property
    def value(self) -> int:
        """Number of its output value; for several copies, that of the last one."""
        return self.leaf.value

    @property
    def label(self) -> str:
        """The name within its scope; for several copies, a range."""
        return self.leaf.label

    @property
    def figures(self) -> Figures:
        """The totals of one copy."""
        return self.row


@dataclass(frozen=True, eq=False, slots=True)
class Block:
    """A scope of the tree with its contents."""

    branch: Branch
    children: tuple[FigureItem, ...]
    further_copies: tuple[Block, ...]
    """The equal copies after it, which it also represents."""
    figures: Figures
    """The totals of one copy."""
    operations: Mapping[str, int]
    """Number of times each operation occurs in one copy, without activations."""

    @property
    def scope(self) -> Scope:
        """The scope."""
        return self.branch.scope

    @property
    def role(self) -> str:
        """The text beside its name: the class of the block, or a note that its iterations share weights."""
        return self.scope.block or ("the same weights" if self.scope.copies == "map" else "")

    @property
    def depth(self) -> int:
        """Depth in the tree; 0 for the network."""
        return self.branch.depth

    @property
    def name(self) -> str:
        """Full dotted name; empty for the network."""
        return self.branch.name

    @property
    def value(self) -> int | None:
        """Number of its first output value; for several copies, that of the last one."""
        return self.branch.value

    @property
    def label(self) -> str:
        """The name within its scope; for several copies, a range."""
        return self.branch.label


FigureItem: TypeAlias = Layer | Block
CopyIndex: TypeAlias = tuple[FigureItem, int]
"""An item that represents several copies, and the index of one of them."""


@dataclass(frozen=True, slots=True)
class FigureTree:
    """The tree of a network, and the position of each node in it."""

    root: Block
    paths: dict[Node, tuple[FigureItem, ...]]
    """For each node, the blocks that contain it, from the network inwards, followed by its layer. Nodes in further
    copies have the path of the first copy.
    """
    copy_indices: dict[Node, tuple[CopyIndex, ...]]
    """For each node within copies, the copies that contain it, outermost first; other nodes are missing."""


def build_figure_tree(analysis: Analysis) -> FigureTree:
    """Builds the tree of a network in time linear in its nodes."""
    root = _block(analysis, analysis.graph.tree)
    tree = FigureTree(root, {}, {})
    _locate(tree, root, root, (), ())
    return tree


def _block(analysis: Analysis, branch: Branch) -> Block:
    children = tuple(
        _layer(analysis, child) if isinstance(child, Leaf) else _block(analysis, child) for child in branch.children
    )
    operations: dict[str, int] = {}
    for child in children:
        for copy in (child, *child.further_copies):
            counts = {copy.nodes[0].op.name: 1} if isinstance(copy, Layer) else copy.operations
            for name, n in counts.items():
                operations[name] = operations.get(name, 0) + n
    figures = Figures.sum(copy.figures for child in children for copy in (child, *child.further_copies))
    copies = tuple(_block(analysis, copy) for copy in branch.further_copies)
    return Block(branch, children, copies, figures, operations)


def _layer(analysis: Analysis, leaf: Leaf) -> Layer:
    return Layer(leaf, analysis.layer(leaf.name), tuple(_layer(analysis, copy) for copy in leaf.further_copies))


def _locate(
    tree: FigureTree,
    representative: FigureItem,
    actual: FigureItem,
    path: tuple[FigureItem, ...],
    copy_indices: tuple[CopyIndex, ...],
) -> None:
    """Records the position of all nodes of ``actual`` and its copies, which ``representative`` represents."""
    copies = (actual, *actual.further_copies)
    path = (*path, representative)
    for number, copy in enumerate(copies):
        here = (*copy_indices, (representative, number)) if len(copies) > 1 else copy_indices
        if isinstance(copy, Layer):
            for node in copy.all_nodes:
                tree.paths[node] = path
                if here:
                    tree.copy_indices[node] = here
        else:
            assert isinstance(representative, Block)
            for inner, child in zip(representative.children, copy.children, strict=True):
                _locate(tree, inner, child, path, here)


def total(item: Layer | Block) -> Figures:
    """Sums an item and its copies."""
    return Figures.sum(copy.figures for copy in (item, *item.further_copies))


def multiplier(item: Layer | Block) -> str:
    """Returns ``× 3`` for an item that represents three copies, or an empty string for a single one."""
    return f"× {len(item.further_copies) + 1}" if item.further_copies else ""


ATTRIBUTES = {"trainable": "trainable_params", "active": "active_params"}
"""Attributes whose names differ from the columns of reports."""


def cost(item: Layer | Block, figure: str) -> int:
    """Returns a total, by the name of its report column, of an item with all its copies."""
    return int(getattr(total(item), ATTRIBUTES.get(figure, figure)))
