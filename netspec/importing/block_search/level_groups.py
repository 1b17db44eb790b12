"""Groups levels that may be uses of one block: those of the same module class or with similar contents."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from itertools import groupby

from ...ir import Node
from .levels import Level, walk_levels

LIKE = 0.5
"""Minimum fraction of corresponding parts for two levels of unknown class to be similar."""
CONTAINERS = ("Sequential", "ModuleList", "ModuleDict")
"""Classes of modules that only contain other modules."""


def classes(root: Level) -> list[list[Level]]:
    """Groups the levels that may be uses of one block; inner levels come before those that contain them.

    A chain of levels of one class is not a candidate itself. Containers are treated like levels without a class.
    """
    heights: dict[Level, int] = {}
    levels = list(walk_levels(root))[1:]
    skeletons: dict[Level, Hashable] = {}
    for level in reversed(levels):
        heights[level] = 1 + max((heights[inner] for inner in level.levels), default=0)
        skeletons[level] = skeleton(level, skeletons)
    groups: dict[Hashable, list[Level]] = {}
    unknown: list[Level] = []
    recursive = recursive_titles(levels)
    for level in levels:
        if is_chain(level):
            continue
        if level.title and level.title not in CONTAINERS:
            key = (level.title, heights[level] if level.title in recursive else None)
            groups.setdefault(key, []).append(level)
        else:
            unknown.append(level)
    candidates = [*groups.values(), *like_levels(unknown, skeletons)]
    candidates = [group for group in candidates if len(group) > 1]
    first = {level: n for n, level in enumerate(levels)}
    return sorted(candidates, key=lambda group: (max(heights[level] for level in group), first[group[0]]))


def recursive_titles(levels: Sequence[Level]) -> set[str]:
    """Returns the classes that contain levels of the same class."""
    out: set[str] = set()
    for level in levels:
        above = level.parent
        while above is not None:
            if above.title and above.title == level.title:
                out.add(level.title)
            above = above.parent
    return out


def is_chain(level: Level) -> bool:
    """Whether a level is a list that consists of levels of one class, or of similar ones with one name pattern."""
    if len(level.levels) != len(level.parts) or level.numbers is None:
        return False
    titles = {inner.title for inner in level.levels}
    names = {pattern(level.local_name(inner)) for inner in level.levels}
    if titles == {""}:
        return len(names) == 1 and all(like(level.levels[0], inner) for inner in level.levels[1:])
    return len(titles) == 1


def pattern(name: str) -> str:
    """Replaces numbers in a dotted name by ``#``: ``layer#.#`` for ``layer1.0``, ``inception#`` for ``inception3a``."""
    return re.sub(r"\d+[a-z]?(?=\.|\Z)|\d+", "#", name)


def skeleton(level: Level, inner: dict[Level, Hashable]) -> Hashable:
    """Returns the names and operations of the parts of a level, without arguments."""
    return tuple(
        (inner[part] if isinstance(part, Level) else part.op.name, level.local_name(part)) for part in level.parts
    )


def part_words(level: Level) -> list[str]:
    """Returns a word for each part of a level, its operation or name pattern; repeated words are collapsed."""
    words = [part.op.name if isinstance(part, Node) else f"{pattern(level.local_name(part))}:" for part in level.parts]
    return [word for word, _ in groupby(words)]


def like(a: Level, b: Level) -> bool:
    """Whether most parts of two levels correspond in order."""
    x, y = part_words(a), part_words(b)
    return 2 * longest_common(x, y) >= 2 * LIKE * max(len(x), len(y))


def longest_common(a: Sequence[str], b: Sequence[str]) -> int:
    """Returns the length of the longest common subsequence."""
    best = [0] * (len(b) + 1)
    for x in a:
        before = 0
        for n, y in enumerate(b):
            before, best[n + 1] = best[n + 1], before + 1 if x == y else max(best[n], best[n + 1])
    return best[-1]


def like_levels(levels: Sequence[Level], skeletons: dict[Level, Hashable]) -> list[list[Level]]:
    """Groups levels without a class: those with equal contents, or with similar contents and the same path pattern."""
    kinds: dict[Hashable, list[Level]] = {}
    for level in levels:
        kinds.setdefault(skeletons[level], []).append(level)
    groups: list[list[Level]] = []
    patterns: dict[str, list[list[Level]]] = {}
    for kind in sorted(kinds.values(), key=lambda kind: -len(kind)):
        places = dict.fromkeys(pattern(level.path) for level in kind)
        for place in places:
            known = next((g for g in patterns.get(place, ()) if like(g[0], kind[0]) and not nested(g, kind)), None)
            if known is not None:
                known += kind
                break
        else:
            known = list(kind)
            groups.append(known)
        for place in places:
            same = patterns.setdefault(place, [])
            if not any(known is group for group in same):
                same.append(known)
    order = {level: n for n, level in enumerate(levels)}
    return [sorted(group, key=order.__getitem__) for group in groups]


def nested(a: Sequence[Level], b: Sequence[Level]) -> bool:
    """Whether a level of one group contains a level of the other."""
    return any(within(level, set(b)) for level in a) or any(within(level, set(a)) for level in b)


def within(level: Level, others: set[Level]) -> bool:
    """Whether a level is contained in one of ``others``."""
    above = level.parent
    while above is not None:
        if above in others:
            return True
        above = above.parent
    return False
