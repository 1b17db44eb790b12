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
"""Words that are keys of layers or parts of expressions."""
PRIMARY = ("filters", "units")
"""Arguments whose parameter is called like their layer, where it cannot be called like them."""
GLOSSARY = {"repeat": "depth", "operation": "act", "activation": "act", "units": "units"}
"""Names of parameters for arguments whose own names are not good ones."""


def plain_name(name: str) -> str:
    """A name as a parameter may have it."""
    word = re.sub(r"\W", "_", re.sub(r"\$\(.*?\)", "", name), flags=re.ASCII).strip("_") or "x"
    word = f"n{word}" if word[0].isdigit() else word
    return f"{word}_" if word in RESERVED else word


def legal_name(name: str, used_names: Collection[str]) -> str:
    """A name that is not taken: with a number if needed."""
    base = plain_name(name)
    return free_name(base, used_names, separator="_" if base[-1].isdigit() else "", first=2)


def own_name(argument: str, first: bool, within: str, used_names: Collection[str]) -> str:
    """The name of the parameter for an argument of a layer.

    Args:
        argument: its name.
        first: whether it is of the first copy of a chain only.
        within: the nearest name of a layer or group around it.
        used_names: names that other parameters have.
    """
    word = GLOSSARY.get(argument, argument)
    word = f"first_{word}" if first else word
    if plain_name(word) in used_names and within:
        near = within.rsplit(".", 1)[-1]
        word = near if argument in PRIMARY and not first else f"{near}_{word}"
    return legal_name(word, used_names)
