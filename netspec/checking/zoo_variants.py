"""Finds variants of the zoo's networks by their own names: ``resnet50`` is ``resnet@50``.

The specs are searched only for a name that is neither a file nor a network.
"""

from __future__ import annotations

import re
from functools import cache, partial
from pathlib import Path

from .. import zoo
from ..diagnostics import Error, clip, nearest
from ..text.yaml_reader import Map, read

_SECTION = re.compile(r"(?m)^variants:.*\n(?:(?:[ #].*)?\n)*")
"""The section of a spec's text, up to the next key of the document."""
_SHORTEST = 3
"""Shorter names are not compared with variants, as too many are similar."""


def find_variant(name: str) -> tuple[Path, str] | None:
    """Returns spec and variant for ``resnet50``, ``vit_b_16``, or a unique variant such as ``llama3_8b``.

    ``resnet50`` is a variant of ``resnet``, although in ``fcn`` it names a part. None if there is none.

    Raises:
        Error: NS109, there are several.
    """
    variants = _variants()
    matches = [(network, variant) for network, variant in variants if name in published_names(network, variant)]
    matches = matches or [(network, variant) for network, variant in variants if name == variant]
    if len(matches) > 1:
        listed = " or ".join(f"{network}@{variant}" for network, variant in matches)
        raise Error("NS109", f"several networks of the zoo have a variant '{clip(name)}'", f"name one: {listed}")
    if not matches:
        return None
    path = zoo.path(matches[0][0])
    assert path is not None
    return path, matches[0][1]


def published_names(network: str, variant: str) -> tuple[str, str]:
    """Returns the names of a variant with that of the network: ``resnet50`` and ``resnet_50``."""
    return f"{network}{variant}", f"{network}_{variant}"


def similar_network(name: str) -> str | None:
    """Returns help for an unknown name: the nearest network or variant of the zoo; None if none is near."""
    networks = zoo.names()
    variants = _variants() if len(_folded(name)) >= _SHORTEST else ()
    names = {_folded(network): network for network in networks}
    for network, variant in variants:
        names.setdefault(_folded(network + variant), f"{network}@{variant}")
    for network, variant in variants:  # after those, as a variant may be called as another network's
        names.setdefault(_folded(variant), f"{network}@{variant}")
    word = _folded(name)
    nearest_names = (nearest(word, map(_folded, networks)), nearest(word, names))  # of equally near ones, a network
    near = max((near for near in nearest_names if near is not None), key=partial(_similarity, word), default=None)
    return f"did you mean '{names[near]}'?" if near is not None else None


def _similarity(word: str, known: str) -> float:
    from difflib import SequenceMatcher

    return SequenceMatcher(None, word, known).ratio()


def name_in_zoo(file: str) -> str | None:
    """Returns the zoo's name for a file that does not exist: ``vgg16`` for ``vgg16.yaml``; None if there is none."""
    stem = Path(file).stem
    if zoo.path(stem) is not None:
        return stem
    try:
        variant = find_variant(stem)
    except Error:
        return None
    return f"{variant[0].stem}@{variant[1]}" if variant is not None else None


def _folded(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())


def _variants() -> tuple[tuple[str, str], ...]:
    """Returns all networks with their variants."""
    return _variants_within(zoo.folder())


@cache
def _variants_within(folder: Path) -> tuple[tuple[str, str], ...]:
    """Returns the networks of a folder of the zoo with their variants; only the section ``variants`` is parsed."""
    pairs: list[tuple[str, str]] = []
    for path in sorted((p for p in folder.rglob("*.yaml") if p.parent.name != zoo.PARTS), key=lambda p: p.stem):
        section = _SECTION.search(path.read_text(encoding="utf-8"))
        tree = read(section[0]) if section is not None else None
        variants = tree.get("variants") if type(tree) is Map else None
        if type(variants) is Map:
            pairs += [(path.stem, variant) for variant in variants.entries]
    return tuple(pairs)
