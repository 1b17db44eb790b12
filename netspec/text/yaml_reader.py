"""Reads YAML text into a tree in which every key and value has a location.

It processes libyaml's events and never calls ``compose`` or ``load``: those recurse in C, so that a few thousand
brackets crash the process on a small stack. Limits apply while events arrive. Scalars follow the core schema of
YAML 1.2; keys stay text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeAlias

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from .. import limits
from ..diagnostics import LocatedError, clip, pack, unpack

__all__ = ["List", "Map", "Name", "Text", "Tree", "ValueCount", "is_type", "parse_scalar", "read"]

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # pure Python where libyaml is not built in


class Text:
    """A scalar: its value by the core schema, its text, and whether it is written without quotes."""

    __slots__ = ("location", "plain", "raw", "value")

    def __init__(self, value: Any, location: int, plain: bool, raw: str | None = None) -> None:
        self.value = value
        self.location = location
        self.plain = plain
        self.raw: str = raw if raw is not None else str(value)


class List:
    """A sequence."""

    __slots__ = ("items", "location")

    def __init__(self, location: int) -> None:
        self.items: list[Tree] = []
        self.location = location


class Map:
    """A mapping: for every key its location, its value, and whether it is written here (not merged by ``<<``)."""

    __slots__ = ("entries", "location")

    def __init__(self, location: int) -> None:
        self.entries: dict[str, tuple[int, Tree, bool]] = {}
        self.location = location

    def get(self, key: str) -> Tree | None:
        """Returns the value of a key; None if it is missing."""
        entry = self.entries.get(key)
        return entry[1] if entry else None


Tree: TypeAlias = Text | List | Map

_INT = re.compile(r"[-+]?[0-9](?:_?[0-9])*\Z")
_FLOAT = re.compile(
    r"[-+]?(?:\.[0-9](?:_?[0-9])*|[0-9](?:_?[0-9])*(?:\.(?:[0-9](?:_?[0-9])*)?)?)(?:[eE][-+]?[0-9]{1,5})?\Z"
)
_BASED = re.compile(r"0(?:o[0-7](?:_?[0-7])*|x[0-9a-fA-F](?:_?[0-9a-fA-F])*)\Z")
_NESTED = re.compile(r"\b(\w{1,40}): *(\w{1,40}): +([^\s,{}]{1,40})")
"""A key whose value is another key with a value, on one line."""
_INF, _NAN = float("inf"), float("nan")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **{sign + word: _INF for sign in ("", "+") for word in (".inf", ".Inf", ".INF")},
    **{"-" + word: -_INF for word in (".inf", ".Inf", ".INF")},
    **dict.fromkeys((".nan", ".NaN", ".NAN"), _NAN),
}
_HEAD = frozenset("0123456789+-.")


def parse_scalar(text: str, location: int = 0) -> Any:
    """Returns the value of a plain scalar by the core schema, with ``_`` allowed inside numbers."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _HEAD:
        return text
    if len(text) > limits.DIGITS and (_INT.match(text) or _BASED.match(text)):
        raise LocatedError("NS905", f"a number of more than {limits.DIGITS} digits: {clip(text)}", location)
    if _INT.match(text):
        return int(text)
    if _FLOAT.match(text):
        return float(text)
    if _BASED.match(text):
        return int(text, 0)
    return text


class Name(str):
    """A name, which is text even if it looks like a number: ``0`` and ``1.0`` are names too."""

    __slots__ = ()


_TYPES = frozenset(("int", "float", "bool", "str", "list"))
"""Words that are types of parameters if unquoted, and texts in quotes."""


def is_type(text: str) -> bool:
    """Whether a text without quotes would be the type of a parameter."""
    return text in _TYPES


class _Frame:
    """A list or mapping that is not closed yet."""

    __slots__ = ("anchor", "first", "key", "key_location", "node")

    def __init__(self, node: List | Map, anchor: str | None, first: int) -> None:
        self.node = node
        self.anchor = anchor
        self.first = first
        self.key: str | None = None
        self.key_location = 0


class ValueCount:
    """Number of values read so far, in one file or in all files of a spec."""

    __slots__ = ("values",)

    def __init__(self) -> None:
        self.values = 0

    def add(self, n: int, location: int) -> None:
        """Count further values. Raises LocatedError NS902 above the limit."""
        self.values += n
        if self.values > limits.VALUES:
            raise LocatedError("NS902", f"more than {limits.VALUES:,} values", location)


class _Reader:
    def __init__(self, file: int, count: ValueCount) -> None:
        self.file = file
        self.root: Tree | None = None
        self.stack: list[_Frame] = []
        self.anchors: dict[str, tuple[Tree, int]] = {}
        self.counted = count
        self.count = count.add
        self.aliased = 0
        self.documents = 0

    def location(self, event: Any) -> int:
        mark = event.start_mark
        return pack(self.file, mark.line, mark.column)

    def event(self, event: Any) -> None:
        kind = event.__class__
        if kind is ScalarEvent:
            self._scalar(event)
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            self._open(event)
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            frame = self.stack.pop()
            if frame.anchor:
                self.anchors[frame.anchor] = (frame.node, self.counted.values - frame.first + 1)
            self._put(frame.node, None)
        elif kind is AliasEvent:
            self._alias(event)
        elif kind is DocumentStartEvent:
            self.documents += 1
            if self.documents > 1:
                message = "a second document begins here: a file contains one spec"
                raise LocatedError("NS104", message, self.location(event))

    def _scalar(self, event: Any) -> None:
        location = self.location(event)
        self.count(1, location)
        if event.tag is not None:
            raise LocatedError("NS106", f"tags are not used in netspec: {clip(event.tag)}", location)
        plain = not event.style
        raw: str = event.value
        top = self.stack[-1] if self.stack else None
        if top is not None and type(top.node) is Map and top.key is None:
            top.key = raw if plain or raw != "<<" else "<<'"
            top.key_location = location
            if event.anchor:
                self.anchors[event.anchor] = (Text(raw, location, plain), 1)
            return
        node = Text(parse_scalar(raw, location) if plain else raw, location, plain, raw)
        if event.anchor:
            self.anchors[event.anchor] = (node, 1)
        self._put(node, event)

    def _open(self, event: Any) -> None:
        location = self.location(event)
        self.count(1, location)
        if len(self.stack) >= limits.NESTING:
            raise LocatedError("NS903", f"lists and mappings nested deeper than {limits.NESTING}", location)
        if event.tag is not None:
            raise LocatedError("NS106", f"tags are not used in netspec: {clip(event.tag)}", location)
        if self.stack and type(self.stack[-1].node) is Map and self.stack[-1].key is None:
            raise LocatedError(
                "NS105",
                "a key must be text, not a list or mapping",
                location,
                help='quote an expression that contains brackets: "$(…)"',
            )
        node: List | Map = Map(location) if type(event) is MappingStartEvent else List(location)
        self.stack.append(_Frame(node, event.anchor, self.counted.values))

    def _alias(self, event: Any) -> None:
        location = self.location(event)
        anchored = self.anchors.get(event.anchor)
        if anchored is None:
            raise LocatedError("NS107", f"no anchor '&{clip(event.anchor)}' before this", location)
        node, size = anchored
        self.aliased += size
        if self.aliased > limits.ALIASED:
            raise LocatedError("NS904", f"aliases stand for more than {limits.ALIASED:,} values", location)
        self.count(size, location)
        top = self.stack[-1] if self.stack else None
        if top is not None and type(top.node) is Map and top.key is None:
            if type(node) is not Text or type(node.value) is not str:
                raise LocatedError("NS105", "a key must be text, not a list or mapping", location)
            top.key, top.key_location = node.value, location
            return
        self._put(node, event)

    def _put(self, node: Tree, event: Any) -> None:
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        holder = top.node
        if type(holder) is List:
            holder.items.append(node)
            return
        assert type(holder) is Map
        key, top.key = top.key, None
        assert key is not None
        if key == "<<":
            self._merge(holder, node, top.key_location)
        elif key in holder.entries and holder.entries[key][2]:
            first = unpack(holder.entries[key][0])
            raise LocatedError(
                "NS103", f"key '{clip(key)}' is given twice", top.key_location, notes=(f"first on line {first.line}",)
            )
        else:
            holder.entries[key] = (top.key_location, node, True)

    def _merge(self, holder: Map, node: Tree, location: int) -> None:
        for source in node.items if type(node) is List else [node]:
            if type(source) is not Map:
                raise LocatedError("NS107", "'<<' takes a mapping, or a list of them", location)
            for key, (at, value, _) in source.entries.items():
                holder.entries.setdefault(key, (at, value, False))


def read(text: str, file: int = 0, count: ValueCount | None = None) -> Tree | None:
    """Parses one document, with locations; None if it is empty. ``count`` also counts the values of other files.

    Raises:
        LocatedError: the text is not YAML, uses what netspec excludes from it (tags, keys that are not text, several
            documents), or exceeds a limit.
    """
    reader = _Reader(file, count if count is not None else ValueCount())
    try:
        for event in _events(text):
            reader.event(event)
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error, text, file) from None
    except UnicodeEncodeError as error:  # a surrogate, which only a text from a program can have
        raise _not_allowed(ord(text[error.start]), text, error.start, file) from None
    except yaml.reader.ReaderError as error:
        character = error.character if isinstance(error.character, int) else ord(error.character)
        raise _not_allowed(character, text, error.position, file) from None
    return reader.root


def _events(text: str) -> Iterator[Any]:
    return yaml.parse(text, Loader=_Loader)  # type: ignore[no-any-return,no-untyped-call,unused-ignore]  # PyYAML has no types


def _not_allowed(character: int, text: str, position: int, file: int) -> LocatedError:
    line = text.count("\n", 0, position)
    column = position - (text.rfind("\n", 0, position) + 1)
    return LocatedError("NS101", f"the character U+{character:04X} is not allowed in YAML", pack(file, line, column))


def _syntax_error(error: yaml.MarkedYAMLError, text: str, file: int) -> LocatedError:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    lines = text.splitlines()
    current = lines[line] if line < len(lines) else ""
    message = str(error.problem or error.context or "not YAML")
    help_: str | None = None
    if "\t" in current[: column + 1]:
        message, help_ = "a tab cannot indent YAML", "indent with spaces"
    elif "$(" in current or (error.context_mark and "$(" in _line(lines, error.context_mark.line)):
        help_ = 'inside {…} and […], quote an expression that contains , [ ] { or }: "$(…)"'
    elif ": >" in current:
        help_ = 'quote a value that begins with >: ">=0.2"'
    elif (nested := _NESTED.search(current)) is not None:
        help_ = f"write a mapping inside a line in braces: {nested[1]}: {{{nested[2]}: {nested[3]}}}"
    elif "mapping values are not allowed" in message:
        help_ = "quote a value that contains ': ', and indent all keys of a mapping equally"
    return LocatedError("NS101", f"this is not YAML: {message}", pack(file, line, column), help=help_)


def _line(lines: list[str], number: int) -> str:
    return lines[number] if number < len(lines) else ""
