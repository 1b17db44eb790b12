"""Diagnostics and the texts that their locations refer to.

Codes are stable. Their ranges are listed in docs/adding-a-diagnostic.md; ``netspec explain CODE`` describes each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from .location import Location


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One step of the trace that led to a problem: the use of a block, or a repeated layer, and its location."""

    what: str
    location: Location


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem, in a spec or its environment."""

    code: str
    """``NS`` and three digits; ``netspec explain CODE`` describes it."""
    message: str
    """One line that describes the problem."""
    location: Location | None = None
    """Position in a text; None for a problem without a location."""
    label: str | None = None
    """Text beneath the caret."""
    trace: tuple[TraceStep, ...] = ()
    """The enclosing uses of blocks, innermost first."""
    notes: tuple[str, ...] = ()
    """Further lines, such as the history of a size."""
    help: str | None = None
    """How to correct it, if known."""
    severity: Literal["error", "warning", "note"] = "error"
    """Only an error makes a spec invalid."""
    file: str | None = None
    """The file, for a problem without a location in its text, or without that text."""


def with_warnings_as_errors(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Returns the diagnostics with every warning as an error (``--strict``)."""
    return tuple(replace(d, severity="error") if d.severity == "warning" else d for d in diagnostics)


_LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
"""The ends of lines in YAML 1.1, as libyaml counts them."""


@dataclass(slots=True)
class Sources:
    """The files that locations refer to: names as the user gave them, and their text."""

    names: list[str] = field(default_factory=list[str])
    texts: list[str] = field(default_factory=list[str])
    _lines: dict[int, list[str]] = field(default_factory=dict[int, list[str]])

    def add(self, name: str, text: str = "") -> int:
        """Adds a file and returns its number."""
        self.names.append(name)
        self.texts.append(text)
        return len(self.names) - 1

    def line(self, location: Location) -> str:
        """Returns a line of the text."""
        lines = self._lines.get(location.file)
        if lines is None:
            lines = self._lines[location.file] = _LINE_END.split(self.texts[location.file])
        return lines[location.line - 1] if location.line <= len(lines) else ""

    def lines(self, file: int, first: int, last: int) -> list[str]:
        """Returns lines ``first`` to ``last`` of a file, from 1."""
        return [self.line(Location(file, n, 1)) for n in range(first, last + 1)]


def as_data(d: Diagnostic, sources: Sources) -> dict[str, Any]:
    """Returns a diagnostic in the format of ``check --format json``."""
    location = d.location
    return {
        "code": d.code,
        "severity": d.severity,
        "message": d.message,
        "label": d.label,
        "file": sources.names[location.file] if location else d.file,
        "line": location.line if location else None,
        "column": location.column if location else None,
        "trace": [
            {"what": step.what, "file": sources.names[at.file], "line": at.line, "column": at.column}
            for step in d.trace
            for at in (step.location,)
        ],
        "notes": list(d.notes),
        "help": d.help,
    }
