"""Finds the blocks of a network from the inside out: similar levels become uses of one block."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from ...blocks import DifferentError
from ...ir import Graph
from ..draft import ModuleCall
from .alignment import signature
from .attribute_names import Attributes
from .block_lines import BlockLine, BlockText, walk_lines
from .block_names import block_name
from .block_texts import Block, solve_block
from .document_parameters import common_arguments, document_parameters
from .each_rows import make_tables
from .item_kinds import use_head
from .items import BodyItem, Leaves, LevelBody
from .level_bodies import LevelBodies
from .level_groups import CONTAINERS, classes
from .levels import Level, level_tree
from .line_references import input_name, text_output_names
from .merging import merge
from .shared_levels import sharing

SMALL = 6
"""Maximum number of lines of a block that is written inline if it is used in one place only."""


class StructureFinder:
    """Finds the blocks of a network and their parameters.

    Args:
        graph: the flat network.
        calls: for each layer name, the calls of the modules that contain it.
        attributes: for each module path, its attributes.
        optional: whether uses of a block may lack layers that others have.
    """

    def __init__(
        self,
        graph: Graph,
        calls: Mapping[str, Sequence[ModuleCall]],
        attributes: Mapping[str, Mapping[str, Any]],
        *,
        optional: bool = True,
    ) -> None:
        self.graph, self.optional = graph, optional
        self.attributes = Attributes(attributes)
        self.leaves = Leaves(graph)
        self.tree = level_tree(graph, self.leaves.nodes, self.leaves.reads, calls)
        owners = {
            node.name: share for node in self.leaves.nodes if (share := self.leaves.weight_owner(node)) is not None
        }
        self.sharing = sharing(self.tree, owners)
        in_place = frozenset(self.sharing.bound)
        self.alternating: set[tuple[str, str]] = set()
        while True:
            known = len(self.alternating)
            self.find(in_place)
            single = self.in_single_places()
            if not single and len(self.alternating) == known:
                break
            in_place |= single
        make_tables(self.root)
        texts = [self.root, *(block.text for block in self.used_blocks())]
        self.document_parameters = document_parameters(graph, texts)
        self.defaults = common_arguments(texts)

    def used_blocks(self) -> list[Block]:
        """Returns the blocks that the text uses; a block precedes those that use it."""
        needed: set[Block] = set()
        texts = [self.root]
        while texts:
            for line in walk_lines(texts.pop()):
                if line.head.is_use and line.head.block not in needed:
                    needed.add(line.head.block)
                    texts.append(line.head.block.text)
        return [block for block in self.blocks if block in needed]

    def find(self, in_place: frozenset[Level]) -> None:
        """Builds the blocks and the root text, without blocks for the levels in ``in_place``."""
        self.bodies = LevelBodies(self.graph, self.leaves, self.sharing, self.alternating)
        self.blocks: list[Block] = []
        self.uses: dict[Block, list[Level]] = {}
        for group in classes(self.tree):
            levels = [level for level in group if level not in in_place]
            if len(levels) > 1:
                self.add_blocks(levels)
        self.root = merge([self.bodies.body(self.tree)], self.graph)

    def add_blocks(self, levels: Sequence[Level]) -> None:
        """Builds as few blocks as possible from levels of one class. A level without a counterpart stays as it is."""
        bodies = [self.bodies.body(level) for level in levels]
        name_single_copies(bodies)
        kinds: dict[Hashable, list[int]] = {}
        for n, body in enumerate(bodies):
            kinds.setdefault(signature(body), []).append(n)
        groups: list[list[int]] = []
        for kind in sorted(kinds.values(), key=lambda kind: (-len(bodies[kind[0]].items), -len(kind))):
            fitting = (group for group in groups if self.merged([bodies[n] for n in (*group, *kind)]) is not None)
            into = next(fitting, None)
            if into is None:
                groups.append(list(kind))
            else:
                into += kind
        for members in groups:
            members.sort()
        for group in sorted(groups):
            text = self.merged([bodies[n] for n in group]) if len(group) > 1 else None
            if text is not None:
                self.add([levels[n] for n in group], text, [bodies[n] for n in group])

    def merged(self, bodies: Sequence[LevelBody]) -> BlockText | None:
        """Merges bodies into one text; None if that is impossible."""
        try:
            return merge(bodies, self.graph, optional=self.optional)
        except DifferentError:
            return None

    def add(self, levels: Sequence[Level], text: BlockText, bodies: Sequence[LevelBody]) -> None:
        """Adds a block for some levels."""
        names = {block.name for block in self.blocks}
        block = Block(block_name(levels, text, names), text, inputs=self.input_names(bodies))
        solve_block(block)
        self.attributes.rename(block, levels)
        block.outputs = text_output_names(text) if len(text.outputs) > 1 else ()
        self.blocks.append(block)
        self.uses[block] = list(levels)
        for n, level in enumerate(levels):
            self.bodies.block_items[level] = BodyItem(level.path, use_head(block), [], [], block.arguments(n))

    def input_names(self, bodies: Sequence[LevelBody]) -> tuple[str, ...]:
        """Returns names for the inputs of a block: those of the network's inputs if they match, else ``x``, ``y``, …"""
        count = len(bodies[0].inputs)
        if count == 1:
            return ("input",)
        of_network = {value: name for name, value in self.graph.inputs.items()}
        names: list[str] = []
        for n in range(count):
            values = {body.inputs[n] for body in bodies}
            name = of_network.get(values.pop(), "") if len(values) == 1 else ""
            if name == "input" or not name or name in names:
                name = input_name(n)
            names.append(name)
        return tuple(names)

    def in_single_places(self) -> frozenset[Level]:
        """Returns the levels whose block is used in one place only and is short enough to be written there."""
        places: Counter[Block] = Counter()
        repeated: set[Block] = set()
        lines = [line for text in (self.root, *(block.text for block in self.blocks)) for line in walk_lines(text)]
        for line in lines:
            if line.head.is_use:
                places[line.head.block] += 1
                if not is_single(line):
                    repeated.add(line.head.block)
        out: set[Level] = set()
        for block in self.blocks:
            short = places[block] == 1 and len(list(walk_lines(block.text))) <= SMALL
            if block not in repeated and (short or self.is_idle(block, places[block])):
                out.update(self.uses[block])
        return frozenset(out)

    def is_idle(self, block: Block, places: int) -> bool:
        """Whether a block of levels without a class saves no lines."""
        size = len(block.text.lines)
        classless = all(level.title in ("", *CONTAINERS) for level in self.uses[block])
        return classless and not block.text.listed and places * (size - 1) <= size + 3


def name_single_copies(bodies: Sequence[LevelBody]) -> None:
    """Names single uses like the chains in other bodies to which they correspond, as chains of one copy."""
    chains = {(item.head, item.name) for body in bodies for item in body.items if "$(index" in item.name}
    first = {(head, name.replace("$(index)", "0")): name for head, name in chains}
    first |= {(head, re.sub(r"\$\(index \+ (\d+)\)", r"\1", name)): name for head, name in chains}
    for body in bodies:
        for item in body.items:
            if item.copies is not None and len(item.copies) == 1:
                item.name = first.get((item.head, item.name), item.name)


def is_single(line: BlockLine) -> bool:
    """Whether a use of a block is not repeated."""
    return line.copies is None or set(line.copies.count.known) <= {1}
