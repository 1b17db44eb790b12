"""Assigns a letter to each group of layers and blocks that share weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from netspec.ir import Parameter

from .figure_tree import Block, FigureItem, FigureTree, Layer

LEGEND = "the same weights"
Owned: TypeAlias = frozenset[Parameter]


@dataclass(frozen=True, slots=True)
class SharedWeights:
    """The letters of a network: ``W`` if one group shares weights, otherwise ``W1``, ``W2``, …"""

    letters: Mapping[FigureItem, str]

    def of(self, item: FigureItem, *, closed: bool = True) -> Iterator[str]:
        """Yields the letter of an item, or those of the contents of a closed block; nothing if it shares no weights."""
        if item in self.letters:
            yield self.letters[item]
        elif closed and isinstance(item, Block):
            for child in item.children:
                yield from self.of(child)


@dataclass(frozen=True, slots=True, eq=False)
class _Owner:
    """A layer or a block, possibly one of several copies, with its weights."""

    representative: FigureItem
    weights: Owned
    outer: _Owner | None

    def within(self, owners: set[_Owner]) -> bool:
        """Whether it is within a block that is one of ``owners``."""
        at = self.outer
        while at is not None:
            if at in owners:
                return True
            at = at.outer
        return False


def shared_weights(tree: FigureTree) -> SharedWeights:
    """Assigns letters to the layers and blocks of a tree.

    Blocks with identical weights share one letter, and their contents get none. Other layers get a letter if they share
    a weight with another layer.
    """
    blocks: list[_Owner] = []
    layers: list[_Owner] = []
    for child in tree.root.children:
        _collect(child, child, None, blocks, layers)
    groups: list[list[_Owner]] = []
    covered: set[_Owner] = set()
    by_weights: dict[Owned, list[_Owner]] = {}
    for owner in blocks:
        by_weights.setdefault(owner.weights, []).append(owner)
    for group in sorted(by_weights.values(), key=lambda g: -len(g[0].weights)):
        outermost = _outermost(group)
        if len(outermost) > 1 and not all(o.within(covered) for o in outermost):
            groups.append(outermost)
            covered |= set(outermost)
    groups += _layers_that_share([o for o in layers if not o.within(covered)])
    letters: dict[FigureItem, str] = {}
    for number, group in enumerate(groups, 1):
        for owner in group:
            letters.setdefault(owner.representative, "W" if len(groups) == 1 else f"W{number}")
    return SharedWeights(letters)


def _outermost(group: list[_Owner]) -> list[_Owner]:
    """Returns the owners of the same weights that are in no other owner; empty if only one remains."""
    remaining: list[_Owner] = list(group)
    while len(remaining) > 1:
        together = set(remaining)
        outermost: list[_Owner] = [o for o in remaining if not o.within(together)]
        if len(outermost) > 1:
            return outermost
        remaining = [o for o in remaining if o not in outermost]
    return remaining


def _collect(
    representative: FigureItem, actual: FigureItem, outer: _Owner | None, blocks: list[_Owner], layers: list[_Owner]
) -> None:
    """Adds an item with its copies and contents."""
    runs_of_one_layer = isinstance(actual, Block) and actual.scope.copies == "map"
    for copy in (actual,) if runs_of_one_layer else (actual, *actual.further_copies):
        owner = _Owner(representative, frozenset(_weights(copy)), outer)
        if isinstance(copy, Layer):
            layers.append(owner)
            continue
        assert isinstance(representative, Block)
        if owner.weights:
            blocks.append(owner)
        for inner, child in zip(representative.children, copy.children, strict=True):
            _collect(inner, child, owner, blocks, layers)


def _weights(item: FigureItem) -> Iterator[Parameter]:
    """The parameters of an item, without buffers."""
    if isinstance(item, Layer):
        for node in item.all_nodes:
            yield from (p for _, p in node.weights if not p.buffer)
        return
    for child in item.children:
        for copy in (child, *child.further_copies):
            yield from _weights(copy)


def _layers_that_share(layers: list[_Owner]) -> list[list[_Owner]]:
    """Groups layers that share at least one weight, in order."""
    joined: dict[Parameter, Parameter] = {}

    def root(p: Parameter) -> Parameter:
        while joined.setdefault(p, p) is not p:
            joined[p] = joined[joined[p]]
            p = joined[p]
        return p

    for owner in layers:
        weights = list(owner.weights)
        for p in weights[1:]:
            joined[root(p)] = root(weights[0])
    groups: dict[Parameter, list[_Owner]] = {}
    for owner in layers:
        for p in owner.weights:
            groups.setdefault(root(p), []).append(owner)
            break
    return [group for group in groups.values() if len(group) > 1]
