"""Detects levels whose layers share weights with others, as a whole or individually."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .levels import Level, walk_levels


@dataclass(eq=False)
class Sharing:
    """Which levels and layers share weights."""

    owners: dict[Level, str] = field(default_factory=dict[Level, str])
    """For levels that share all their weights with another level: the name of that level."""
    covered: set[str] = field(default_factory=set[str])
    """Names of the layers in these levels."""
    bound: set[Level] = field(default_factory=set[Level])
    """Levels with a layer that shares weights with a layer outside, which a block could not refer to."""


def sharing(root: Level, owner_of: Mapping[str, str]) -> Sharing:
    """Finds the levels of a tree that share weights.

    Args:
        root: the root of the tree.
        owner_of: for each layer that shares its weights, the name of the layer that owns them.
    """
    out = Sharing()
    if not owner_of:
        return out
    for level in walk_levels(root):
        if level.parent is None or any(node.name in out.covered for node in level.nodes):
            continue
        owner = level_owner(level, owner_of)
        if owner is not None:
            out.owners[level] = owner
            out.covered.update(node.name for node in level.nodes)
    for level in walk_levels(root):
        for node in level.nodes:
            owner = owner_of.get(node.name)
            if owner is None or owner.startswith(f"{level.path}."):
                continue
            if node.name not in out.covered or not is_covered_within(level, out):
                out.bound.add(level)
    return out


def level_owner(level: Level, owner_of: Mapping[str, str]) -> str | None:
    """Returns the name of the level that owns all weights of a level, or None."""
    owners: set[str] = set()
    weighted = [node for node in level.nodes if node.weights]
    for node in weighted:
        local = node.name[len(level.path) :]
        owner = owner_of.get(node.name, "")
        if not owner.endswith(local) or len(owner) == len(local):
            return None
        owners.add(owner[: -len(local)])
    return owners.pop() if len(owners) == 1 and len(weighted) > 1 else None


def is_covered_within(level: Level, out: Sharing) -> bool:
    """Whether a level, or one that contains it, shares all its weights."""
    above: Level | None = level
    while above is not None:
        if above in out.owners:
            return True
        above = above.parent
    return False
