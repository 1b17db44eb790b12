"""Matching by order and shape, for files whose names are another library's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..ir import Parameter

_SAME = {
    "kernel": "weight", "gamma": "weight", "embeddings": "weight", "beta": "bias", "moving_mean": "running_mean",
    "moving_variance": "running_var",
}
"""What other libraries call them."""

_Kind = tuple[str, tuple[int, ...]]


def by_order(
    parameters: Sequence[Parameter], found: Mapping[str, tuple[int, ...]], ordered: bool
) -> dict[str, str] | None:
    """Parameter -> name, where tensors of one role (``weight``, ``bias`` …) and shape are as many on both sides.

    They are then matched in their order: that of the file where ``ordered``, else by name with numbers counted as
    numbers. None where that could be wrong: where the counts differ, where tensors of one layer would come from
    several, or where an order by name is not seen to be the network's (see :func:`_numbered`).
    """
    names = list(found) if ordered else sorted(found, key=_natural)
    theirs: dict[_Kind, list[str]] = {}
    for name in names:
        theirs.setdefault((_role(name), found[name]), []).append(name)
    ours: dict[_Kind, list[str]] = {}
    for p in parameters:
        ours.setdefault((_role(p.name), p.shape), []).append(p.name)
    if {k: len(v) for k, v in ours.items()} != {k: len(v) for k, v in theirs.items()}:
        return None
    paired = {name: other for kind, mine in ours.items() for name, other in zip(mine, theirs[kind], strict=True)}
    out = {p.name: paired[p.name] for p in parameters}
    pairs = {(_layer(name), _layer(other)) for name, other in out.items()}
    if len({a for a, _ in pairs}) != len(pairs) or len({b for _, b in pairs}) != len(pairs):
        return None
    if not ordered and not _numbered(out, theirs.values()):
        return None
    return out


def _numbered(pairs: Mapping[str, str], kinds: Iterable[list[str]]) -> bool:
    """Whether names that are sorted stand in the network's order, as those of numbered layers do.

    Nothing is known of the order of different top levels (``classifier`` comes before ``features``), so tensors that
    can be mistaken for one another must lie in one; and within each, the layers must come as in the network: with
    ``bn1`` before ``conv1`` they do not.
    """
    if any(len({_top(name) for name in names}) > 1 for names in kinds):
        return False
    place = {_layer(other): i for i, other in enumerate(pairs.values())}
    last: dict[str, int] = {}
    for layer in sorted(place, key=_natural):
        top = _top(layer + ".")
        if place[layer] < last.get(top, -1):
            return False
        last[top] = place[layer]
    return True


def _role(name: str) -> str:
    last = re.split(r"[./]", name)[-1].removesuffix(":0")
    return _SAME.get(last, last)


def _layer(name: str) -> str:
    return re.split(r"[./](?=[^./]*$)", name)[0]


def _top(name: str) -> str:
    """The first part of a tensor's name; empty where its layer lies at the top."""
    parts = re.split(r"[./]", name)
    return parts[0] if len(parts) > 2 else ""


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if i % 2 else (0, part) for i, part in enumerate(re.split(r"([0-9]+)", name[:1000]))]
