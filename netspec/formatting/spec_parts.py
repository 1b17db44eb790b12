"""The roles of the parts of a spec for the formatter, and the order of the keys of a layer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

from ..ops import TABLE
from ..ops.layer_keys import LAYER_KEYS
from ..text.document_tree import Entry, ValueNode
from ..text.scalars import block_scalar

Role: TypeAlias = Literal["document", "sections", "section", "blocks", "block", "layers", "layer", "data"]

_SECTIONS: dict[str, Role] = {
    "layers": "layers",
    "blocks": "blocks",
    "operations": "sections",
    "params": "section",
    "dims": "section",
    "inputs": "section",
    "defaults": "section",
    "outputs": "section",
    "expect": "section",
    "variants": "section",
}
_OF_BLOCK: dict[str, Role] = {"layers": "layers", "params": "section", "outputs": "section", "weights": "section"}
_CONTENT = ("layers", "inline")
"""Keys of a layer that hold further layers."""
_BEFORE = ("activation", "from", "map", "over", "repeat", "first", "parallel", "carry", "route", "stacked")
_AFTER = ("share", "freeze", "weights", "unused", "dtype", "when", "doc")
_LAST = {key: number for number, key in enumerate((*_BEFORE, *_AFTER), 2)}
SPACED = frozenset(("blocks", "operations", "layers"))
"""Sections of a document with a blank line before and after them."""


def role_within(role: Role, key: str | None) -> Role:
    """Returns the role of an entry's value, given the role of its container; ``key`` is None for an item of a list."""
    if role == "document":
        return _SECTIONS.get(key or "", "data")
    if role == "blocks":
        return "block"
    if role in ("block", "sections"):
        return _OF_BLOCK.get(key or "", "data") if role == "block" else "block"
    if role == "layers" or (role == "layer" and key is None):
        return "layer"
    if role == "layer" and key in _CONTENT:
        return "layers"
    return "data"


def is_wrapped(role: Role) -> bool:
    """Whether a bracketed value too long for a line is wrapped, rather than written without brackets."""
    return role in ("data", "section")


def can_join(value: ValueNode, role: Role) -> bool:
    """Whether a layer written without brackets may be put on one line."""
    if role != "layer" or value.kind != "map" or value.flow or not value.entries or value.has_comments:
        return False
    return all(
        e.key is not None
        and e.key.text not in (*_CONTENT, "each")
        and not e.after_blank
        and (e.content.kind in ("scalar", "alias") or e.content.flow)
        and (e.content.style not in ("|", ">") or block_scalar(e.content, 0, 0) is None)
        for e in value.entries
    )


def arrange(value: ValueNode, role: Role) -> None:
    """Sort the entries of a mapping or list, recursively, in the order of the style."""
    value.entries = arranged(value, role)
    for entry in value.entries:
        arrange(entry.content, role_within(role, entry.key.text if entry.key is not None else None))


def arranged(value: ValueNode, role: Role) -> list[Entry]:
    """Returns the entries of a mapping or list in the order of the style."""
    return _in_order(value) if role == "layer" and value.kind == "map" else value.entries


def _in_order(value: ValueNode) -> list[Entry]:
    """Returns the entries of a layer: its operation, arguments, activation and ``from``, copies, weights, ``when``.

    A layer with lists or layers below it, or with anchors, ``<<`` or ``each``, keeps its order.
    """
    keys = [e.key.text if e.key is not None and e.key.kind == "scalar" else "" for e in value.entries]
    fixed = (*_CONTENT, "each", "<<", "")
    if any(key in fixed for key in keys):
        return value.entries
    if _has_anchors(value) or any(e.content.entries and not e.content.flow for e in value.entries):
        return value.entries
    operation = _operation(keys)
    if operation is None:
        return value.entries
    ranks = {key: 0 if key == operation else _LAST.get(key, 1) for key in keys}
    pairs = sorted(zip(keys, value.entries, strict=True), key=lambda pair: ranks[pair[0]])
    return [entry for _, entry in pairs]


def _operation(keys: Iterable[str]) -> str | None:
    """Returns the key that names the operation of a layer; None if that is uncertain."""
    others = [key for key in keys if key not in LAYER_KEYS]
    for candidates in (
        [key for key in others if key[:1].isupper()],
        [key for key in others if key.startswith("$")],
        [key for key in others if key in TABLE],
    ):
        if candidates:
            return candidates[0] if len(candidates) == 1 else None
    return others[0] if others else None


def _has_anchors(value: ValueNode) -> bool:
    if value.anchor or value.kind == "alias":
        return True
    return any(_has_anchors(e.content) or (e.key is not None and _has_anchors(e.key)) for e in value.entries)
