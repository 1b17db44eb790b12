"""Formats diagnostics as text for a terminal."""

from __future__ import annotations

import re

from ..output.characters import UNICODE, CharacterSet, display_width
from .diagnostic import Diagnostic, Sources
from .sanitize import clean


def paint(text: str, style: str, colour: bool) -> str:
    """Returns text in a style (``bold``, ``red``, ``yellow``, ``blue``, ``green``, ``dim``) if colour is on."""
    codes = {"bold": "1", "red": "1;31", "yellow": "1;33", "blue": "1;34", "green": "32", "dim": "2", "cyan": "36"}
    return f"\x1b[{codes[style]}m{text}\x1b[0m" if colour else text


_COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}
_LINE_WIDTH = 200
_CUT = "..."
"""Replaces the omitted part of a long line."""


def render(d: Diagnostic, sources: Sources, colour: bool = False, characters: CharacterSet = UNICODE) -> str:
    """Returns a diagnostic with its line of the text, caret, notes and help, as lines for a terminal.

    All text that may come from a user is cleaned here, even if the message has cleaned it already.
    """
    severity = paint(f"{d.severity}[{d.code}]", _COLOURS[d.severity], colour)
    out = [severity + paint(f": {clean(d.message)}", "bold", colour)]
    bar = paint("|", "blue", colour)
    pad = "  "
    if d.location is not None and d.location.file < len(sources.names):
        number = str(d.location.line)
        pad = " " * (len(number) + 1)
        arrow = paint("-->", "blue", colour)
        out.append(f"{pad[:-1]}{arrow} {clean(sources.names[d.location.file])}:{d.location.line}:{d.location.column}")
        line = sources.line(d.location)
        text, start, width = _excerpt(line, d.location.column - 1)
        before, marked = characters.fit(text[:start]), characters.fit(text[start : start + width])
        out.append(f"{pad}{bar}")
        out.append(f"{paint(number, 'blue', colour)} {bar} {text}".rstrip())
        carets = paint("^" * max(display_width(marked), 1), _COLOURS[d.severity], colour)
        label = f" {clean(d.label)}" if d.label else ""
        out.append(f"{pad}{bar} {' ' * display_width(before)}{carets}{label}")
    elif d.file is not None:
        where = f":{d.location.line}:{d.location.column}" if d.location is not None else ""
        out.append(f" {paint('-->', 'blue', colour)} {clean(d.file)}{where}")
    for step in d.trace:
        where = f"line {step.location.line}"
        if d.location is not None and step.location.file != d.location.file:
            where = f"{clean(sources.names[step.location.file])}:{step.location.line}"
        out.append(f"{pad}= in {clean(step.what)}, {where}")
    out += [f"{pad}= {clean(note)}" for note in d.notes]
    if d.help:
        out.append(f"{pad}= {paint('help', 'green', colour)}: {clean(d.help)}")
    return characters.fit("\n".join(out))


def _excerpt(line: str, column: int) -> tuple[str, int, int]:
    """Returns the part of a line to show, and the start and width of the caret in it."""
    width = _token(line, column)
    cut = 0
    if len(line) > _LINE_WIDTH:
        cut = max(0, column - _LINE_WIDTH // 3)
        line = (_CUT if cut else "") + line[cut : cut + _LINE_WIDTH] + _CUT
        column = column - cut + (len(_CUT) if cut else 0)
    line = clean(line.replace("\t", " "))
    return line, column, max(1, min(width, len(line) - column))


def _token(line: str, at: int) -> int:
    """Returns the width of the word, number, quoted text or expression that begins at a column."""
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
