"""Chains that are one block again and again, each time with other numbers: ``for i in range(depth)``.

Uses of a block that are such chains, of whatever length, become uses of one class, where the numbers grow by a step.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from typing import NamedTuple

from .body import Body, Slot, Use
from .rules.base import Literal


class Pattern(NamedTuple):
    """Names that count on: ``block1``, ``block2``."""

    stem: str
    start: int


def pattern(names: Sequence[str]) -> Pattern | None:
    """What names count on by, and from where; None where they do not."""
    matches = [re.fullmatch(r"(\w*?[A-Za-z_])(\d+)", name, re.ASCII) for name in names]
    if not names or not all(matches):
        return None
    stem, start = next((m[1], int(m[2])) for m in matches if m is not None)
    return Pattern(stem, start) if list(names) == [f"{stem}{start + i}" for i in range(len(names))] else None


def kin(body: Body) -> Hashable:
    """Equal for bodies that may be of one class: those of one structure, and series that differ in length alone."""
    items = body.chain.items if body.chain is not None and body.chain.count is None else ()
    found = pattern([name for name, _ in items])
    keys = {made.body.key if isinstance(made, Use) else None for _, made in items}
    if body.block is None or found is None or len(keys) > 1 or None in keys or body.frozen:
        return body.key
    return "series", body.block, found, *keys


def compressed(slots: Sequence[Slot], count: int) -> list[Slot] | None:
    """The slots of a series: its length, and for each number where it begins and by how much it grows.

    None where one does not grow evenly. ``slots`` are those of ``count`` items one after the other.
    """
    out = [Slot("repeat", count)]
    each = len(slots) // count
    for k in range(each):
        column = slots[k::each]
        step = _step([s.value for s in column])
        if step is None:
            return None
        out += [column[0], Slot("step", step)]
    return out


def _step(values: Sequence[Literal]) -> int | None:
    if all(type(v) is type(values[0]) and v == values[0] for v in values):
        return 0
    whole = [v for v in values if type(v) is int]
    if len(whole) != len(values):
        return None
    step = whole[1] - whole[0]
    return step if whole == [whole[0] + step * i for i in range(len(whole))] else None


def grown(first: str, step: str, index: str = "i") -> str:
    """The text of a number that begins somewhere and grows by a step."""
    if step == "0":
        return first
    more = index if step == "1" else f"{step} * {index}"
    return more if first == "0" else f"{first} + {more}"


def name_text(found: Pattern) -> str:
    """The text of the names, over ``i`` from zero."""
    return f'f"{found.stem}{{i}}"' if found.start == 0 else f'f"{found.stem}{{i + {found.start}}}"'
