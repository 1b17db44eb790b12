"""Drafts that end in one draft, as far as nothing else reads what is between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from ..draft import Draft
from ..rewriting import Rewriting


class Tree(NamedTuple):
    """Drafts that compute the value of the first one from leaves; each stands before what it reads."""

    drafts: tuple[Draft, ...]
    leaves: tuple[int, ...]


def growing_trees(rewriting: Rewriting, draft: Draft, belongs: Callable[[Draft], bool], most: int) -> Iterator[Tree]:
    """The trees that end in a draft, each with one draft more than the one before: the last that only they read.

    Args:
        rewriting: the network.
        draft: where they end.
        belongs: whether a draft may be part of a tree.
        most: the greatest number of drafts.
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
