"""Trees of drafts that end in one draft, in which nothing else reads intermediate values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from ..draft import Draft
from ..rewriting import Rewriting


class Tree(NamedTuple):
    """Drafts that compute the value of the first one from leaves; each comes before its inputs."""

    drafts: tuple[Draft, ...]
    leaves: tuple[int, ...]


def growing_trees(rewriting: Rewriting, draft: Draft, belongs: Callable[[Draft], bool], most: int) -> Iterator[Tree]:
    """Yields trees that end in a draft; each has one more draft, read only within the tree, than the previous one.

    Args:
        rewriting: the network.
        draft: the last draft.
        belongs: whether a draft may be part of a tree.
        most: maximum number of drafts.
    """
    drafts, leaves = [draft], list(dict.fromkeys(draft.inputs))
    yield Tree((draft,), tuple(leaves))
    while len(drafts) < most:
        inside = {id(d) for d in drafts}
        candidates: list[tuple[int, int, Draft]] = []
        for value in leaves:
            maker = rewriting.maker(value)
            if maker is None or rewriting.is_output(value) or not belongs(maker):
                continue
            if all(id(reader) in inside for reader in rewriting.readers(value)):
                candidates.append((rewriting.order[id(maker)], value, maker))
        if not candidates:
            return
        _, value, maker = max(candidates, key=lambda candidate: candidate[:2])
        drafts.append(maker)
        leaves = list(dict.fromkeys([*(v for v in leaves if v != value), *maker.inputs]))
        yield Tree(tuple(drafts), tuple(leaves))
