"""The functions that a formula may use besides those of all expressions: elementwise operations without arguments."""

from __future__ import annotations

from functools import cache

from .. import TABLE, find
from ..base import Op

WITHOUT_MEANING = ("clamp", "rescale", "identity")
"""Elementwise operations that do nothing without arguments."""


@cache
def is_function(name: str) -> bool:
    """Whether an operation is a function of formulas: it may be an activation, and needs no arguments."""
    if name not in TABLE or name in WITHOUT_MEANING:
        return False
    cls = find(name)
    return cls.is_activation and cls.elementwise and not any(a.required for a in cls.arguments.values())


def functions() -> list[str]:
    """Their names."""
    return [name for name in TABLE if is_function(name)]


@cache
def operation(name: str) -> Op:
    """The operation of a function."""
    return find(name)(name=name)
