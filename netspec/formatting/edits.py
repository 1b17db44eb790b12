"""Finds, sets and removes entries of a document."""

from __future__ import annotations

from collections.abc import Sequence

from ..text.document_tree import Entry, ValueNode, scalar
from ..text.writer import to_entry, to_value


def find_entry(mapping: ValueNode, key: str) -> Entry | None:
    """Returns the entry of a mapping with a key; None if there is none."""
    return next((e for e in mapping.entries if e.key is not None and e.key.text == key), None)


def set_at(root: ValueNode, path: Sequence[str], value: object) -> None:
    """Set the value at a path of keys; missing keys on the path are added after the last entry."""
    holder = root
    for key in path[:-1]:
        entry = find_entry(holder, key)
        if entry is None:
            entry = to_entry(key, {})
            holder.entries.append(entry)
        holder = entry.content
        if holder.kind == "scalar":  # an operation by its name alone becomes one with arguments
            holder.entries = [Entry(scalar(holder.text), scalar(""))] if holder.text else []
            holder.kind, holder.text, holder.style, holder.flow = "map", "", "", True
    entry = find_entry(holder, path[-1])
    if entry is None:
        holder.entries.append(to_entry(path[-1], value))
    else:
        entry.value = to_value(value)


def remove(root: ValueNode, key: str) -> None:
    """Remove an entry of a mapping."""
    root.entries = [e for e in root.entries if e.key is None or e.key.text != key]
