"""Type guards for values of JSON files: lists and mappings."""

from __future__ import annotations

from typing import Any, TypeGuard


def is_list(value: Any) -> TypeGuard[list[Any]]:
    """Whether it is a list, or a tuple."""
    return isinstance(value, (list, tuple))


def is_mapping(value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether it is a mapping, whose keys are texts in JSON."""
    return isinstance(value, dict)
