"""Selects the blocks that a volume figure opens by default."""

from __future__ import annotations

from collections.abc import Iterator

from ..colours import kind_of
from ..diagram import ATTACHED_KINDS
from ..figure_tree import Block, Layer
from ..read_roles import is_join


def openings(root: Block) -> Iterator[frozenset[str]]:
    """Yields sets of names of blocks to open, by decreasing depth.

    Blocks that represent several copies remain closed, as do all uses of their class and blocks in which paths fork and
    join. A block that is a single layer is always open.
    """
    deepest = _depth(root)
    blocks = list(_blocks(root))
    single = {block.name for block in blocks if is_single_layer(block)}
    closed_classes = {
        block.scope.block
        for block in blocks
        if block.scope.block and block.name not in single and (block.further_copies or branches(block))
    }
    for depth in range(deepest, 0, -1):
        yield frozenset(_opened(root, depth, single, closed_classes))


def _opened(block: Block, depth: int, single: set[str], closed_classes: set[str]) -> Iterator[str]:
    is_single = block.name in single
    if block.depth and not is_single:
        if block.depth >= depth or block.further_copies or branches(block):
            return
        if block.scope.block in closed_classes:
            return
    yield block.name
    for child in block.children:
        if isinstance(child, Block):
            yield from _opened(child, depth, single, closed_classes)


def is_single_layer(block: Block) -> bool:
    """Whether a block is one layer with normalisations and activations after it."""
    heads = [c for c in block.children if isinstance(c, Block) or not _attaches(c)]
    if len(heads) != 1 or heads[0] is not block.children[0] or heads[0].further_copies:
        return False
    return isinstance(heads[0], Layer) or is_single_layer(heads[0])


def _attaches(layer: Layer) -> bool:
    return kind_of(layer.nodes[0].op.name).name in ATTACHED_KINDS


def branches(block: Block) -> bool:
    """Whether paths fork and join in a block with one input, or in the blocks that it contains once."""
    if len(block.scope.inputs) > 1:
        return False
    for child in block.children:
        if isinstance(child, Layer):
            if is_join(child.nodes[0]):
                return True
        elif child.scope.block is None and not child.further_copies and not child.scope.inputs and branches(child):
            return True
    return False


def _blocks(block: Block) -> Iterator[Block]:
    for child in block.children:
        if isinstance(child, Block):
            yield child
            yield from _blocks(child)


def _depth(block: Block) -> int:
    return 1 + max((_depth(c) for c in block.children if isinstance(c, Block)), default=0)
