"""Names of layers of Keras as dotted names of a spec."""

from __future__ import annotations

import re

from netspec.limits import NAME

from .model_config import Model, snake_case

_COUNT = re.compile(r"\d+[a-z]?(?=_|$)")
"""What counts in a name: ``1`` of ``block_1``, ``2a`` of ``block2a``."""


def legal_name(name: str) -> str:
    """A dotted name: ``/`` makes a level; letters, digits, ``_`` and, inside, ``-`` stay; the rest becomes ``_``."""
    parts = [part for part in name.replace("/", ".").split(".") if part] or ["_"]
    legal_parts = ("".join(c if c.isascii() and (c.isalnum() or c in "_-") else "_" for c in part) for part in parts)
    return ".".join(part.strip("-")[:NAME] or "_" for part in legal_parts)


def level_class(level: str) -> str:
    """The name that the copies of a level share, without its number, ``Block`` for ``block_1`` and ``block2a``."""
    return _COUNT.sub("", level).strip("_").title().replace("_", "") or "Block"


def spec_names(model: Model) -> dict[str, str]:
    """The name of each layer of a model in the spec, within the model.

    Beginnings that count become levels: ``conv2_block1_1_conv`` is ``conv2.block1.1_conv``. Layers that Keras named
    itself, such as ``add_7``, are in the level of those around them.
    """
    names = {layer.name: legal_name(layer.name) for layer in model.layers.values()}
    if any("." in name for name in names.values()):
        return names
    user_names = [
        names[layer.name] for layer in model.layers.values() if not _is_generated(layer.name, layer.class_name)
    ]
    levels = _levels(user_names, set(names.values()))
    placed = {name: _split(name, levels) for name in user_names}
    between: list[str] = []
    before = ""
    for name in names.values():
        if name not in placed:
            between.append(name)
            continue
        level = _common(before, placed[name].rpartition(".")[0])
        placed |= {part: f"{level}.{part}" if level else part for part in between}
        before, between = placed[name].rpartition(".")[0], []
    return {name: placed.get(legal, legal) for name, legal in names.items()}


def _is_generated(name: str, class_name: str) -> bool:
    """Whether a name is one that Keras gives: the class and a number."""
    return re.fullmatch(rf"{re.escape(snake_case(class_name))}(_\d+)?", name) is not None


def _levels(names: list[str], used_names: set[str]) -> set[str]:
    """Beginnings of names that become levels.

    Those end in a number, are not names of layers, and there are several that differ in numbers alone. The layers of
    each follow each other, and are two or more.
    """
    members: dict[str, list[int]] = {}
    for number, name in enumerate(names):
        for beginning in _beginnings(name):
            members.setdefault(beginning, []).append(number)
    alike: dict[str, list[str]] = {}
    for beginning in members:
        alike.setdefault(_COUNT.sub("#", beginning), []).append(beginning)
    levels: set[str] = set()
    for beginnings in alike.values():
        numbers = [members[beginning] for beginning in beginnings]
        whole = all(run[-1] - run[0] + 1 == len(run) for run in numbers)
        several = sum(len(run) >= 2 for run in numbers) >= 2
        if whole and several and used_names.isdisjoint(beginnings):
            levels.update(beginning for beginning in beginnings if len(members[beginning]) >= 2)
    return levels


def _beginnings(name: str) -> list[str]:
    """The parts of a name before a ``_`` that end in a number."""
    return [name[: match.end()] for match in _COUNT.finditer(name) if match.end() < len(name)]


def _split(name: str, levels: set[str]) -> str:
    """A name with a dot after every level."""
    parts: list[str] = []
    start = 0
    for beginning in _beginnings(name):
        if beginning in levels:
            parts.append(name[start : len(beginning)])
            start = len(beginning) + 1
    return ".".join([*parts, name[start:]])


def _common(a: str, b: str) -> str:
    """The levels that two dotted names begin with."""
    parts: list[str] = []
    for x, y in zip(a.split("."), b.split("."), strict=False):
        if x != y:
            break
        parts.append(x)
    return ".".join(parts)
