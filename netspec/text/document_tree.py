"""A YAML document with its comments: what the formatter reads, arranges and prints."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["scalar", "alias", "map", "list"]


@dataclass(slots=True)
class Comment:
    """A comment from its ``#`` on."""

    text: str
    line: int
    """From 0."""
    column: int
    """From 0. One behind a value keeps its column where there is room."""
    alone: bool
    """Whether nothing else is on its line."""
    after_blank: bool = False
    """Whether the line before it is blank."""


QUOTED = "quoted"
"""The style of a scalar in double quotes, whether it needs them or not."""


@dataclass(slots=True)
class ValueNode:
    """A scalar, an alias, a mapping or a list."""

    kind: Kind
    text: str = ""
    """Of a scalar, without quotes; the name of an alias."""
    style: str = ""
    """How a scalar is written: empty for a plain one, ``'``, ``"``, ``|`` or ``>``; ``QUOTED``: always in quotes."""
    anchor: str | None = None
    flow: bool = False
    """Whether a mapping or list has brackets."""
    entries: list[Entry] = field(default_factory=list["Entry"])
    tail: list[Comment] = field(default_factory=list[Comment])
    """Comments after the last entry."""
    line: int = 0
    column: int = 0
    """Where it begins, from 0."""
    least: int = 0
    """A number of characters that it has at least on one line; set by :func:`measure`."""
    has_comments: bool = False
    """Whether there is a comment anywhere inside; set by :func:`measure`."""


@dataclass(slots=True)
class Entry:
    """An entry of a mapping or an item of a list, with the comments that belong to it."""

    key: ValueNode | None
    """None for an item of a list."""
    value: ValueNode | None = None
    """None only while it is read."""
    after_blank: bool = False
    """Whether the line before it is blank."""
    above: list[Comment] = field(default_factory=list[Comment])
    behind: Comment | None = None

    @property
    def content(self) -> ValueNode:
        """The value of an entry that was read."""
        assert self.value is not None
        return self.value


def scalar(text: str, style: str = "") -> ValueNode:
    """A scalar in a text that is being written."""
    return ValueNode("scalar", text, style)


def measure(value: ValueNode) -> None:
    """Set what a value and all values inside it have at least on one line, and whether there are comments inside."""
    value.least, value.has_comments = len(value.text), bool(value.tail)
    for entry in value.entries:
        measure(entry.content)
        value.least += entry.content.least + (len(entry.key.text) if entry.key is not None else 0) + 1
        value.has_comments |= bool(entry.above) or entry.behind is not None or entry.content.has_comments
