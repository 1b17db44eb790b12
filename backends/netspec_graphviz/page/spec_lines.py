"""Finds the lines of the spec that define an item: the whole entry at the location in its trace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePath
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

from netspec.diagnostics import clean
from netspec.files import FileReadError, open_regular
from netspec.ir import Trace

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_files(files: Sequence[str]) -> list[str | None]:
    """The texts of the files; None for one that cannot be read."""
    out: list[str | None] = []
    for file in files:
        try:
            with open_regular(file) as opened:
                out.append(opened.read().decode("utf-8"))
        except (FileReadError, OSError, ValueError):
            out.append(None)
    return out


class SpecLines:
    """The texts of the spec's files, and the traces into them, without duplicates.

    Args:
        names: names of the files, as in the graph.
        texts: their texts; None or a missing one for a file that is not shown.
    """

    def __init__(self, names: Sequence[str], texts: Sequence[str | None]) -> None:
        self._names = _short(names)
        self._texts = [texts[i] if i < len(texts) else None for i in range(len(names))]
        self._extents = [_extents(text) if text is not None else None for text in self._texts]
        self._numbers: dict[Trace, int] = {}
        self.traces: list[list[Any]] = []
        """``[file, line, first line, last line, label, number of the enclosing trace or -1]``."""

    def data(self) -> list[dict[str, Any]]:
        """Names and lines of the files."""
        return [
            {"name": name, "lines": None if text is None else [clean(line.expandtabs(2)) for line in text.splitlines()]}
            for name, text in zip(self._names, self._texts, strict=True)
        ]

    def number(self, trace: Trace | None) -> int:
        """The index of a trace in ``traces``; -1 for None."""
        chain: list[Trace] = []
        while trace is not None and trace not in self._numbers:
            chain.append(trace)
            trace = trace.parent
        number = self._numbers[trace] if trace is not None else -1
        for each in reversed(chain):
            file, line, column = each.location
            first, last = self._lines(file, line, column, entry=each.label.startswith("'"))
            self.traces.append([file, line, first, last, clean(each.label), number])
            number = self._numbers[each] = len(self.traces) - 1
        return number

    def _lines(self, file: int, line: int, column: int, entry: bool) -> tuple[int, int]:
        extents = self._extents[file] if file < len(self._extents) else None
        if extents is None:
            return line, line
        return extents[entry].get((line, column)) or extents[not entry].get((line, column)) or (line, line)


def _short(names: Sequence[str]) -> list[str]:
    """Makes names relative to the folder of the first file, so that the page does not reveal the folder."""
    folder = PurePath(names[0]).parent if names else PurePath()
    out: list[str] = []
    for name in names:
        path = PurePath(name)
        out.append(clean(path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name))
    return out


Lines = dict[tuple[int, int], tuple[int, int]]


class _OpenCollection:
    """A list or mapping whose end has not been reached yet."""

    def __init__(self, first: int, mapping: bool) -> None:
        self.first = first
        self.mapping = mapping
        self.key: tuple[int, int] | None = None
        self.keys: list[tuple[int, int]] = []


def _extents(text: str) -> tuple[Lines, Lines]:
    """Returns the first and last lines, by location of a key, of the enclosing mapping and of the key's entry."""
    holders: Lines = {}
    entries: Lines = {}
    stack: list[_OpenCollection] = []
    last = 1
    try:
        events: Iterator[Any] = yaml.parse(text, Loader=_Loader)
        for event in events:
            location = (event.start_mark.line + 1, event.start_mark.column + 1)
            top = stack[-1] if stack else None
            if isinstance(event, ScalarEvent | AliasEvent):
                last = max(last, _last_line(event))
                if top is not None and top.mapping and top.key is None:
                    top.key = location
                    top.keys.append(location)
                else:
                    first = top.key[0] if top is not None and top.key is not None else location[0]
                    holders[location] = (first, last)
                    _end_entry(top, entries, last)
            elif isinstance(event, MappingStartEvent | SequenceStartEvent):
                first = top.key[0] if top is not None and top.key is not None else location[0]
                stack.append(_OpenCollection(first, isinstance(event, MappingStartEvent)))
            elif isinstance(event, MappingEndEvent | SequenceEndEvent):
                here = stack.pop()
                last = max(last, _closing_line(event))
                for key in here.keys:
                    holders[key] = (here.first, last)
                _end_entry(stack[-1] if stack else None, entries, last)
    except yaml.YAMLError:
        return {}, {}
    return holders, entries


def _last_line(event: Any) -> int:
    """Returns the last line of a scalar. The end mark of a multi-line scalar may be the start of the next line."""
    mark = event.end_mark
    return int(mark.line) + (0 if mark.column == 0 and mark.line > event.start_mark.line else 1)


def _closing_line(event: Any) -> int:
    """Returns the line of the closing bracket of a list or mapping; 0 if it has none."""
    return int(event.end_mark.line) + 1 if event.end_mark.index > event.start_mark.index else 0


def _end_entry(top: _OpenCollection | None, entries: Lines, last: int) -> None:
    if top is not None and top.key is not None:
        entries[top.key] = (top.key[0], last)
        top.key = None
