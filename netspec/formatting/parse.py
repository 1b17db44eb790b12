"""Parses a YAML text with its comments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from ..diagnostics import LocatedError, clip, pack
from ..text.document_tree import Comment, Entry, Kind, ValueNode
from .comments import Positions, find_comments

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class _Open:
    """A mapping or list that is not closed yet."""

    value: ValueNode
    owner: Entry
    """The entry whose value it is."""
    current: Entry | None = None
    """The entry of a mapping whose value is expected next."""


class _Reader:
    def __init__(self, text: str, events: list[Any]) -> None:
        self.positions = Positions(text)
        places = [
            (self._index(event.start_mark), self._index(event.end_mark))
            for event in events
            if type(event) is ScalarEvent
        ]
        self.comments = find_comments(self.positions, places)
        self.next = 0
        """Index of the first comment that is not assigned yet."""
        self.root = Entry(None)
        self.stack: list[_Open] = []
        self.last = self.root
        """The entry to which a comment on the same line is assigned."""
        self.last_line = -1

    def _index(self, mark: Any) -> int:
        return self.positions.index(mark.line, mark.column)

    def read(self, events: list[Any]) -> ValueNode:
        for event in events:
            if isinstance(event, (ScalarEvent, AliasEvent)):
                self._leaf(event)
            elif isinstance(event, (MappingStartEvent, SequenceStartEvent)):
                self._open(event)
            elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
                self._close(event)
        root = self.root.content
        root.tail += self._before(len(self.positions.starts), 0)
        around = [*self.root.above, *([self.root.behind] if self.root.behind is not None else [])]
        if around and root.entries:
            root.entries[0].above[:0] = around
        else:
            root.tail += around
        return root

    # -- comments ----------------------------------------------------------------------------------------------------
    def _before(self, line: int, column: int) -> list[Comment]:
        """Returns the comments on separate lines before a position; assigns trailing ones to their values."""
        alone: list[Comment] = []
        while self.next < len(self.comments):
            comment = self.comments[self.next]
            if (comment.line, comment.column) >= (line, column):
                break
            self.next += 1
            if comment.alone or comment.line != self.last_line:
                alone.append(comment)
            elif self.last.behind is None:
                self.last.behind = comment
            else:
                self.last.above.append(comment)
        return alone

    # -- values ------------------------------------------------------------------------------------------------------
    def _entry(self, line: int, above: list[Comment]) -> Entry:
        first = above[0].line if above else line
        entry = Entry(None, above=above, after_blank=self.positions.is_blank(line - 1) and line > 0)
        if above:
            above[0].after_blank = self.positions.is_blank(first - 1)
        return entry

    def _place(self, line: int, column: int) -> tuple[Entry, bool]:
        """Returns the entry for a value that begins here, and whether the value is its key."""
        top = self.stack[-1] if self.stack else None
        if top is None:
            return self.root, False
        if top.value.kind == "map":
            if top.current is not None:
                entry, top.current = top.current, None
                return entry, False
            entry = top.current = self._entry(line, self._before(line, column))
            if not top.value.entries:
                top.value.column = column
            top.value.entries.append(entry)
            return entry, True
        entry = self._entry(line, self._before(line, column))
        if top.value.anchor and not top.value.entries:
            top.value.column = column - 2
        top.value.entries.append(entry)
        return entry, False

    def _leaf(self, event: Any) -> None:
        start, end = event.start_mark, event.end_mark
        entry, is_key = self._place(start.line, start.column)
        if type(event) is AliasEvent:
            value = ValueNode("alias", event.anchor or "")
        else:
            if event.tag is not None:
                place = pack(0, start.line, start.column)
                raise LocatedError("NS106", f"tags are not used in netspec: {clip(event.tag)}", place)
            value = ValueNode("scalar", event.value, event.style or "", event.anchor)
        value.line, value.column = start.line, start.column
        if is_key:
            entry.key = value
        else:
            entry.above += self._before(start.line, start.column)
            entry.value = value
        self.last, self.last_line = entry, end.line
        if value.style in ("|", ">"):
            self.last_line = start.line  # its comment stands in its first line
            entry.above += self._before(end.line, end.column)
            self.last_line = -1

    def _open(self, event: Any) -> None:
        start = event.start_mark
        entry, _ = self._place(start.line, start.column)
        kind: Kind = "map" if type(event) is MappingStartEvent else "list"
        value = ValueNode(kind, anchor=event.anchor, flow=bool(event.flow_style), line=start.line, column=start.column)
        entry.value = value
        self.stack.append(_Open(value, entry))
        if value.flow or (entry.key is None and entry is not self.root):
            entry.above += self._before(start.line, start.column)
        if value.flow or value.anchor:
            self.last, self.last_line = entry, start.line

    def _close(self, event: Any) -> None:
        end = event.end_mark
        top = self.stack.pop()
        if top.value.flow:
            top.value.tail += self._before(end.line, end.column)
            self.last, self.last_line = top.owner, end.line
            return
        # Of the comments behind the last line, those that are indented like the entries belong to them.
        mark = event.start_mark
        outer = self.stack[-1].value.column if self.stack and not self.stack[-1].value.flow else -1
        least = max(top.value.column, outer + 1)
        while self.next < len(self.comments):
            comment = self.comments[self.next]
            if (comment.line, comment.column) >= (mark.line, mark.column):
                break
            if comment.alone and comment.column < least:
                break
            top.value.tail += self._before(comment.line, comment.column + 1)


def parse(text: str) -> tuple[ValueNode | None, list[Comment]]:
    """Returns the document, None if the text is empty, and all its comments.

    Args:
        text: valid YAML of one document, within the limits; its lines end with line feeds.

    Raises:
        LocatedError: NS106, it has a tag.
    """
    events: list[Any] = list(yaml.parse(text, Loader=_Loader))  # type: ignore[no-untyped-call,unused-ignore]  # PyYAML has no types
    reader = _Reader(text, events)
    comments = list(reader.comments)
    if not any(type(event) in (ScalarEvent, MappingStartEvent, SequenceStartEvent) for event in events):
        return None, comments
    return reader.read(events), comments
