"""Builds the bodies of levels: their items, connected by the values of the graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from ...ir import Graph, Node
from ...text.yaml_reader import Name
from .copy_runs import join_runs
from .item_kinds import ACTIVATION, GROUP
from .items import OPERATION, BodyItem, Leaves, LevelBody
from .levels import Level, relative_name
from .shared_levels import Sharing


class LevelBodies:
    """Builds the bodies of levels, innermost first.

    Args:
        graph: the flat network.
        leaves: creates the items of layers.
        sharing: which levels share weights.
        alternating: (block, parameter) pairs that alternate in a long chain, and may therefore do so in a short one. It
            is extended while bodies are built.
    """

    def __init__(self, graph: Graph, leaves: Leaves, sharing: Sharing, alternating: set[tuple[str, str]]) -> None:
        self.graph, self.leaves, self.sharing = graph, leaves, sharing
        self.alternating = alternating
        self.block_items: dict[Level, BodyItem] = {}
        """The items of levels that are uses of blocks."""
        self.readers: dict[int, list[str]] = {}
        """For each value, the names of the layers that use it, in order."""
        for node in leaves.nodes:
            for value in leaves.reads(node):
                self.readers.setdefault(value, []).append(node.name)
        self.returned = frozenset(graph.outputs.values())

    def interface(self, level: Level) -> tuple[list[int], list[int]]:
        """Returns the input values of a level, in order of first use, and its output values."""
        inside = {value for node in level.nodes for value in self.leaves.results(node)}
        names = {node.name for node in level.nodes}
        inputs = list(dict.fromkeys(v for node in level.nodes for v in self.leaves.reads(node) if v not in inside))
        outputs = [
            value
            for node in level.nodes
            for value in self.leaves.results(node)
            if value in self.returned or any(name not in names for name in self.readers.get(value, ()))
        ]
        return inputs, outputs

    def body(self, level: Level) -> LevelBody:
        """Builds the body of a level, after those of inner levels. Inner levels without a block become groups."""
        if level.parent is None:
            inputs, outputs = list(self.graph.inputs.values()), list(self.graph.outputs.values())
        else:
            inputs, outputs = self.interface(level)
        listed = level.is_list
        items = [item for part in level.parts for item in self.items(part, level, listed)]
        order = {value: n for n, item in enumerate(items) if item.reads for value in item.results}
        for item in items:
            if item.commutes:  # the more recent input first, because it is usually the previous layer
                item.reads.sort(key=lambda value: order.get(value, -1), reverse=True)
        if not listed:
            items = self.with_activations(items, outputs)
        body = LevelBody(items, inputs, outputs, listed, [self.graph.values[value] for value in inputs])
        join_runs(body, self.alternating)
        return body

    def items(self, part: Node | Level, level: Level, listed: bool) -> list[BodyItem]:
        """Returns the item of a part of a level, or the items of a group that is dissolved."""
        item = self.item(part, level)
        group = item.body
        if group is None or listed or item.share is not None or not is_dissolved(group):
            return [item]
        names = dissolved_names(item.name, group)
        whole = group.listed and len(group.items) == 1 and group.items[0].copies is not None
        shares = [
            None if inner.owner is None else Name(relative_name(inner.owner, level.path)) for inner in group.items
        ]
        return [
            replace(inner, name=name, has_children=whole or inner.has_children, share=share)
            for inner, name, share in zip(group.items, names, shares, strict=True)
        ]

    def item(self, part: Node | Level, level: Level) -> BodyItem:
        """Returns the item of a part of a level."""
        if isinstance(part, Node):
            item = self.leaves.item(part, level.path)
            return replace(item, share=None, owner=None) if part.name in self.sharing.covered else item
        name = level.local_name(part)
        use = self.block_items.get(part)
        inputs, outputs = self.interface(part)
        owner = self.sharing.owners.get(part)
        share = Name(relative_name(owner, level.path)) if owner is not None else None
        if use is not None:
            return replace(use, name=name, reads=inputs, results=outputs, share=share, owner=owner)
        return BodyItem(name, GROUP, inputs, outputs, body=self.body(part), share=share, owner=owner)

    def with_activations(self, items: list[BodyItem], outputs: Iterable[int]) -> list[BodyItem]:
        """Fuses each activation into the layer before it, if it is the only one to use that layer's output."""
        counts = Counter(outputs)
        for item in items:
            counts.update([*item.reads, *item.layers.values()])
        result: list[BodyItem] = []
        for item in items:
            before = result[-1] if result else None
            if (
                item.head == ACTIVATION
                and before is not None
                and before.head.kind == "layer"
                and before.node is not None
                and before.node.reads
                and "activation" not in before.arguments
                and item.reads == before.results
                and counts[item.reads[0]] == 1
            ):
                before.arguments["activation"] = item.arguments[OPERATION]
                before.results = item.results
            else:
                result.append(item)
        return result


FEW = 6
"""Maximum number of items in a named group that is written as layers with dotted names."""


def is_dissolved(group: LevelBody) -> bool:
    """Whether a group is replaced by its items, with dotted names."""
    if len(group.inputs) > 1 or len(group.outputs) > 1:
        return True
    return not group.listed and len(group.items) <= FEW


def dissolved_names(name: str, group: LevelBody) -> list[str]:
    """Returns the names of the items of a dissolved group."""
    if not group.listed:
        return [f"{name}.{item.name}" for item in group.items]
    if len(group.items) == 1 and group.items[0].copies is not None:
        return [name]  # the copies of the chain are its children
    out: list[str] = []
    number = 0
    for item in group.items:
        count = len(item.copies or "x")
        index = f"$(index + {number})" if number else "$(index)"
        out.append(f"{name}.{index if count > 1 else number}")
        number += count
    return out
