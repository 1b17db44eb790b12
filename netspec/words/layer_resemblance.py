"""The form of a value in the text of a spec: whether it looks like a layer."""

from __future__ import annotations

from collections.abc import Collection

from ..ops import TABLE
from ..text.yaml_reader import Map, Text, Tree
from . import lookup

MOST_KEYS = 20
"""Keys of a layer that are compared with the names of operations."""


def is_operation_word(word: str) -> bool:
    """Whether a word names an operation, here or elsewhere, and is not rather one for an argument."""
    return word in TABLE or (lookup.operation(word) is not None and not lookup.is_argument(word))


def resembles_layer(node: Tree, blocks: Collection[str]) -> bool:
    """Whether a value is, or names, an operation or block, perhaps in other words."""

    def is_word(word: str) -> bool:
        return word in blocks or is_operation_word(word)

    if type(node) is Text:
        return type(node.value) is str and is_word(node.value)
    if type(node) is Map:
        return any(map(is_word, list(node.entries)[:MOST_KEYS]))
    return False
