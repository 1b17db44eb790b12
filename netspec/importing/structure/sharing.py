"""Levels whose layers share the weights of others: as a whole, or one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .levels import Level, walk_levels


@dataclass(eq=False)
class Sharing:
    """What shares weights with what."""

    lenders: dict[Level, str] = field(default_factory=dict[Level, str])
    """For levels that share all their weights with another level: its name."""
    covered: set[str] = field(default_factory=set[str])
    """Names of the layers in these levels."""
    bound: set[Level] = field(default_factory=set[Level])
    """Levels with a layer that shares the weights of one outside: a block cannot refer to that."""


def sharing(root: Level, lender_of: Mapping[str, str]) -> Sharing:
    """What the levels of a tree share.

    Args:
        root: of the tree.
        lender_of: for each layer that shares its weights, the name of the one that it shares them with.
    """
    out = Sharing()
    if not lender_of:
        return out
    for level in walk_levels(root):
        if level.parent is None or any(node.name in out.covered for node in level.nodes):
            continue
        lender = level_lender(level, lender_of)
        if lender is not None:
            out.lenders[level] = lender
            out.covered.update(node.name for node in level.nodes)
    for level in walk_levels(root):
        for node in level.nodes:
            lender = lender_of.get(node.name)
            if lender is None or lender.startswith(f"{level.path}."):
                continue
            if node.name not in out.covered or not is_covered_within(level, out):
                out.bound.add(level)
    return out


def level_lender(level: Level, lender_of: Mapping[str, str]) -> str | None:
    """The name of the level that lends a level all its weights; None if there is none."""
    lenders: set[str] = set()
    weighted = [node for node in level.nodes if node.weights]
    for node in weighted:
        local = node.name[len(level.path) :]
        lender = lender_of.get(node.name, "")
        if not lender.endswith(local) or len(lender) == len(local):
            return None
        lenders.add(lender[: -len(local)])
    return lenders.pop() if len(lenders) == 1 and len(weighted) > 1 else None


def is_covered_within(level: Level, out: Sharing) -> bool:
    """Whether a level, or one around it, shares its weights as a whole."""
    above: Level | None = level
    while above is not None:
        if above in out.lenders:
            return True
        above = above.parent
    return False
