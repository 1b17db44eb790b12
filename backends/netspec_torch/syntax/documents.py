"""Documents: text with possible line breaks, laid out after Wadler's "A prettier printer" (2003).

A document is text, a sequence of documents, a possible line break (:data:`SPACE`, :data:`NOTHING`), an :class:`Indent`,
a :class:`Group` (all of its direct line breaks are taken, or none), or a trailing comma.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

WIDTH = 88
"""Line length: ruff's default, so that written files pass ``ruff format --check`` without configuration."""


@dataclass(frozen=True, slots=True)
class Group:
    """A document that is on one line if it fits, and otherwise breaks at each of its direct line breaks."""

    content: Document
    broken: bool = False
    """Whether it always breaks."""


@dataclass(frozen=True, slots=True)
class Indent:
    """A document whose lines are indented by four more characters."""

    content: Document


@dataclass(frozen=True, slots=True)
class Break:
    """A line break if the enclosing group is broken; otherwise this text."""

    flat: str


@dataclass(frozen=True, slots=True)
class TrailingComma:
    """A trailing comma, printed only if the enclosing group is broken."""


Document: TypeAlias = "str | tuple[Document, ...] | Group | Indent | Break | TrailingComma"
SPACE, NOTHING, TRAILING_COMMA = Break(" "), Break(""), TrailingComma()

Pending: TypeAlias = "tuple[int, bool, Document]"
"""A document that remains to be laid out: its indent, and whether the enclosing group is broken."""


def render(document: Document, indent: int) -> list[str]:
    """Returns the lines of a document, the first one without its indent."""
    out = [""]
    room = WIDTH - indent
    pending: list[Pending] = [(indent, True, document)]
    while pending:
        at, broken, item = pending.pop()
        if isinstance(item, str):
            out[-1] += item
            room -= len(item)
        elif isinstance(item, tuple):
            pending += [(at, broken, part) for part in reversed(item)]
        elif isinstance(item, Indent):
            pending.append((at + 4, broken, item.content))
        elif isinstance(item, Group):
            fits = not item.broken and fits_on_line((at, False, item.content), pending, room)
            pending.append((at, not fits, item.content))
        elif isinstance(item, TrailingComma):
            if broken:
                out[-1] += ","
                room -= 1
        elif broken:
            out.append(" " * at)
            room = WIDTH - at
        else:
            out[-1] += item.flat
            room -= len(item.flat)
    return out


def fits_on_line(first: Pending, following: Sequence[Pending], room: int) -> bool:
    """Whether a document, and what follows up to the next possible line break, fits on the line.

    Args:
        first: the document.
        following: the documents after it, the next one last.
        room: characters left on the line.
    """
    pending = [first]
    left = len(following)
    while room >= 0:
        if not pending:
            if not left:
                return True
            left -= 1
            pending.append(following[left])
            continue
        at, broken, item = pending.pop()
        if isinstance(item, str):
            room -= len(item)
        elif isinstance(item, tuple):
            pending += [(at, broken, part) for part in reversed(item)]
        elif isinstance(item, Indent):
            pending.append((at, broken, item.content))
        elif isinstance(item, Group):
            if item.broken and not broken and left == len(following):
                return False
            pending.append((at, item.broken or broken, item.content))
        elif isinstance(item, TrailingComma):
            room -= broken
        elif broken:
            return True
        else:
            room -= len(item.flat)
    return False
