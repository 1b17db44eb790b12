"""What names stand for: entries, the levels they are found in, and references with dots and stars."""

from __future__ import annotations

from typing import Any

from ...diagnostics import LocatedError, clip, did_you_mean
from ...ir import Scope
from ...shapes.types import AXIS_WORDS, TensorType
from ..reading.document import Document
from ..reading.lexer import ExpressionError


class FailedInputError(Exception):
    """An input that failed before: the layer that reads it is left out without a further message."""


class UnknownReferenceError(LocatedError):
    """A name that refers to nothing; whoever reports it adds the location."""

    def __init__(self, code: str, message: str, help: str | None = None) -> None:
        super().__init__(code, message, help=help)


class Entry:
    """What a layer's name stands for: its results, and the names within it."""

    __slots__ = ("copies", "full", "level", "outputs", "passes", "value")

    def __init__(self, full: str, value: int | None, outputs: tuple[tuple[str, int], ...] = (),
                 level: Level | None = None, copies: bool = False, passes: bool = True) -> None:
        self.full = full
        self.value = value
        """Number of its (first) result; None where it failed."""
        self.outputs = outputs
        """Its results by name, where it has several."""
        self.level = level
        self.copies = copies
        """Whether its level holds the copies of a chain."""
        self.passes = passes
        """Whether the next layer takes it by default."""

    def within(self, parts: list[str]) -> Entry | None:
        """The output or layer that further names lead to; outputs come first."""
        if not parts:
            return self
        for i, (name, value) in enumerate(self.outputs):
            if len(parts) == 1 and parts[0] in (name, str(i)):
                return Entry(f"{self.full}.{name}", value)
        found = self.level.own(parts) if self.level is not None else None
        if found is None and self.value is None and not isinstance(self, Absent):
            return self  # it failed before: nobody knows what would be in it
        return found

    def star(self) -> list[Entry]:
        """Everything that ``.*`` stands for: copies, outputs, or children, in order."""
        if self.level is not None and self.copies:
            return list(self.level.names.values())
        if len(self.outputs) > 1:
            return [Entry(f"{self.full}.{name}", value) for name, value in self.outputs]
        return list(self.level.names.values()) if self.level is not None else []


class Absent(Entry):
    """What ``when`` left out and what has no input to stand for: it may not be named."""

    __slots__ = ()

    def __init__(self, full: str) -> None:
        super().__init__(full, None, passes=False)


class Level:
    """A scope as names see it. Names are found through the chain of levels, never by copying."""

    __slots__ = (
        "document", "inputs", "later", "left_out", "left_out_items", "names", "number", "params", "parent", "scope",
    )

    def __init__(self, scope: Scope, parent: Level | None, params: dict[str, Any], inputs: dict[str, Entry],
                 document: Document) -> None:
        self.scope = scope
        self.document = document
        """The document that its layers are written in."""
        self.parent = parent
        """The scope around a block in place; None for a network and for the use of a block."""
        self.params = params
        """Parameters in reach, by name."""
        self.inputs = inputs
        self.names: dict[str, Entry] = {}
        self.later: frozenset[str] = frozenset()
        """Names of layers further down, for the message of a forward reference."""
        self.number = 0
        """The next number in a list."""
        self.left_out: list[str] = []
        self.left_out_items: list[tuple[int, str]] = []

    def own(self, parts: list[str]) -> Entry | None:
        """What dotted names lead to from the layers of this level."""
        for i in range(len(parts), 0, -1):
            entry = self.names.get(".".join(parts[:i]) if i > 1 else parts[0])
            if entry is not None and (found := entry.within(parts[i:])) is not None:
                return found
        return None

    def input(self, name: str) -> Entry | None:
        """An input of the scope: by its name, or ``input`` where it is the only one."""
        found = self.inputs.get(name)
        if found is None and name == "input" and len(self.inputs) == 1:
            return next(iter(self.inputs.values()))
        return found

    def find(self, name: str) -> Entry:
        """What a (dotted) name stands for. Raises UnknownReferenceError."""
        parts = name.split(".")
        level: Level | None = self
        while level is not None:
            found = level.own(parts)
            if found is None and (start := level.input(parts[0])) is not None:
                found = start.within(parts[1:])
            if found is not None:
                return found
            level = level.parent
        raise self.unknown(name)

    def expanded(self, name: str) -> list[Entry]:
        """What a name with stars stands for: every match, in order. Raises UnknownReferenceError."""
        if "*" not in name:
            return [self.find(name)]
        head, *rest = name.split(".*")
        entries = [self.find(head)]
        for tail in rest:
            entries = [inner for e in entries for inner in e.star()]
            if tail:
                parts = tail[1:].split(".") if tail.startswith(".") else [""]
                reached = [e.within(parts) for e in entries]
                if any(r is None for r in reached):
                    raise UnknownReferenceError("NS301", f"there is no '{clip(tail[1:])}' in each of '{clip(head)}.*'")
                entries = [r for r in reached if r is not None]
        if not entries:
            raise UnknownReferenceError("NS301", f"'{clip(head)}' holds nothing that '.*' could stand for")
        return entries

    def unknown(self, name: str) -> UnknownReferenceError:
        """The error for a name that stands for nothing."""
        first = name.split(".", maxsplit=1)[0]
        level: Level | None = self
        known: list[str] = []
        while level is not None:
            if first not in level.names and (name in level.later or first in level.later):
                return UnknownReferenceError(
                    "NS302", f"'{clip(name)}' stands further down: a layer reads only what comes before it"
                )
            known += [*level.names, *level.inputs, *(("input",) if len(level.inputs) == 1 else ())]
            for i in range(name.count("."), 0, -1):
                prefix, rest = name.rsplit(".", i)[0], name.split(".", name.count(".") - i + 1)[-1]
                entry = level.own(prefix.split("."))
                if entry is not None:
                    inner = [n for n, _ in entry.outputs] + (list(entry.level.names) if entry.level else [])
                    return UnknownReferenceError("NS301", f"there is no '{clip(rest)}' in '{clip(prefix)}'",
                                   did_you_mean(rest, inner) or _listing(inner))
            level = level.parent
        return UnknownReferenceError(
            "NS301", f"no layer named '{clip(name)}' stands before this", did_you_mean(name, known)
        )


def _listing(names: list[str]) -> str | None:
    return f"it holds {', '.join(clip(n) for n in names[:8])}" + (", …" if len(names) > 8 else "") if names else None


class View:
    """A tensor, as expressions see it: ``shape``, sizes by the names of axes, and the layers within."""

    __slots__ = ("_entry", "_name", "_types")

    def __init__(self, entry: Entry, types: list[TensorType], name: str) -> None:
        if entry.value is None:
            raise FailedInputError
        self._entry = entry
        self._types = types
        self._name = name

    @property
    def type(self) -> TensorType:
        """Its type."""
        assert self._entry.value is not None
        return self._types[self._entry.value]

    def attribute(self, name: str) -> Any:
        """The shape as a list, a size by the name of its axis, or an output or layer within.

        Raises:
            ExpressionError: NS408, there is none.
        """
        inner = self._entry.within([name]) if name not in ("shape", *AXIS_WORDS) else None
        if inner is not None:
            return View(inner, self._types, f"{self._name}.{name}")
        type_ = self.type
        if name == "shape":
            return list(type_.shape)
        axis = type_.axis(name)
        if axis is None:
            named = ", ".join(a for a in type_.axes if a) or "none that is known by name"
            raise ExpressionError("NS408", f"'{clip(self._name)}' has no '{clip(name)}': its axes are {named}", 0,
                                  did_you_mean(name, ["shape", *AXIS_WORDS]) if name not in AXIS_WORDS
                                  else "'.shape[i]' gives a size by number")
        return type_.shape[axis]


def local(entry: Entry, level: Level) -> str:
    """The name of a value where it is read."""
    for name, inner in level.inputs.items():
        if inner.value == entry.value:
            return name
    prefix = f"{level.scope.name}."
    name = entry.full[len(prefix):] if entry.full.startswith(prefix) else entry.full
    return f"layer {name}" if name.isdigit() else name
