"""Joins consecutive uses of a block into one item with copies."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple

from ...blocks import ABSENT, typed
from .items import BodyItem, LevelBody

LONG = 4
"""Minimum number of copies for alternating or growing arguments to become expressions."""


class Pattern(NamedTuple):
    """How an argument changes along the copies of a chain."""

    kind: str
    """``same``, ``first`` (the first copy differs), ``alternate``, ``grow`` (by a step) or ``multiply``."""
    values: tuple[Any, ...]
    """One value; the first and the others; the even and the odd; or the first and the step or factor."""


def alike(a: Any, b: Any) -> bool:
    """Whether two values are equal, or at least one is ABSENT."""
    return a is ABSENT or b is ABSENT or typed_value(a) == typed_value(b)


def typed_value(value: Any) -> Any:
    """Returns a hashable key of a value that distinguishes types."""
    if isinstance(value, dict):
        return ("mapping", *((k, typed_value(v)) for k, v in value.items()))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - of any type
    if isinstance(value, (list, tuple)):
        return ("list", *map(typed_value, value))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - of any type
    return typed(value)


def common(values: Sequence[Any]) -> tuple[bool, Any]:
    """Returns whether the known values are equal, and the first of them (ABSENT if none is known)."""
    known = [value for value in values if value is not ABSENT]
    if not known:
        return True, ABSENT
    first = typed_value(known[0])
    return all(typed_value(value) == first for value in known[1:]), known[0]


def fits(column: Sequence[Any], kind: str) -> Pattern | None:
    """Returns the pattern of this kind that the values follow, or None."""
    if kind == "same":
        equal, value = common(column)
        return Pattern(kind, (value,)) if equal else None
    if kind == "first":
        equal, value = common(column[1:])
        return Pattern(kind, (column[0], value)) if equal else None
    if kind == "alternate":
        (even, a), (odd, b) = common(column[::2]), common(column[1::2])
        return Pattern(kind, (a, b)) if even and odd else None
    if any(type(value) is not int for value in column):
        return None
    if kind == "multiply":
        ratio = column[1] // column[0] if len(column) > 1 and column[0] > 0 else 1
        fitting = all(value == column[0] * ratio**n for n, value in enumerate(column))
        return Pattern(kind, (column[0], ratio)) if fitting and ratio > 1 else None
    step = column[1] - column[0] if len(column) > 1 else ABSENT
    if any(b - a != step for a, b in pairwise(column)):
        return None
    return Pattern(kind, (column[0], step))


def is_run(copies: Sequence[dict[str, Any]], block: str, alternating: set[tuple[str, str]]) -> bool:
    """Whether copies with these arguments can be written as one repeated layer."""
    kinds: Counter[str] = Counter()
    strided = False
    for n, name in enumerate(copies[0]):
        column = [copy[name] for copy in copies]
        if fits(column, "same"):
            continue
        number = type(next(v for v in column if v is not ABSENT)) in (int, bool)
        alternates = number and fits(column, "alternate") is not None
        if alternates and len(copies) >= LONG:
            alternating.add((block, name))
        if alternates and (block, name) in alternating:
            kinds["other"] += 1
        elif n and fits(column, "first"):
            kinds["first"] += 1
            strided = strided or name == "stride"
        elif len(copies) >= LONG and number and any(fits(column, kind) for kind in ("grow", "multiply")):
            kinds["other"] += 1
        else:
            return False
    return kinds["other"] <= 1 and (kinds["first"] <= 2 if strided or len(copies) > 2 else not kinds["first"])


def join_runs(body: LevelBody, alternating: set[tuple[str, str]]) -> None:
    """Joins consecutive uses of blocks in a body. Afterwards, all uses have copies."""
    counts = Counter(body.outputs)
    for item in body.items:
        counts.update([*item.reads, *item.layers.values()])
    for item in body.items:
        if item.head.is_use and item.copies is None:
            item.copies, item.arguments = [item.arguments], {}
    out: list[BodyItem] = []
    start = 0
    while start < len(body.items):
        stop = start + 1
        while stop < len(body.items) and follows(body, stop, counts) and continues_name(body, start, stop):
            stop += 1
        out += split(body, start, stop, alternating) if stop > start + 1 else [body.items[start]]
        start = stop
    body.items = out


def follows(body: LevelBody, position: int, counts: Counter[int]) -> bool:
    """Whether an item is connected as the next copy of the item before it."""
    before, item = body.items[position - 1], body.items[position]
    return (
        item.head.is_use
        and item.head == before.head
        and item.share == before.share
        and len(before.results) == len(item.results) == 1
        and item.reads[:1] == before.results
        and item.reads[1:] == before.reads[1:]
        and counts[before.results[0]] == 1
    )


def continues_name(body: LevelBody, start: int, position: int) -> bool:
    """Whether the name of an item continues the numbering of the chain."""
    if body.listed:
        return True
    first, this = counted(body.items[start].name), counted(body.items[position].name)
    return first is not None and this == (first[0], first[1] + position - start)


def counted(name: str) -> tuple[str, int] | None:
    """Splits a name into stem and final number; None if it does not end in a number."""
    match = re.fullmatch(r"(.*?)(0|[1-9]\d*)", name)
    return (match[1], int(match[2])) if match else None


def split(body: LevelBody, start: int, stop: int, alternating: set[tuple[str, str]]) -> list[BodyItem]:
    """Joins the items of a chain where their arguments allow it; in a mapping, either all or none."""
    items = body.items[start:stop]
    copies = [copy for item in items for copy in item.copies or ()]
    block: str = items[0].head.block.name
    out: list[BodyItem] = []
    begin = 0
    while begin < len(items):
        end = len(items)
        if not body.listed and not is_run(copies, block, alternating):
            end = begin + 1
        while end > begin + 1 and not is_run(copies[begin:end], block, alternating):
            end -= 1
        joined = items[begin]
        if end > begin + 1:
            joined = replace(joined, copies=copies[begin:end], results=items[end - 1].results)
            if not body.listed:
                stem, number = counted(joined.name) or (joined.name, 0)
                joined.name = f"{stem}$(index{f' + {number}' if number else ''})"
        out.append(joined)
        begin = end
    return out
