"""Names of parameters."""

from __future__ import annotations

import re
from collections.abc import Collection

from ...free_names import free_name

RESERVED = frozenset(
    [
        "from",
        "repeat",
        "each",
        "first",
        "when",
        "share",
        "freeze",
        "doc",
        "inputs",
        "input",
        "output",
        "outputs",
        "layers",
        "inline",
        "index",
        "row",
        "incoming",
        "map",
        "carry",
        "over",
        "route",
        "stacked",
        "weights",
        "unused",
        "dtype",
        "parallel",
        "activation",
        "true",
        "false",
        "and",
        "or",
        "not",
        "if",
        "else",
        "in",
        "for",
        "pi",
        "inf",
        "as",
    ]
)
"""Keys of layers and words of expressions, which cannot be names of parameters."""
PRIMARY = ("filters", "units")
"""Arguments whose parameter is named after the layer if the argument's own name is taken."""
GLOSSARY = {"repeat": "depth", "operation": "act", "activation": "act", "units": "units"}
"""Parameter names for arguments whose own names are unsuitable."""


def plain_name(name: str) -> str:
    """Converts a name to a valid parameter name."""
    word = re.sub(r"\W", "_", re.sub(r"\$\(.*?\)", "", name), flags=re.ASCII).strip("_") or "x"
    word = f"n{word}" if word[0].isdigit() else word
    return f"{word}_" if word in RESERVED else word


def legal_name(name: str, used_names: Collection[str]) -> str:
    """Returns an unused valid name, numbered if needed."""
    base = plain_name(name)
    return free_name(base, used_names, separator="_" if base[-1].isdigit() else "", first=2)


def own_name(argument: str, first: bool, within: str, used_names: Collection[str]) -> str:
    """Chooses the parameter name for an argument of a layer.

    Args:
        argument: name of the argument.
        first: whether it applies to the first copy of a chain only.
        within: the nearest enclosing name of a layer or group.
        used_names: names that are already taken.
    """
    word = GLOSSARY.get(argument, argument)
    word = f"first_{word}" if first else word
    if plain_name(word) in used_names and within:
        near = within.rsplit(".", 1)[-1]
        word = near if argument in PRIMARY and not first else f"{near}_{word}"
    return legal_name(word, used_names)
