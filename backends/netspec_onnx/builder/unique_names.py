"""Unique names of values and nodes."""

from __future__ import annotations


class UniqueNames:
    """Unique names. Names in a spec never contain ``/``, so names of helpers cannot collide with them."""

    def __init__(self) -> None:
        self._used: set[str] = set()
        self._next: dict[tuple[str, str], int] = {}
        """For a name and suffix, the number at which the search for an unused name starts."""

    def claim(self, name: str, suffix: str = "value") -> str:
        """Returns the name if it is unused, otherwise ``name/suffix`` (or ``name``), numbered from 2."""
        stem = f"{name}/{suffix}" if suffix else name
        candidate = name
        if name in self._used:
            n = self._next.get((name, suffix), 1)
            while candidate in self._used:
                candidate = stem if n == 1 and suffix else f"{stem}_{n + (not suffix)}"
                n += 1
            self._next[name, suffix] = n
        self._used.add(candidate)
        return candidate
