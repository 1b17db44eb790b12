"""Finds the likely meaning of unknown keys of a spec, a block or another record. Only for an invalid spec."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial

from ... import limits
from ...diagnostics import LocatedError, clip, nearest, suggestion
from ...text.yaml_reader import List, Map, Text, Tree


def with_known_keys(known: Collection[str], node: Map, what: str, report: Callable[[LocatedError], None]) -> Map:
    """Returns the mapping with known keys only: unknown ones are reported, and replaced by their likely meanings.

    Args:
        known: the valid keys.
        node: the mapping.
        what: a description of the mapping for messages.
        report: receives the problems.
    """
    from ...words import lookup, mistaken_forms

    result = Map(node.location)
    result.entries = {key: entry for key, entry in node.entries.items() if key in known}
    layers = _misplaced_layers(known, node)
    if layers is not None:
        first = next(iter(layers.entries))
        message = f"{what} has no key '{clip(first)}'"
        exists = "layers" in result.entries
        help = "indent the layers further than the key 'layers'" if exists else "put the layers under the key 'layers'"
        report(LocatedError("NS201", message, layers.entries[first][0], help=help))
        if _is_empty(result, "layers"):
            result.entries["layers"] = (layers.location, layers, True)
    count = 0
    for key, entry in node.entries.items():
        if key in known or (layers is not None and key in layers.entries):
            continue
        message = f"{what} has no key '{clip(key)}'"
        report(LocatedError("NS201", message, entry[0], help=partial(key_help, key, tuple(known))))
        count += 1
        meant = lookup.document_key(key, tuple(known))
        if "layers" in known and mistaken_forms.training_help(key) is not None:
            continue
        if meant is None and count <= limits.DIAGNOSTICS:  # of more only the number is reported
            meant = nearest(key, known)
        if meant is not None and meant not in result.entries:
            result.entries[meant] = entry
    return result


def key_help(key: str, known: tuple[str, ...]) -> str | None:
    """Returns help for an unknown key: the meaning of the word, the nearest key, or all of them."""
    from ...words import help_texts, mistaken_forms

    if "layers" in known and (training := mistaken_forms.training_help(key)) is not None:
        return training
    return help_texts.key_help(key, known) or suggestion(key, known, f"its keys are {', '.join(known)}")()


def not_a_mapping(node: Tree, what: str, described: str) -> LocatedError:
    """NS203: a value is not a mapping (``what`` names it, ``described`` in words); help writes names as one."""
    names = [n.raw for n in node.items if type(n) is Text and n.raw.isidentifier()] if type(node) is List else []
    help = None
    if type(node) is List and what in _EXAMPLES and 0 < len(names) == len(node.items):
        listed = ", ".join(f"{clip(name)}: {_EXAMPLES[what]}" for name in names[:4]) + (", …" if names[4:] else "")
        help = f"write {what}: {{{listed}}}"
    return LocatedError("NS203", f"{what} must be a mapping; found {described}", node.location, help=help)


_EXAMPLES = {"inputs": "[3, 224, 224]", "params": "int", "dims": "224"}
"""Examples of the values of the keys whose names may be written as a list."""


def _is_empty(node: Map, key: str) -> bool:
    value = node.get(key)
    return value is None or (type(value) is Text and value.value is None)


def _misplaced_layers(known: Collection[str], node: Map) -> Map | None:
    """Returns unknown keys that are layers, if the mapping has the key ``layers``; None if there are none."""
    from ...words import lookup
    from ...words.layer_resemblance import resembles_layer

    if "layers" not in known:
        return None
    layers = Map(node.location)
    for key, entry in list(node.entries.items())[:_KEYS]:
        if key not in known and lookup.document_key(key, tuple(known)) is None and resembles_layer(entry[1], ()):
            layers.entries[key] = entry
    return layers if layers.entries else None


_KEYS = 1000
"""Maximum number of keys to compare with the forms of layers."""
