"""Equal constants of a network, which its module stores once: their names, a pattern for many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from netspec.ir import Graph, Parameter

ANY = "*"
"""Stands for any part of a name."""


def shared_constants(graph: Graph) -> list[tuple[str, ...]]:
    """The names of each group of equal constants that are stored once, as patterns that match no other buffer."""
    groups: dict[Parameter, list[str]] = {}
    for other, first in graph.equal_constants.items():
        groups.setdefault(first, [first.name]).append(other.name)
    if not groups:
        return []
    buffers = [p.name for p in graph.parameters if p.buffer]
    return [patterns(names, set(buffers).difference(names)) for names in groups.values()]


def patterns(names: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    """The fewest patterns that match these names and no others: numbers in which they differ become ``*``."""
    alike: dict[tuple[str, ...], list[list[str]]] = {}
    for name in names:
        parts = name.split(".")
        alike.setdefault(tuple(ANY if part.isdigit() else part for part in parts), []).append(parts)
    apart = [other.split(".") for other in others]
    texts: list[str] = []
    for group in alike.values():
        pattern = [column[0] if len(set(column)) == 1 else ANY for column in zip(*group, strict=True)]
        is_exact = not any(matches(parts, pattern) for parts in apart)
        texts += [".".join(parts) for parts in ([pattern] if is_exact else group)]
    return tuple(texts)


def matches(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether the parts of a name match those of a pattern."""
    return len(parts) == len(pattern) and all(b in (ANY, a) for a, b in zip(parts, pattern, strict=True))
