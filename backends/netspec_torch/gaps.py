"""Chains of which some uses lack items: ``when`` left these out of a list, and those behind them moved up."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from .body import Body, Chain, Leaf, Made, Maybe, Path, Use


class Lack(NamedTuple):
    """What a use of a block has not, and another has."""

    layers: frozenset[str]
    items: Mapping[Path, Mapping[int, str]]
    """Of chains by their paths: numbers in the other's chain, and the parameters that ``when`` asked for."""

    def __bool__(self) -> bool:
        return bool(self.layers or self.items)


def lacking(full: Chain, less: Chain) -> dict[int, str] | None:
    """Numbers of the items that one chain has and another has not; None where they are not of one list."""
    if full.count is not None or less.count is not None or not (full.numbered and less.numbered):
        return None
    a, b = list(_places(full)), set(_places(less))
    if len(a) + len(full.gaps) != len(b) + len(less.gaps) or not b < set(a):
        return None
    asked = _asked(less)
    return {i: asked[place] for i, place in enumerate(a) if place not in b}


def united(one: Chain, other: Chain) -> tuple[Chain, dict[int, str]] | None:
    """A chain with the items of another of the same list that it lacks, and their numbers; None where there are none.

    They must be uses of classes, whose numbers are no slots of what holds the chain.
    """
    if one.count is not None or other.count is not None or not (one.numbered and other.numbered):
        return None
    a = dict(zip(_places(one), (made for _, made in one.items), strict=True))
    b = dict(zip(_places(other), (made for _, made in other.items), strict=True))
    more = {place: made for place, made in b.items() if place not in a}
    uses = all(isinstance(made, Use) for made in more.values())
    if len(a) + len(one.gaps) != len(b) + len(other.gaps) or not more or not uses:
        return None
    every = sorted({**more, **a}.items())
    asked = _asked(one)
    places = [place for place, _ in every]
    gaps = [(bisect_left(places, place), asked[place]) for place in sorted(asked) if place not in more]
    items = tuple((str(i), made) for i, (_, made) in enumerate(every))
    return Chain(items, gaps=tuple(gaps)), {i: asked[place] for i, place in enumerate(places) if place in more}


def _asked(chain: Chain) -> dict[int, str]:
    """The parameters that were asked for, by the places of what was left out."""
    return {number + i: parameter for i, (number, parameter) in enumerate(chain.gaps)}


def _places(chain: Chain) -> Iterator[int]:
    """Where the items stand in the list as it is written."""
    numbers = [number for number, _ in chain.gaps]
    for i in range(len(chain.items)):
        yield i + bisect_right(numbers, i)


def plainly_made(body: Body, path: Path) -> bool:
    """Whether statements may gather the items of a chain: what is made of it, later, goes by no number of them."""
    chain = body.chain if not path else body.members[path]
    assert isinstance(chain, Chain)
    within = tuple(f"{part}." for part in path) or ("",)
    if len(path) > 1 or (path and path[0].isdecimal()) or any(name.startswith(within) for name in body.frozen):
        return False
    if any(other != path and other[: len(path)] == path for other in body.members):
        return False
    return not any(isinstance(made, Leaf) and made.inits for _, made in chain.items)


def slots_of(made: Made) -> Iterator[int]:
    """The numbers of the slots that stand in a member."""
    if isinstance(made, Leaf):
        yield from (slot for _, slot, _ in made.args)
        if made.choice is not None:
            yield made.choice
    elif isinstance(made, Chain):
        if made.count is not None:
            yield made.count
        for _, item in made.items:
            yield from slots_of(item)
    elif isinstance(made, Maybe):
        yield made.flag
        yield from slots_of(made.made)


def without(chain: Chain, missing: Mapping[int, str]) -> Chain:
    """A chain less some of its items, those behind them moved up."""
    kept = [made for i, (_, made) in enumerate(chain.items) if i not in missing]
    return replace(chain, items=tuple((str(i), made) for i, made in enumerate(kept)))


def flag_name(made: Made, parameter: str) -> str:
    """What to call the argument that says whether an item is there: as the spec does, or after the item."""
    if parameter:
        return parameter
    title = made.body.title if isinstance(made, Use) else made.cls if isinstance(made, Leaf) else "more"
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", title.rpartition(".")[2]).lower()
