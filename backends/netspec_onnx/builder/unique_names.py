"""Unique names of values and nodes."""

from __future__ import annotations


class UniqueNames:
    """Names that are each used once. No name of a spec has a ``/``, so names of helpers cannot collide with them."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def claim(self, name: str, suffix: str = "value") -> str:
        """The name if it is free, otherwise ``name/suffix`` (``name`` without a suffix), numbered from 2."""
        stem = f"{name}/{suffix}" if suffix else name
        candidate, n = name, 1
        while candidate in self._used:
            candidate = stem if n == 1 and suffix else f"{stem}_{n + (not suffix)}"
            n += 1
        self._used.add(candidate)
        return candidate
