"""Values as YAML text, in flow style, with long lines wrapped."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .reader import parse_scalar

WIDTH = 80
SHORT = 40
"""Lists and mappings of at most this many characters stay on one line."""

_WORD = re.compile(r"[A-Za-z0-9_][\w./+-]*\Z", re.ASCII)
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}


class Alone(NamedTuple):
    """The value of a key that is written without one: ``{relu, from: conv1}``."""


ALONE = Alone()


class Name(str):
    """A name, which stays text whatever it looks like: ``0`` and ``1.0`` are names too."""

    __slots__ = ()


def quote(value: str) -> str:
    """The scalar that reads back as a text: plain if it is a single word, otherwise in double quotes."""
    plain = _WORD.match(value) is not None
    if plain and (parse_scalar(value) is not None if isinstance(value, Name) else parse_scalar(value) == value):
        return value
    return '"' + "".join(_character(c) for c in value) + '"'


def _character(c: str) -> str:
    if c in _ESCAPES:
        return _ESCAPES[c]
    return c if c.isprintable() else f"\\U{ord(c):08x}"


def scalar_text(value: Any) -> str:
    """The scalar of a number, boolean, null or text."""
    if value is None:
        return "null"
    if type(value) is bool:
        return "true" if value else "false"
    return quote(value) if isinstance(value, str) else repr(value)


def pieces(value: Any) -> list[str]:
    """The text of a value in pieces, between which a line may be broken."""
    inner: list[list[str]] = []
    if isinstance(value, Mapping):
        for key, v in value.items():  # pyright: ignore[reportUnknownVariableType] - of any type
            name = quote(Name(key))  # pyright: ignore[reportUnknownArgumentType] - of any type
            parts = [name] if isinstance(v, Alone) else pieces(v)
            inner.append(parts if isinstance(v, Alone) else [f"{name}: {parts[0]}", *parts[1:]])
        brackets = "{}"
    elif isinstance(value, Sequence) and not isinstance(value, str):
        inner = [pieces(v) for v in value]  # pyright: ignore[reportUnknownVariableType] - of any type
        brackets = "[]"
    else:
        return [scalar_text(value)]
    if not inner:
        return [brackets]
    for parts in inner[:-1]:
        parts[-1] += ","
    flat: list[str] = []
    for parts in inner:  # a short list stays on one line
        short = sum(map(len, parts)) + len(parts) <= SHORT
        flat += [" ".join(parts)] if short else parts
    flat[0] = brackets[0] + flat[0]
    flat[-1] += brackets[1]
    return flat


def flow_style(value: Any) -> str:
    """A value on one line."""
    return " ".join(pieces(value))


def entry(key: str, value: Any, indent: int = 0) -> str:
    """``key: value``, indented and wrapped at 80 columns; a long text is folded."""
    head = " " * indent + quote(Name(key)) + ":"
    if isinstance(value, str) and not isinstance(value, Name):
        return _text_entry(head, value, indent)
    lines: list[str] = []
    line = head
    for piece in pieces(value):
        too_long = len(line) + 1 + len(piece) > WIDTH
        if too_long and (line != head or indent + 4 + len(piece) <= WIDTH):
            lines.append(line)
            line = " " * (indent + 4) + piece
        else:
            line += " " + piece
    return "\n".join([*lines, line])


def _text_entry(head: str, value: str, indent: int) -> str:
    """A key with its text: unquoted, folded over lines, or quoted, so that an escape may replace what is not ASCII."""
    simple = value[:1].isalpha() and value.isprintable() and value == " ".join(value.split(" "))
    safe = simple and not re.search(r": | #|:\Z", value) and "  " not in value and value == value.strip()
    if safe and value.isascii() and parse_scalar(value) == value and len(head) + 1 + len(value) <= WIDTH:
        return f"{head} {value}"
    if simple and "  " not in value and value == value.strip() and len(head) + 3 + len(value) > WIDTH:
        return "\n".join([f"{head} >-", *wrap(value, " " * (indent + 2))])
    return f"{head} {quote(value)}"


def wrap(value: str, indent: str = "", width: int = WIDTH) -> list[str]:
    """The lines of a text broken at its spaces, each at most ``width`` characters if possible."""
    lines: list[str] = []
    line = ""
    for part in value.split(" "):
        if line and len(indent) + len(line) + 1 + len(part) > width:
            lines.append(indent + line)
            line = part
        else:
            line = f"{line} {part}" if line else part
    return [*lines, indent + line]
