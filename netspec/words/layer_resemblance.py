"""Decides whether a value in the text of a spec looks like a layer."""

from __future__ import annotations

from collections.abc import Collection

from ..ops import TABLE
from ..text.yaml_reader import Map, Text, Tree
from . import lookup

MOST_KEYS = 20
"""Maximum number of keys of a layer to compare with the names of operations."""


def is_operation_word(word: str) -> bool:
    """Whether a word names an operation, in any framework, and is not more likely an argument."""
    return word in TABLE or (lookup.operation(word) is not None and not lookup.is_argument(word))


def resembles_layer(node: Tree, blocks: Collection[str]) -> bool:
    """Whether a value is, or names, an operation or block, possibly in other words."""

    def is_word(word: str) -> bool:
        return word in blocks or is_operation_word(word)

    if type(node) is Text:
        return type(node.value) is str and is_word(node.value)
    if type(node) is Map:
        return any(map(is_word, list(node.entries)[:MOST_KEYS]))
    return False
