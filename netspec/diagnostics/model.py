"""Diagnostics and the texts that they point into.

Codes are stable: ``NS1xx`` text and YAML, ``2xx`` document and arguments, ``3xx`` names, ``4xx`` expressions,
``5xx`` shapes, ``6xx`` expectations, ``7xx`` backends and files, ``9xx`` limits. ``netspec explain CODE`` describes
each of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from .location import Place


class Fault(Exception):  # noqa: N818 - what is wrong is the spec
    """A fault of the text, at a place; the reader of the file makes it a diagnostic."""

    def __init__(
        self, code: str, message: str, place: int | None, *, help: str | None = None, notes: Sequence[str] = (),
        label: str | None = None,
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.place = place
        self.help = help
        self.notes = tuple(notes)
        self.label = label


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a trace: what stands at a place that led to the fault."""

    what: str
    place: Place


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing that is wrong."""

    code: str
    message: str
    place: Place | None = None
    label: str | None = None
    """What to write beneath the caret."""
    trace: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()
    help: str | None = None
    severity: Literal["error", "warning", "note"] = "error"
    file: str | None = None
    """The file, where there is no place in it."""


@dataclass(slots=True)
class Sources:
    """The files that places speak of: names as the user gave them, and their text."""

    names: list[str] = field(default_factory=list[str])
    texts: list[str] = field(default_factory=list[str])
    _lines: dict[int, list[str]] = field(default_factory=dict[int, list[str]])

    def add(self, name: str, text: str = "") -> int:
        """The number of a further file."""
        self.names.append(name)
        self.texts.append(text)
        return len(self.names) - 1

    def line(self, place: Place) -> str:
        """A line of the text."""
        lines = self._lines.get(place.file)
        if lines is None:
            lines = self._lines[place.file] = self.texts[place.file].split("\n")
        return lines[place.line - 1].rstrip("\r") if place.line <= len(lines) else ""

    def lines(self, file: int, first: int, last: int) -> list[str]:
        """Lines ``first`` to ``last`` of a file, from 1."""
        return [self.line(Place(file, n, 1)) for n in range(first, last + 1)]


def as_data(d: Diagnostic, sources: Sources) -> dict[str, Any]:
    """A diagnostic as ``check --format json`` gives it."""
    place = d.place
    return {
        "code": d.code,
        "severity": d.severity,
        "message": d.message,
        "label": d.label,
        "file": sources.names[place.file] if place else d.file,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "trace": [
            {"what": s.what, "file": sources.names[s.place.file], "line": s.place.line, "column": s.place.column}
            for s in d.trace
        ],
        "notes": list(d.notes),
        "help": d.help,
    }
