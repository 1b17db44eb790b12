"""Values as YAML text: flow style within a line, wrapped where a line grows too long."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .reader import scalar

WIDTH = 80
SHORT = 40
"""Lists and mappings of so many characters are not broken over lines."""

_WORD = re.compile(r"[A-Za-z0-9_][\w./+-]*\Z", re.ASCII)
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}


class Alone(NamedTuple):
    """A key of a mapping that stands without a value: ``{relu, from: conv1}``."""


ALONE = Alone()


class Name(str):
    """The name of a layer, which is read as it is written: ``0`` and ``1.0`` are names too."""

    __slots__ = ()


def text(value: str) -> str:
    """A text as a scalar that reads back as it is: plain where it is one word, else in double quotes."""
    plain = _WORD.match(value) is not None
    if plain and (scalar(value) is not None if isinstance(value, Name) else scalar(value) == value):
        return value
    return '"' + "".join(_character(c) for c in value) + '"'


def _character(c: str) -> str:
    if c in _ESCAPES:
        return _ESCAPES[c]
    return c if c.isprintable() else f"\\U{ord(c):08x}"


def word(value: Any) -> str:
    """A number, truth value, null or text."""
    if value is None:
        return "null"
    if type(value) is bool:
        return "true" if value else "false"
    return text(value) if isinstance(value, str) else repr(value)


def pieces(value: Any) -> list[str]:
    """The text of a value in pieces; a line may be broken between them."""
    inner: list[list[str]] = []
    if isinstance(value, Mapping):
        for key, v in value.items():  # pyright: ignore[reportUnknownVariableType]
            shown = text(Name(key))  # pyright: ignore[reportUnknownArgumentType]
            parts = [shown] if isinstance(v, Alone) else pieces(v)
            inner.append(parts if isinstance(v, Alone) else [f"{shown}: {parts[0]}", *parts[1:]])
        brackets = "{}"
    elif isinstance(value, Sequence) and not isinstance(value, str):
        inner = [pieces(v) for v in value]  # pyright: ignore[reportUnknownVariableType]
        brackets = "[]"
    else:
        return [word(value)]
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


def flow(value: Any) -> str:
    """A value on one line."""
    return " ".join(pieces(value))


def entry(key: str, value: Any, indent: int = 0) -> str:
    """``key: value`` at an indentation, wrapped at 80 columns; a long text is folded."""
    head = " " * indent + text(Name(key)) + ":"
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
    """A text after its key: as it stands, folded over lines, or in quotes."""
    simple = value[:1].isalpha() and value.isprintable() and value == " ".join(value.split(" "))
    safe = simple and not re.search(r": | #|:\Z", value) and "  " not in value and value == value.strip()
    if safe and scalar(value) == value and len(head) + 1 + len(value) <= WIDTH:
        return f"{head} {value}"
    if simple and "  " not in value and value == value.strip() and len(head) + 3 + len(value) > WIDTH:
        return "\n".join([f"{head} >-", *wrapped(value, " " * (indent + 2))])
    return f"{head} {text(value)}"


def wrapped(value: str, indent: str = "", width: int = WIDTH) -> list[str]:
    """A text as lines no longer than ``width``, broken at its spaces."""
    lines: list[str] = []
    line = ""
    for part in value.split(" "):
        if line and len(indent) + len(line) + 1 + len(part) > width:
            lines.append(indent + line)
            line = part
        else:
            line = f"{line} {part}" if line else part
    return [*lines, indent + line]
