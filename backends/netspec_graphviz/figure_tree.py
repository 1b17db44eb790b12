"""The tree of a graph with figures for every block, and the place of each node in it."""

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
    """The equal copies that follow it, which it stands for."""

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Its node, and that of its ``activation``."""
        return self.leaf.layer.nodes

    @property
    def all_nodes(self) -> tuple[Node, ...]:
        """The same, after those that store or compute its weights."""
        return self.leaf.layer.all_nodes

    @property
    def name(self) -> str:
        """Full dotted name."""
        return self.row.name

    @property
    def value(self) -> int:
        """Number of its output value; for several copies that of the last."""
        return self.leaf.value

    @property
    def label(self) -> str:
        """The name within its scope; for several copies a range."""
        return self.leaf.label

    @property
    def figures(self) -> Figures:
        """The figures of one copy."""
        return self.row


@dataclass(frozen=True, eq=False, slots=True)
class Block:
    """A scope of the tree with its contents."""

    branch: Branch
    children: tuple[FigureItem, ...]
    further_copies: tuple[Block, ...]
    """The equal copies that follow it, which it stands for."""
    figures: Figures
    """The figures of one copy."""
    operations: Mapping[str, int]
    """How often one copy contains each operation, without those of activations."""

    @property
    def scope(self) -> Scope:
        """The scope."""
        return self.branch.scope

    @property
    def role(self) -> str:
        """What stands beside its name: the block that is used, or that its runs have the same weights."""
        return self.scope.block or ("the same weights" if self.scope.copies == "map" else "")

    @property
    def depth(self) -> int:
        """0 for the network."""
        return self.branch.depth

    @property
    def name(self) -> str:
        """Full dotted name; empty for the network."""
        return self.branch.name

    @property
    def value(self) -> int | None:
        """Number of its first output value; for several copies that of the last."""
        return self.branch.value

    @property
    def label(self) -> str:
        """The name within its scope; for several copies a range."""
        return self.branch.label


FigureItem: TypeAlias = Layer | Block
CopyIndex: TypeAlias = tuple[FigureItem, int]
"""An item that stands for several copies, and the number of one of them."""


@dataclass(frozen=True, slots=True)
class FigureTree:
    """The tree of a network, and the place of each node in it."""

    root: Block
    paths: dict[Node, tuple[FigureItem, ...]]
    """For each node the blocks that contain it, from the network inwards, and finally its layer; for nodes in
    further copies, those of the first copy."""
    copy_indices: dict[Node, tuple[CopyIndex, ...]]
    """For each node within copies, which copies contain it, outermost first. Other nodes are not included."""


def build_figure_tree(analysis: Analysis) -> FigureTree:
    """The tree of a network. Linear in its nodes."""
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
    """Records the place of all nodes of ``actual`` and its copies, which ``representative`` stands for."""
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
    """The figures of an item with all its copies."""
    return Figures.sum(copy.figures for copy in (item, *item.further_copies))


def multiplier(item: Layer | Block) -> str:
    """``× 3`` for an item that stands for three copies; empty for a single one."""
    return f"× {len(item.further_copies) + 1}" if item.further_copies else ""


ATTRIBUTES = {"trainable": "trainable_params", "active": "active_params"}
"""Attributes of figures that are not called as the columns of reports."""


def cost(item: Layer | Block, figure: str) -> int:
    """A figure, by the name of its column, of an item with all its copies."""
    return int(getattr(total(item), ATTRIBUTES.get(figure, figure)))
