"""A YAML document with its comments, as parsed, arranged and printed by the formatter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["scalar", "alias", "map", "list"]


@dataclass(slots=True)
class Comment:
    """A comment, including its ``#``."""

    text: str
    line: int
    """From 0."""
    column: int
    """From 0. A trailing comment keeps its column if there is room."""
    alone: bool
    """Whether nothing else is on its line."""
    after_blank: bool = False
    """Whether the previous line is blank."""


QUOTED = "quoted"
"""The style of a scalar in double quotes, whether it needs them or not."""


@dataclass(slots=True)
class ValueNode:
    """A scalar, an alias, a mapping or a list."""

    kind: Kind
    text: str = ""
    """The text of a scalar without quotes, or the name of an alias."""
    style: str = ""
    """The style of a scalar: empty for plain, ``'``, ``"``, ``|`` or ``>``; ``QUOTED`` for always in double quotes."""
    anchor: str | None = None
    flow: bool = False
    """Whether a mapping or list has brackets."""
    entries: list[Entry] = field(default_factory=list["Entry"])
    tail: list[Comment] = field(default_factory=list[Comment])
    """Comments after the last entry."""
    line: int = 0
    column: int = 0
    """Start column, from 0."""
    least: int = 0
    """Lower bound of its length on one line; set by :func:`measure`."""
    has_comments: bool = False
    """Whether there is a comment anywhere inside; set by :func:`measure`."""


@dataclass(slots=True)
class Entry:
    """An entry of a mapping or an item of a list, with the comments that belong to it."""

    key: ValueNode | None
    """None for an item of a list."""
    value: ValueNode | None = None
    """None only during parsing."""
    after_blank: bool = False
    """Whether the previous line is blank."""
    above: list[Comment] = field(default_factory=list[Comment])
    behind: Comment | None = None

    @property
    def content(self) -> ValueNode:
        """Returns the value of an entry that has been parsed."""
        assert self.value is not None
        return self.value


def scalar(text: str, style: str = "") -> ValueNode:
    """Returns a scalar for a text to be written."""
    return ValueNode("scalar", text, style)


def measure(value: ValueNode) -> None:
    """Set the lower bounds of length of a value and all values in it, and whether there are comments in them."""
    value.least, value.has_comments = len(value.text), bool(value.tail)
    for entry in value.entries:
        measure(entry.content)
        value.least += entry.content.least + (len(entry.key.text) if entry.key is not None else 0) + 1
        value.has_comments |= bool(entry.above) or entry.behind is not None or entry.content.has_comments
