"""Assigns maps to rows by size, and replaces some maps by arrows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from ..read_roles import ReadRole
from .maps import Map
from .solid_sizes import is_vector

ENLARGING = ("upsample", "conv_transpose", "pixel_shuffle", "max_unpool")
"""Prefixes of operations that are drawn as arrows if only a concatenation reads their output."""


class Link(NamedTuple):
    """A connection between two maps, by their numbers."""

    tail: int
    head: int
    role: ReadRole
    operation: Map | None
    """The enlarging layer that the arrow represents."""


@dataclass(slots=True)
class LevelRows:
    """The maps of a figure by rows."""

    maps: list[Map]
    row: dict[int, int]
    """The row of each map, by map number, counted from the top."""
    links: list[Link]
    shared: bool
    """Whether maps of several sizes share the first row."""

    @property
    def turns(self) -> bool:
        """Whether maps shrink and then grow again."""
        steps = [self.row[link.head] - self.row[link.tail] for link in self.links if link.role == "tensor"]
        return min(steps, default=0) < 0 < max(steps, default=0)

    def first_links(self) -> dict[int, Link]:
        """Returns for each map the link from its predecessor in the placement."""
        out: dict[int, Link] = {}
        for link in self.links:
            out.setdefault(link.head, link)
        return out


def level_rows(maps: Sequence[Map]) -> LevelRows | None:
    """Assigns rows to a network whose maps shrink and grow; None if further inputs come from other rows."""
    if any(is_vector(m) or len(m.sides) != len(maps[0].sides) for m in maps):
        return None
    remaining, links = _without_enlarging(maps)
    level: dict[int, int] = {}
    sizes = {m.number: m.sides[-1] for m in maps}
    largest = max(sizes.values())
    first: dict[int, Link] = {}
    for link in links:
        first.setdefault(link.head, link)
    for m in remaining:
        before = first.get(m.number)
        whole, base = (largest, 0) if before is None else (sizes[before.tail], level[before.tail])
        level[m.number] = base + round(math.log2(whole / sizes[m.number]))
    lowest = min(level.values())
    level = {number: n - lowest for number, n in level.items()}
    if len(set(level.values())) < 2:
        return None
    level, shared = _share_first_row(remaining, level)
    row = _with_lanes(remaining, level, first)
    for link in links:
        if link is not first[link.head] and row[link.tail] != row[link.head]:
            return None
    return LevelRows(remaining, row, links, shared)


def _without_enlarging(maps: Sequence[Map]) -> tuple[list[Map], list[Link]]:
    """Returns the maps and links; enlarging layers before a concatenation become arrows."""
    readers: dict[int, list[Map]] = {}
    for m in maps:
        for source in m.sources:
            readers.setdefault(source, []).append(m)
    arrows = {
        m.number: m
        for m in maps
        if m.operation.startswith(ENLARGING)
        and len(m.sources) == 1
        and [r.operation for r in readers.get(m.number, ())] == ["concat"]
    }
    remaining: list[Map] = []
    links: list[Link] = []
    for m in maps:
        if m.number in arrows:
            continue
        remaining.append(replace(m, parts=tuple((n, s) for n, s in m.parts)))
        for source, role in m.role_of.items():
            arrow = arrows.get(source)
            links.append(Link(arrow.sources[0] if arrow else source, m.number, role, arrow))
    return remaining, links


def _share_first_row(maps: Sequence[Map], level: dict[int, int]) -> tuple[dict[int, int], bool]:
    """Moves sizes to which the network never returns into the row of the first size to which it does."""
    descent = 0
    for m in maps:
        if level[m.number] < descent:
            break
        descent = level[m.number]
    else:
        return level, False
    seen = 0
    again = math.inf
    for m in maps:
        if level[m.number] < seen:
            again = min(again, level[m.number])
        seen = max(seen, level[m.number])
    if again in (0, math.inf):
        return level, False
    return {number: max(n - int(again), 0) for number, n in level.items()}, True


def _with_lanes(maps: Sequence[Map], level: dict[int, int], first: dict[int, Link]) -> dict[int, int]:
    """Numbers the rows from the top; a size gets an extra row for each branch that would overlap another map."""
    lane: dict[int, tuple[int, int]] = {}
    joined: set[int] = set()
    """Maps that have a successor in their row."""
    lanes: dict[int, int] = {}
    for m in maps:
        at, link = level[m.number], first.get(m.number)
        if link is None or level[link.tail] != at:
            lane[m.number] = (at, 0)
        elif link.tail in joined:
            lanes[at] = lanes.get(at, 0) + 1
            lane[m.number] = (at, lanes[at])
        else:
            joined.add(link.tail)
            lane[m.number] = lane[link.tail]
    order = {key: i for i, key in enumerate(sorted(set(lane.values())))}
    return {number: order[key] for number, key in lane.items()}
