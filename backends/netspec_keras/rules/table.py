"""The tables of rules, for layer classes and functions of ``keras.ops``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ..call import Rule

LAYERS: dict[str, Rule] = {}
"""Rules by the names of layers' classes."""
OPERATIONS: dict[str, Rule] = {}
"""Rules by the names of the classes behind ``keras.ops``."""
F = TypeVar("F", bound=Rule)


def layer(*names: str) -> Callable[[F], F]:
    """Registers a function as the rule of layers of these classes."""

    def register(function: F) -> F:
        assert LAYERS.keys().isdisjoint(names)
        LAYERS.update(dict.fromkeys(names, function))
        return function

    return register


def operation(*names: str) -> Callable[[F], F]:
    """Registers a function as the rule of these functions of ``keras.ops``."""

    def register(function: F) -> F:
        assert OPERATIONS.keys().isdisjoint(names)
        OPERATIONS.update(dict.fromkeys(names, function))
        return function

    return register
