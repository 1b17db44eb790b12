"""Plain values as parts of a document."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from ..text.reader import parse_scalar
from ..text.writer import Alone, Name, scalar_text
from .nodes import Entry, ValueNode
from .scalars import can_be_plain

_EXPRESSION = re.compile(r"\$\(.*\)\Z|\$[A-Za-z_][\w.]*\Z", re.DOTALL)


def to_value(value: object) -> ValueNode:
    """The part of a document that reads back as a value: a number, a text, a list or a mapping, in brackets."""
    if isinstance(value, ValueNode):
        return value
    if isinstance(value, Alone):
        return ValueNode("scalar")
    if isinstance(value, Mapping):
        items = cast("Mapping[str, Any]", value)
        return ValueNode("map", flow=True, entries=[to_entry(key, v) for key, v in items.items()])
    if isinstance(value, str):
        plain = isinstance(value, Name) and value and can_be_plain(value, flow=True) and parse_scalar(value) is not None
        return ValueNode("scalar", value, "" if plain or _EXPRESSION.match(value) else '"')
    if isinstance(value, Sequence):
        listed = cast("Sequence[object]", value)
        return ValueNode("list", flow=True, entries=[Entry(None, to_value(v)) for v in listed])
    if isinstance(value, float):
        return ValueNode("scalar", re.sub(r"e([-+])0+", r"e\1", repr(value)).replace("e+", "e"))
    return ValueNode("scalar", scalar_text(value))


def to_entry(key: str, value: object) -> Entry:
    """An entry of a mapping. The text of a remark has no quotes where it needs none."""
    is_remark = key in ("doc", "cite") and isinstance(value, str) and parse_scalar(value) == value
    return Entry(ValueNode("scalar", key, '"'), ValueNode("scalar", str(value)) if is_remark else to_value(value))


def find_entry(mapping: ValueNode, key: str) -> Entry | None:
    """The entry of a mapping with a key; None if there is none."""
    return next((e for e in mapping.entries if e.key is not None and e.key.text == key), None)


def set_at(root: ValueNode, path: Sequence[str], value: object) -> None:
    """Set the value at a path of keys; what is missing on the way is added, behind the last entry that is there."""
    holder = root
    for key in path[:-1]:
        entry = find_entry(holder, key)
        if entry is None:
            entry = to_entry(key, {})
            holder.entries.append(entry)
        holder = entry.content
        if holder.kind == "scalar":  # an operation by its name alone becomes one with arguments
            holder.entries = [Entry(ValueNode("scalar", holder.text), ValueNode("scalar"))] if holder.text else []
            holder.kind, holder.text, holder.style, holder.flow = "map", "", "", True
    entry = find_entry(holder, path[-1])
    if entry is None:
        holder.entries.append(to_entry(path[-1], value))
    else:
        entry.value = to_value(value)


def remove(root: ValueNode, key: str) -> None:
    """Remove an entry of a mapping."""
    root.entries = [e for e in root.entries if e.key is None or e.key.text != key]
