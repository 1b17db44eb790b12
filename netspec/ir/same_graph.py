"""Compares two graphs, ignoring their locations in texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, cast

from ..diagnostics import Diagnostic
from .graph import Graph
from .scope import Trace

_PLACES = frozenset(("trace", "files", "warnings", "location", "key"))
"""Names of attributes with locations; the key of a scope is one, too."""
_PACKAGE = __name__.partition(".")[0]


def same_graph(a: Graph, b: Graph) -> bool:
    """Whether two graphs are equal in everything but locations and warnings.

    They have equal nodes with equal arguments, weights, types and scopes, in the same order.
    """
    pending: list[tuple[Any, Any]] = [(a, b)]
    seen: set[tuple[int, int]] = set()
    while pending:
        x, y = pending.pop()
        if x is y or (id(x), id(y)) in seen:
            continue
        if type(x) is not type(y):
            return False
        if isinstance(x, (Trace, Diagnostic)) or callable(x):
            continue  # functions create the messages of conditions
        seen.add((id(x), id(y)))  # both graphs live, so that no number is used again
        left, right = _content(x), _content(y)
        if left is None or right is None:
            if x != y and not (x != x and y != y):  # NaN is equal to itself here
                return False
            continue
        if left[0] != right[0] or len(left[1]) != len(right[1]):
            return False
        pending += zip(left[1], right[1], strict=True)
    return True


def _content(value: object) -> tuple[list[Any], list[Any]] | None:
    """Returns the names and values in a value; items of a list have no names. None for a plain value."""
    names = [name for name in _attributes(value) if name not in _PLACES]
    if names:
        return names, [getattr(value, name, None) for name in names]
    if isinstance(value, Mapping):
        items = cast("Mapping[object, object]", value)
        return list(items), list(items.values())
    if isinstance(value, (list, tuple)):
        return [], list(cast("list[object]", value))
    return None


def _attributes(value: object) -> list[str]:
    """Returns the names of an object's attributes; empty for a plain value, a list or a mapping."""
    if is_dataclass(value):
        return [f.name for f in fields(value)]
    if isinstance(value, tuple):
        return list(getattr(value, "_fields", ()))  # pyright: ignore[reportUnknownArgumentType] - of any type
    cls = type(value)
    if not cls.__module__.startswith(f"{_PACKAGE}.") or cls.__eq__ is not object.__eq__:
        return []
    return [*getattr(value, "__dict__", ()), *(name for c in cls.__mro__ for name in getattr(c, "__slots__", ()))]
