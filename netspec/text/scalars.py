"""Writes scalars: plain if they are parsed as the same text, otherwise in quotes."""

from __future__ import annotations

import re

from yaml.resolver import Resolver

from ..diagnostics import LocatedError
from .document_tree import QUOTED, ValueNode
from .yaml_reader import is_type, parse_scalar

WIDTH = 120
"""Maximum length of a line."""
_BREAK = re.compile(r"(?<=\S) (?=\S)")
_FIRST = frozenset("-?:,[]{}#&*!|>'\"%@`=")
_BRACKETS = frozenset(",[]{}")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
_RESOLVERS: dict[str, list[tuple[str, re.Pattern[str]]]] = Resolver.yaml_implicit_resolvers


def scalar_text(value: ValueNode, *, flow: bool, key: bool = False) -> str:
    """Returns the text of a scalar or alias on one line, with its anchor.

    Args:
        value: the scalar.
        flow: whether it is within brackets.
        key: whether it is a key, which is always text.
    """
    if value.kind == "alias":
        return f"*{value.text}" + (" " if key else "")
    text = value.text if _is_plain(value, flow=flow, key=key) else quoted(value.text)
    return f"&{value.anchor} {text}".rstrip() if value.anchor else text


def _is_plain(value: ValueNode, *, flow: bool, key: bool) -> bool:
    """Whether a scalar is written without quotes. Existing quotes around several words are kept."""
    text = value.text
    if not value.style:
        return can_be_plain(text, flow=flow) or (not text and not key)
    if value.style == QUOTED or not can_be_plain(text, flow=flow):
        return False
    if key:
        return text != "<<"
    return stays_text(text) and (value.style in ("|", ">") or " " not in text or text.startswith("$("))


def can_be_plain(text: str, *, flow: bool) -> bool:
    """Whether a text may be written without quotes: nothing in it ends a plain scalar or begins another token."""
    if not text or (text[0] in _FIRST and not _is_signed(text)) or text != text.strip() or not text.isprintable():
        return False
    if ": " in text or " #" in text or text[-1] == ":" or text.startswith(("---", "...")):
        return False
    return not (flow and (not _BRACKETS.isdisjoint(text) or "?" in text))


def _is_signed(text: str) -> bool:
    return text[0] == "-" and len(text) > 1 and text[1] not in " -"


def reads_as(text: str) -> object:
    """Returns the value of a text without quotes; None for a number with too many digits."""
    try:
        return parse_scalar(text) if text else None
    except LocatedError:
        return None


def stays_text(text: str) -> bool:
    """Whether an unquoted text is parsed as itself by netspec, and by readers of YAML 1.1 (``no``, ``1:30``)."""
    if is_type(text) or text == "<<" or reads_as(text) != text:
        return False
    return not any(pattern.match(text) for _, pattern in _RESOLVERS.get(text[0], ()))


def quoted(text: str) -> str:
    """Returns a text in double quotes, or in single quotes to avoid escapes (unless the encoding requires them)."""
    if ('"' in text or "\\" in text) and "'" not in text and text.isprintable() and text.isascii():
        return f"'{text}'"
    return '"' + "".join(_character(c) for c in text) + '"'


def _character(c: str) -> str:
    if c in _ESCAPES:
        return _ESCAPES[c]
    return c if c.isprintable() else f"\\U{ord(c):08x}"


def block_scalar(value: ValueNode, before: int, indent: int) -> list[str] | None:
    """Returns header and lines of a folded or literal text; None if it stays on one line."""
    text = value.text
    body = text.removesuffix("\n")
    header = "" if body != text else "-"
    paragraphs = body.split("\n")
    if not body or body.endswith("\n") or not all(p.isprintable() for p in paragraphs):
        return None
    if len(paragraphs) == 1 and value.style != "|":
        fits = before + 1 + len(body) <= WIDTH and header == "-"
        if (fits and can_be_plain(body, flow=False) and stays_text(body)) or text.startswith("$("):
            return None
        if value.style == "" and not stays_text(body):
            return None
        if body != body.strip() or not _BREAK.search(body) or (value.style not in ("|", ">") and fits):
            return None
        return [f">{header}", *_folded(body, WIDTH - indent)]
    if any(p != p.strip() for p in paragraphs) and value.style == ">":
        return None
    if value.style == ">" and all(paragraphs):
        lines = [line for p in paragraphs for line in ("", *_folded(p, WIDTH - indent))]
        return [f">{header}", *lines[1:]]
    if value.style not in ("|", ">") or paragraphs[0] != paragraphs[0].strip() or not paragraphs[0]:
        return None
    return [f"|{header}", *paragraphs]


def _folded(text: str, width: int) -> list[str]:
    """Returns the lines of a text broken at single spaces."""
    lines: list[str] = []
    line = ""
    for part in _BREAK.split(text):
        if line and len(line) + 1 + len(part) > width:
            lines.append(line)
            line = part
        else:
            line = f"{line} {part}" if line else part
    return [*lines, line]
