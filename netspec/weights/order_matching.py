"""Matches by order and shape, for files whose names come from another library."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..ir import Parameter

_ROLES = {
    "kernel": "weight",
    "gamma": "weight",
    "embeddings": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}
"""The role of a tensor by its name in other libraries."""

_RoleAndShape = tuple[str, tuple[int, ...]]


def match_by_order(
    parameters: Sequence[Parameter], tensors: Mapping[str, tuple[int, ...]], ordered: bool
) -> dict[str, str] | None:
    """Pairs parameters with tensors of the same role (``weight``, ``bias`` …) and shape, in order.

    Args:
        parameters: the parameters without a tensor, in the order of the network.
        tensors: the shapes of the unused tensors by name, in the order of the file.
        ordered: whether the file keeps the order of the network; otherwise tensors are taken in natural order of their
            names (numbers compared as numbers).

    Returns:
        Name of a tensor by name of a parameter. None where pairing could be wrong: the numbers of tensors differ, one
        layer's tensors would come from several layers, or the natural order may not be that of the network (see
        :func:`_follows_network_order`).
    """
    names = list(tensors) if ordered else sorted(tensors, key=_natural_key)
    theirs: dict[_RoleAndShape, list[str]] = {}
    for name in names:
        theirs.setdefault((_role(name), tensors[name]), []).append(name)
    ours: dict[_RoleAndShape, list[str]] = {}
    for p in parameters:
        ours.setdefault((_role(p.name), p.shape), []).append(p.name)
    if {k: len(v) for k, v in ours.items()} != {k: len(v) for k, v in theirs.items()}:
        return None
    paired = {name: other for key, mine in ours.items() for name, other in zip(mine, theirs[key], strict=True)}
    pairs = {p.name: paired[p.name] for p in parameters}
    layers = {(_layer(name), _layer(other)) for name, other in pairs.items()}
    if len({a for a, _ in layers}) != len(layers) or len({b for _, b in layers}) != len(layers):
        return None
    if not ordered and not _follows_network_order(pairs, theirs.values()):
        return None
    return pairs


def _follows_network_order(pairs: Mapping[str, str], groups: Iterable[list[str]]) -> bool:
    """Whether the natural order of names is that of the network, as for numbered layers.

    The order of different top-level names is unknown (``classifier`` sorts before ``features``), so tensors of one role
    and shape must share their top-level name. Within each top-level name, the layers must sort as in the network: with
    ``bn1`` before ``conv1`` they do not.
    """
    if any(len({_top(name) for name in names}) > 1 for names in groups):
        return False
    position = {_layer(other): i for i, other in enumerate(pairs.values())}
    last: dict[str, int] = {}
    for layer in sorted(position, key=_natural_key):
        top = _top(layer + ".")
        if position[layer] < last.get(top, -1):
            return False
        last[top] = position[layer]
    return True


def _role(name: str) -> str:
    last = re.split(r"[./]", name)[-1].removesuffix(":0")
    return _ROLES.get(last, last)


def _layer(name: str) -> str:
    return re.split(r"[./](?=[^./]*$)", name)[0]


def _top(name: str) -> str:
    """Returns the first part of a tensor's name; empty for a layer at the top level."""
    parts = re.split(r"[./]", name)
    return parts[0] if len(parts) > 2 else ""


def _natural_key(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if i % 2 else (0, part) for i, part in enumerate(re.split(r"([0-9]+)", name[:1000]))]
