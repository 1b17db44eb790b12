"""Converts values to parts of a YAML document, and to YAML on one line."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

from .document_tree import Entry, ValueNode, scalar
from .scalars import can_be_plain, reads_as, scalar_text
from .yaml_reader import Name

__all__ = [
    "ALONE",
    "Alone",
    "Expression",
    "Grouped",
    "Rows",
    "Spread",
    "expression",
    "flow_entry",
    "flow_style",
    "flow_text",
    "one_line",
    "to_entry",
    "to_value",
]

_EXPRESSION = re.compile(r"\$\(.*\)\Z|\$[A-Za-z_][\w.]*\Z", re.DOTALL)


class Alone(NamedTuple):
    """The value of a key without a value: ``{relu, from: conv1}``."""


ALONE = Alone()


class Expression(str):
    """An expression with its ``$``, or a formula, without quotes if YAML allows that."""

    __slots__ = ()


class Spread(dict[str, Any]):
    """A mapping to write without brackets."""


class Rows(list[Any]):
    """A list to write without brackets."""


class Grouped(int):
    """A number to write with digits in groups of three: ``25_557_032``."""

    __slots__ = ()


def expression(text: str) -> Expression:
    """Returns ``$name`` for a single name, else ``$(…)``."""
    return Expression(f"${text}" if re.fullmatch(r"[A-Za-z_]\w*", text, re.ASCII) else f"$({text})")


def to_value(value: object) -> ValueNode:
    """Returns the part of a document that is parsed as a value: a number, a text, a list or a mapping.

    Lists and mappings have brackets, except for :class:`Spread`, :class:`Rows` and values that contain one.
    """
    if isinstance(value, ValueNode):
        return value
    if isinstance(value, Alone):
        return scalar("")
    if isinstance(value, Mapping):
        items = cast("Mapping[str, Any]", value)
        return _bracketed("map", [to_entry(key, v) for key, v in items.items()], isinstance(value, Spread))
    if isinstance(value, str):
        return scalar(value, "" if _is_plain(value) else '"')
    if isinstance(value, Sequence):
        listed = cast("Sequence[object]", value)
        return _bracketed("list", [Entry(None, to_value(v)) for v in listed], isinstance(value, Rows))
    return scalar(_number_text(value))


def _bracketed(kind: Any, entries: list[Entry], spread: bool) -> ValueNode:
    spread = spread or any(entry.content.entries and not entry.content.flow for entry in entries)
    return ValueNode(kind, flow=not spread, entries=entries)


def _is_plain(text: str) -> bool:
    if isinstance(text, Name):
        return can_be_plain(text, flow=True) and reads_as(text) is not None
    return isinstance(text, Expression) or _EXPRESSION.match(text) is not None


def _number_text(value: object) -> str:
    """Returns the text of a number, a boolean or null."""
    if value is None:
        return "null"
    if type(value) is bool:
        return "true" if value else "false"
    if isinstance(value, Grouped):
        return f"{int(value):_}"
    if not isinstance(value, float):
        return repr(value)
    if not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    return re.sub(r"e([-+])0+", r"e\1", repr(value)).replace("e+", "e")


def to_entry(key: str, value: object) -> Entry:
    """Returns an entry of a mapping. The text of a remark has no unnecessary quotes, and keeps its lines."""
    name = scalar(str(key), "" if isinstance(key, Expression) else '"')
    if key in ("doc", "cite") and isinstance(value, str):
        text = str(value)
        return Entry(name, scalar(text, "|" if "\n" in text.strip() else "" if reads_as(text) == text else '"'))
    return Entry(name, to_value(value))


def flow_text(value: ValueNode) -> str:
    """Returns a part of a document on one line."""
    if value.kind in ("scalar", "alias"):
        return scalar_text(value, flow=True)
    inner = ", ".join(map(flow_entry, value.entries))
    brackets = "{}" if value.kind == "map" else "[]"
    return (f"&{value.anchor} " if value.anchor else "") + brackets[0] + inner + brackets[1]


def flow_entry(entry: Entry) -> str:
    """Returns an entry of a list or mapping in brackets."""
    if entry.key is None:
        return flow_text(entry.content)
    key = scalar_text(entry.key, flow=True, key=True)
    content = entry.content
    if content.kind == "scalar" and not content.text and not content.style and not content.anchor:
        return key
    return f"{key}: {flow_text(content)}"


def flow_style(value: object) -> str:
    """Returns a value on one line."""
    return flow_text(to_value(value))


def one_line(key: str, value: object, indent: int = 0) -> str:
    """Returns ``key: value`` on one line of any length."""
    return f"{' ' * indent}{scalar_text(scalar(key, chr(34)), flow=False, key=True)}: {flow_style(value)}"
