"""Finds where blocks are used, and which blocks a figure draws only once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from netspec.analysis.network_figures import Analysis

from ..colours import kind_of
from ..diagram import Diagram
from ..figure_tree import Block, FigureItem, Layer, build_figure_tree
from ..read_roles import read_roles
from ..shared_weights import shared_weights
from .cell_text import ATTACHED, QUIET


@dataclass(frozen=True, slots=True, order=True)
class Read:
    """The box ``head`` reads a value that the box ``tail`` computes. Both are box numbers."""

    tail: int
    head: int
    value: int
    input: str = ""
    """The name of the input of the head, if its inputs are named."""


class BlockUses:
    """The blocks of a network, grouped by class.

    The class of a block is its name in the spec. An unnamed block with equal copies forms a class of its own,
    identified by its full name.
    """

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self.graph = analysis.graph
        self.tree = build_figure_tree(analysis)
        self.roles = read_roles(self.graph)
        self.letters = shared_weights(self.tree)
        self.diagrams: dict[frozenset[str], Diagram] = {}
        """Diagrams by the set of blocks that are open in them."""
        self.reads: dict[int, list[Read]] = {}
        """For each diagram, by identity, the reads that its edges represent."""
        self._heads: dict[Block, Layer | None] = {}
        self.classes: dict[str, list[Block]] = {}
        """The uses of each class in order; a run of equal copies counts as one use."""
        for block in _blocks(self.tree.root):
            key = self.class_of(block)
            if key is not None and self.single_layer(block) is None:
                self.classes.setdefault(key, []).append(block)

    def class_of(self, block: Block) -> str | None:
        """Returns the class of a block; None if it is neither named nor copied, or a chain of blocks of one class."""
        if block.scope.block is not None:
            return block.scope.block
        if block.further_copies and self.single_layer(block) is None and self._chain(block) is None:
            return block.name
        return None

    def title(self, key: str) -> str:
        """Returns the name of a class as shown in the figure."""
        return key.rsplit(".", 1)[-1] if any(b.scope.block is None for b in self.classes.get(key, ())) else key

    def count(self, key: str) -> int:
        """Returns the number of uses of a class, including copies in a row, but not copies of enclosing blocks."""
        return sum(1 + len(block.further_copies) for block in self.classes.get(key, ()))

    def repeated(self) -> set[str]:
        """Returns the classes that are used more than once."""
        return {key for key in self.classes if self.count(key) > 1}

    def single_layer(self, block: Block) -> Layer | None:
        """Returns the only layer that is drawn for a block, if everything else in it is attached to it; else None."""
        if block not in self._heads:
            self._heads[block] = self._head(block)
        return self._heads[block]

    def _head(self, block: Block) -> Layer | None:
        heads = [child for child in block.children if not _is_attached(child)]
        if not heads and len(block.children) == 1 and isinstance(block.children[0], Layer):
            return block.children[0]
        if len(heads) != 1 or heads[0].further_copies or heads[0] is not block.children[0]:
            return None
        return heads[0] if isinstance(heads[0], Layer) else self.single_layer(heads[0])

    def chain_class(self, block: Block, closed: set[str]) -> str | None:
        """Returns the common class of a chain's blocks, if that class is closed and the chain contains nothing else."""
        key = self._chain(block)
        return key if key in closed else None

    def _chain(self, block: Block) -> str | None:
        if block.scope.block is not None or not block.children:
            return None
        keys = {child.scope.block if isinstance(child, Block) else None for child in block.children}
        key = next(iter(keys))
        return key if len(keys) == 1 and key is not None and self._drawn_as_block(block.children) else None

    def _drawn_as_block(self, children: tuple[FigureItem, ...]) -> bool:
        return all(isinstance(child, Block) and self.single_layer(child) is None for child in children)

    def opened(self, root: Block, closed: set[str]) -> set[str]:
        """Returns the names of the blocks in ``root``, itself included, that are open if these classes are closed."""
        names = {root.name}
        for child in root.children:
            if not isinstance(child, Block):
                continue
            if self.single_layer(child) is None and (
                self.class_of(child) in closed or child.further_copies or self.chain_class(child, closed)
            ):
                continue
            names |= self.opened(child, closed)
        return names


def _blocks(block: Block) -> Iterator[Block]:
    for child in block.children:
        if isinstance(child, Block):
            yield child
            yield from _blocks(child)


def _is_attached(item: FigureItem) -> bool:
    """Whether a layer can be drawn as a segment of the previous box."""
    if not isinstance(item, Layer):
        return False
    operation = item.nodes[0].op.name
    return operation in QUIET or kind_of(operation).name in ATTACHED
