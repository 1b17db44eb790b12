"""Derives levels from names without separators, by recurring prefixes: ``res2_0_branch2a`` and ``res2_1_branch2a``."""

from __future__ import annotations

import re
from collections.abc import Iterable


def recurring_levels(names: Iterable[str]) -> dict[str, str]:
    """Inserts dots before parts that recur after different prefixes; names without such parts are omitted.

    A prefix is a level if at least two parts follow it, and another prefix has the same parts, or differs from such a
    level only in its numbers.
    """
    known = sorted(set(names))
    tails: dict[str, set[str]] = {}
    for name in known:
        for match in re.finditer("_", name):
            tails.setdefault(name[: match.start()], set()).add(name[match.end() :])
    alike: dict[frozenset[str], list[str]] = {}
    for beginning, parts in tails.items():
        if len(parts) >= 2 and "." not in beginning:
            alike.setdefault(frozenset(parts), []).append(beginning)
    forms = {_form(b) for group in alike.values() if len(group) >= 2 for b in group}
    levels = {b for b, parts in tails.items() if len(parts) >= 2 and _form(b) in forms}
    out: dict[str, str] = {}
    for name in known:
        beginnings = [name[: match.start()] for match in re.finditer("_", name)]
        longest = next((b for b in reversed(beginnings) if b in levels), None)
        if longest is not None:
            out[name] = f"{longest}.{name[len(longest) + 1 :]}"
    return out


def _form(name: str) -> str:
    return re.sub(r"\d+", "#", name)
