"""The configuration of a layer; its values come from an untrusted file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from netspec.importing import CannotImportError
from netspec.importing.problems import ARGUMENT, INVALID_SOURCE

from .json_values import is_list, is_mapping

_MISSING = object()


class Settings:
    """The configuration values of a layer.

    Every method raises CannotImportError NS846 for a value of the wrong type.

    Args:
        values: by name.
        where: name of a model in messages; empty for a layer, whose place is reported with every problem.
    """

    def __init__(self, values: Mapping[str, Any], where: str = "") -> None:
        self.values = values
        self.where = where

    def _wrong(self, key: str, expected: str) -> CannotImportError:
        name = f"'{key}' of {self.where}" if self.where else f"'{key}'"
        what = f"{name} is missing" if key not in self.values else f"{name} must be {expected}"
        return CannotImportError(INVALID_SOURCE, what)

    def _value(self, key: str, default: Any) -> Any:
        value = self.values.get(key, _MISSING)
        return default if value is _MISSING or (value is None and default is not _MISSING) else value

    def integer(self, key: str, default: Any = _MISSING) -> int:
        """An integer."""
        value = self._value(key, default)
        if type(value) is float and value.is_integer():
            value = int(value)
        if type(value) is not int or abs(value) >= 1 << 40:
            raise self._wrong(key, "an integer")
        return value

    def number(self, key: str, default: Any = _MISSING) -> float:
        """A finite number."""
        value = self._value(key, default)
        if type(value) not in (int, float) or not math.isfinite(value):
            raise self._wrong(key, "a finite number")
        return float(value)

    def optional_number(self, key: str) -> float | None:
        """A finite number, or None."""
        return None if self.values.get(key) is None else self.number(key)

    def flag(self, key: str, default: Any = _MISSING) -> bool:
        """True or false."""
        value = self._value(key, default)
        if type(value) is not bool:
            raise self._wrong(key, "true or false")
        return value

    def text(self, key: str, default: Any = _MISSING) -> str:
        """A text."""
        value = self._value(key, default)
        if type(value) is not str:
            raise self._wrong(key, "a string")
        return value

    def sizes(self, key: str, count: int, default: Any = _MISSING) -> tuple[int, ...]:
        """One integer for each axis; a single one counts for all."""
        value = self._value(key, default)
        items = [value] * count if type(value) is int else value
        if not is_list(items) or len(items) != count or any(type(n) is not int for n in items):
            raise self._wrong(key, f"{count} integers" if count > 1 else "an integer")
        if any(abs(n) >= 1 << 31 for n in items):
            raise self._wrong(key, "less than 2^31")
        return tuple(items)

    def integers(self, key: str, default: Any = _MISSING) -> list[int]:
        """Integers, or a single one."""
        value = self._value(key, default)
        items = [value] if type(value) is int else value
        if not is_list(items) or any(type(n) is not int or abs(n) >= 1 << 40 for n in items):
            raise self._wrong(key, "integers")
        return list(items)

    def mappings(self, key: str) -> list[Mapping[str, Any]]:
        """A list of mappings."""
        value = self._value(key, _MISSING)
        if is_mapping(value) and is_list(value.get("layers")):
            value = value["layers"]
        if not is_list(value) or any(not is_mapping(item) for item in value):
            raise self._wrong(key, "a list of layers")
        return value

    def inner(self, key: str) -> Mapping[str, Any]:
        """The form of another layer: a mapping with its class and its configuration."""
        value = self._value(key, _MISSING)
        if not is_mapping(value) or not is_mapping(value.get("config")):
            raise self._wrong(key, "a layer with its configuration")
        return value

    def require(self, key: str, *allowed: Any) -> None:
        """Raise CannotImportError NS842 unless a value is missing or one of those that have an equivalent."""
        value = self.values.get(key, _MISSING)
        if value is not _MISSING and all(type(value) is not type(a) or value != a for a in allowed):
            described = repr(value) if isinstance(value, (str, int, float, bool)) else "another value"
            raise CannotImportError(ARGUMENT, f"{key}: {described} has no equivalent")
