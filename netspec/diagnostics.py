"""What went wrong, where, and what to do about it; and how that is shown.

Codes are stable: ``NS1xx`` text and YAML, ``2xx`` document and arguments, ``3xx`` names, ``4xx`` expressions,
``5xx`` shapes, ``6xx`` expectations, ``7xx`` backends and files, ``9xx`` limits. ``netspec explain CODE`` tells more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from . import limits
from .ir.place import Place

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def clean(text: object) -> str:
    """Text without control characters and marks that turn its direction."""
    return _UNSEEN.sub("�", str(text))


def clip(text: object, most: int = limits.CLIP) -> str:
    """A user's text for a message: clean, and no longer than ``most``."""
    text = clean(text)
    return text if len(text) <= most else text[: most - 1] + "…"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is most like another, None where none is near."""
    if len(word) > limits.NAME:
        return None
    candidates = [k for k in known if k]
    folded = {k.lower().replace("-", "_"): k for k in candidates}
    same = folded.get(word.lower().replace("-", "_"))
    if same is not None:
        return same
    from difflib import get_close_matches  # only where something is wrong

    near = get_close_matches(word, candidates[:2000], n=1, cutoff=0.6)
    return near[0] if near else None


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """The help that names the nearest known word."""
    near = nearest(word, known)
    return f"did you mean '{clip(near)}'?" if near is not None else None


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


class SpecError(Exception):
    """A spec that does not hold, with everything that is wrong with it.

    ``str()`` of it is the text that ``netspec check`` prints.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic], sources: Sources | None = None, hidden: int = 0) -> None:
        super().__init__(diagnostics)
        self.diagnostics = tuple(diagnostics)
        self.sources = sources or Sources()
        self.hidden = hidden
        """Diagnostics beyond the limit, counted only."""

    def __str__(self) -> str:
        return "\n\n".join(render(d, self.sources) for d in self.diagnostics)


def paint(text: str, style: str, colour: bool) -> str:
    """Text in a terminal's style (``bold``, ``red``, ``yellow``, ``blue``, ``green``, ``dim``) where colour is on."""
    codes = {"bold": "1", "red": "1;31", "yellow": "1;33", "blue": "1;34", "green": "32", "dim": "2", "cyan": "36"}
    return f"\x1b[{codes[style]}m{text}\x1b[0m" if colour else text


_COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}
_LINE_WIDTH = 200


def render(d: Diagnostic, sources: Sources, colour: bool = False) -> str:
    """A diagnostic with its line of the text, caret, notes and help, as lines for a terminal."""
    head = paint(f"{d.severity}[{d.code}]", _COLOURS[d.severity], colour) + paint(f": {d.message}", "bold", colour)
    out = [head]
    bar = paint("|", "blue", colour)
    pad = "  "
    if d.place is not None and d.place.file < len(sources.names):
        number = str(d.place.line)
        pad = " " * (len(number) + 1)
        arrow = paint("-->", "blue", colour)
        out.append(f"{pad[:-1]}{arrow} {sources.names[d.place.file]}:{d.place.line}:{d.place.column}")
        line = sources.line(d.place)
        text, start, width = _shown(line, d.place.column - 1)
        out.append(f"{pad}{bar}")
        out.append(f"{paint(number, 'blue', colour)} {bar} {text}".rstrip())
        carets = paint("^" * width, _COLOURS[d.severity], colour)
        label = f" {d.label}" if d.label else ""
        out.append(f"{pad}{bar} {' ' * start}{carets}{label}")
    elif d.file is not None:
        out.append(f" {paint('-->', 'blue', colour)} {clean(d.file)}")
    for step in d.trace:
        where = f"line {step.place.line}"
        if d.place is not None and step.place.file != d.place.file:
            where = f"{sources.names[step.place.file]}:{step.place.line}"
        out.append(f"{pad}= in {step.what}, {where}")
    out += [f"{pad}= {note}" for note in d.notes]
    if d.help:
        out.append(f"{pad}= {paint('help', 'green', colour)}: {d.help}")
    return "\n".join(out)


def _shown(line: str, column: int) -> tuple[str, int, int]:
    """The part of a line to show, where the caret begins in it, and how wide it is."""
    width = _token(line, column)
    cut = 0
    if len(line) > _LINE_WIDTH:
        cut = max(0, column - _LINE_WIDTH // 3)
        line = ("…" if cut else "") + line[cut : cut + _LINE_WIDTH] + "…"
        column = column - cut + (1 if cut else 0)
    line = clean(line.replace("\t", " "))
    return line, column, max(1, min(width, len(line) - column))


def _token(line: str, at: int) -> int:
    """Width of the word, number, quoted text or expression that begins at a column."""
    if at >= len(line):
        return 1
    if line[at] in "\"'":
        end = line.find(line[at], at + 1)
        return end - at + 1 if end > 0 else len(line) - at
    if line.startswith("$(", at):
        depth = 0
        for i in range(at, len(line)):
            depth += {"(": 1, ")": -1}.get(line[i], 0)
            if depth == 0 and i > at:
                return i - at + 1
        return len(line) - at
    match = re.compile(r"[^\s,:\[\]{}#]+(?::(?=\S)[^\s,\[\]{}]*)?").match(line, at)
    return match.end() - at if match else 1


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
