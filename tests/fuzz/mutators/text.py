"""Mutations of text: lines, characters, and what is special to YAML."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

TextMutator = Callable[[Random, str, str], str]
"""A function from a source of randomness, a text, and another text to a mutated text."""

_SPECIAL = (
    "&a ", "*a", "<<: *a\n", "!!str ", "!t ", "---\n", "...\n", "%YAML 1.1\n", "# c\n", "|\n  ", ">-\n  ", "? ", "- ", ": ",
    "{", "}", "[", "]", ",", "\t", "\r", "\r\n", "\x85", "\u2028", "\0", "\x1b[31m", "\ufeff", "\ud800", "\udcff", "\udc80",
    "\U000e0041", "\u202e", "\u0301", "é" * 40, "'", '"', "\\", "'' ", '"\\x00"', '"\\ud800"', "$", "$(", ")", "~", "yes",
    "0x1F", "0o17", "1_000", ".inf", ".nan", "1e400", "2001-01-01", "1:30", "=", "@", "`", "...", "null",
)  # fmt: skip
_SCALAR = re.compile(r"[\w.$+-]+")


def _change_lines(r: Random, text: str, other: str) -> str:
    """Delete, repeat, swap, indent or insert a line."""
    lines = text.split("\n")
    i, j = r.randrange(len(lines)), r.randrange(len(lines))
    kind = r.randrange(6)
    if kind == 0:
        del lines[i]
    elif kind == 1:
        lines.insert(j, lines[i])
    elif kind == 2:
        lines[i], lines[j] = lines[j], lines[i]
    elif kind == 3:
        lines[i] = " " * r.randint(0, 4) + (lines[i].lstrip() if r.random() < 0.5 else lines[i])
    elif kind == 4:
        lines[i:i] = lines[min(i, j) : max(i, j)] * r.choice((1, 1, 1, 20))
    else:
        lines.insert(j, r.choice(other.split("\n")))
    return "\n".join(lines)


def _change_characters(r: Random, text: str, other: str) -> str:
    """Delete, insert or replace a few characters."""
    at = r.randrange(len(text) + 1)
    inserted = "".join(r.choice("{}[]:,#&*!|>'\"%@`$()-+ \t\n0123456789.<=ax_") for _ in range(r.randint(0, 3)))
    return text[:at] + inserted + text[at + r.randint(0, 3) :]


def _insert_special(r: Random, text: str, other: str) -> str:
    """Insert what is special to YAML, before a scalar or anywhere."""
    places = [m.start() for m in _SCALAR.finditer(text)] if r.random() < 0.7 else []
    at: int = r.choice(places) if places else r.randrange(len(text) + 1)
    return text[:at] + r.choice(_SPECIAL) + text[at:]


def _replace_scalar(r: Random, text: str, other: str) -> str:
    """Replace a scalar by another one of either text."""
    places = list(_SCALAR.finditer(text))
    words: list[str] = _SCALAR.findall(other if r.random() < 0.5 else text)
    if not places or not words:
        return text
    place = r.choice(places)
    return text[: place.start()] + r.choice(words) + text[place.end() :]


def _anchor(r: Random, text: str, other: str) -> str:
    """Give a value an anchor, and refer to it elsewhere."""
    places = [m.end() for m in re.finditer(r"[:,\[] ", text)]
    if len(places) < 2:
        return text
    first, second = sorted(r.sample(places, 2))
    alias = r.choice(("*a ", "{<<: *a} ", "[*a, *a] ", "*a, "))
    return text[:first] + "&a " + text[first:second] + alias + text[second:]


def _change_line_ends(r: Random, text: str, other: str) -> str:
    """Write other line ends."""
    return text.replace("\n", r.choice(("\r\n", "\r", "\x85", "\u2028", "\n\n", "\n# é\n")))


def _cut(r: Random, text: str, other: str) -> str:
    """Keep a part, or join parts of both texts."""
    at = r.randrange(len(text) + 1)
    kind = r.randrange(3)
    if kind == 0:
        return text[:at]
    return text[at:] if kind == 1 else text[:at] + other[r.randrange(len(other) + 1) :]


MUTATORS: tuple[TextMutator, ...] = (
    _change_lines, _change_characters, _insert_special, _replace_scalar, _replace_scalar, _anchor, _change_line_ends, _cut,
)  # fmt: skip
