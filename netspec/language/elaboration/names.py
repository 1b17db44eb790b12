"""What names refer to: entries, and the lexical scopes in which they are looked up."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from ...diagnostics import LocatedError, clip, suggestion
from ..reading.document import Document
from ..reading.evaluation import FailedInputError
from .draft import DraftScope


class UnknownReferenceError(LocatedError):
    """A name refers to nothing. It has no location: the caller knows where the name is written."""


class Entry:
    """What the name of a layer refers to: its outputs, and the layers inside it."""

    __slots__ = ("_by_name", "full_name", "inner", "is_chain", "outputs", "passes_on", "value")

    def __init__(
        self,
        full_name: str,
        value: int | None,
        outputs: tuple[tuple[str, int], ...] = (),
        inner: LexicalScope | None = None,
        *,
        is_chain: bool = False,
        passes_on: bool = True,
    ) -> None:
        self.full_name = full_name
        self.value = value
        """The number of its (first) output value; None if the layer failed."""
        self.outputs = outputs
        """Its output values by name, if there are several."""
        self.inner = inner
        """The scope of the layers inside it."""
        self.is_chain = is_chain
        """Whether those are copies made by ``repeat`` or ``each``."""
        self.passes_on = passes_on
        """Whether the next layer reads it by default."""
        self._by_name: dict[str, tuple[str, int]] | None = None

    def of_chain(self, full_name: str, copies: LexicalScope) -> Entry:
        """The entry of the chain whose last copy this is."""
        return Entry(full_name, self.value, self.outputs, copies, is_chain=True, passes_on=self.passes_on)

    def find(self, parts: list[str]) -> Entry | None:
        """The output or layer inside it that further names lead to; outputs take precedence."""
        if not parts:
            return self
        is_copy = self.is_chain and parts[0].isdigit()
        if self.outputs and len(parts) == 1 and not is_copy and (output := self._output(parts[0])) is not None:
            return Entry(f"{self.full_name}.{output[0]}", output[1])
        entry = self.inner.find_here(parts) if self.inner is not None else None
        if entry is None and self.has_failed:
            return self  # what it would contain is unknown
        return entry

    @property
    def has_failed(self) -> bool:
        """Whether there was a problem with the layer, which has been reported."""
        return self.value is None

    def _output(self, name: str) -> tuple[str, int] | None:
        """Name and value of the first output that has this name or number."""
        if self._by_name is None:
            self._by_name = {}
            for number, output in enumerate(self.outputs):
                self._by_name.setdefault(output[0], output)
                self._by_name.setdefault(str(number), output)
        return self._by_name.get(name)

    def children(self) -> list[Entry]:
        """What ``.*`` stands for: the copies, else the outputs if there are several, else the layers inside."""
        if not self.is_chain and len(self.outputs) > 1:
            return [Entry(f"{self.full_name}.{name}", value) for name, value in self.outputs]
        return list(self.inner.names.values()) if self.inner is not None else []

    def names(self) -> list[str]:
        """The names that may follow its own."""
        return [name for name, _ in self.outputs] + (list(self.inner.names) if self.inner is not None else [])


FAILED = Entry("", None)
"""The entry of every layer that failed."""


LEFT_OUT = "is left out by its 'when'"
NO_COPIES = "has no copies"


class StandIn(Entry):
    """The first input of a layer that is omitted, which the name of that layer refers to.

    Args:
        name: the name of the layer.
        input: its first input.
        omission: ``LEFT_OUT`` or ``NO_COPIES``.
    """

    __slots__ = ("name", "omission")

    def __init__(self, name: str, input: Entry, omission: str) -> None:
        super().__init__(input.full_name, input.value)
        self.name = name
        self.omission = omission


class Absent(Entry):
    """A layer that is omitted and that has no input to stand for it: nothing may read it.

    Args:
        name: its name.
        omission: ``LEFT_OUT`` or ``NO_COPIES``.
        reason: why its first input cannot stand for it; None if it is an operation without inputs.
    """

    __slots__ = ("name", "omission", "reason")

    def __init__(self, name: str, omission: str, reason: LocatedError | None = None) -> None:
        super().__init__(name, None, passes_on=reason is not None)
        self.name = name
        self.omission = omission
        self.reason = reason

    @property
    def has_failed(self) -> bool:
        """Always false: that it cannot be read is reported where it is read."""
        return False

    def of_chain(self, full_name: str, copies: LexicalScope) -> Entry:
        """The entry of the chain whose last copy this is."""
        chain = Absent(full_name, self.omission, self.reason)
        chain.passes_on, chain.inner, chain.is_chain = self.passes_on, copies, True
        return chain

    def error(self, location: int | None = None) -> LocatedError:
        """The problem of what reads it."""
        message = f"'{clip(self.name)}' {self.omission}, and "
        if self.reason is None:
            return LocatedError("NS304", f"{message}has no input to stand for it", location)
        message += "no input can stand for it"
        return LocatedError("NS304", f"{message}: {self.reason.message}", location, help=self.reason.find_help)


def check_present(entries: Iterable[Entry], location: int) -> None:
    """Raises LocatedError NS304 if one of the entries is absent."""
    for entry in entries:
        if isinstance(entry, Absent):
            raise entry.error(location)


class LexicalScope:
    """The names that the layers of one scope can refer to.

    Names are looked up through the chain of enclosing scopes and are never copied.
    """

    __slots__ = (
        "_is_incomplete",
        "document",
        "dots",
        "draft",
        "inputs",
        "names",
        "next_number",
        "parameters",
        "parent",
        "upcoming",
    )

    def __init__(
        self,
        draft: DraftScope,
        parent: LexicalScope | None,
        parameters: dict[str, Any],
        inputs: dict[str, Entry],
        document: Document,
    ) -> None:
        self.draft = draft
        """The same scope in the graph."""
        self.parent = parent
        """The enclosing scope whose names are visible; None for the network and for a use of a block."""
        self.parameters = parameters
        """Values of the visible parameters."""
        self.inputs = inputs
        self.document = document
        """The document in which its layers are written."""
        self.names: dict[str, Entry] = {}
        """The layers so far, as :meth:`define` adds them."""
        self.dots = 0
        """The most dots in one of those names."""
        self.upcoming: frozenset[str] = frozenset()
        """Names of all layers of the scope, for the message about a reference to a later one."""
        self._is_incomplete = False
        """Whether it has layers whose names are unknown, because of a problem."""
        self.next_number = 0
        """The name of the next layer of a list."""

    def inside(self, draft: DraftScope) -> LexicalScope:
        """A scope for the copies of a chain: its names are its own, and it sees everything that this one sees."""
        return LexicalScope(draft, self, self.parameters, {}, self.document)

    def define(self, name: str, entry: Entry) -> None:
        """Add a layer."""
        self.names[name] = entry
        if "." in name:
            self.dots = max(self.dots, name.count("."))

    def find_here(self, parts: list[str]) -> Entry | None:
        """What a dotted name leads to from the layers of this scope. Names of layers may have dots themselves."""
        for count in range(min(len(parts), self.dots + 1), 0, -1):
            entry = self.names.get(".".join(parts[:count]) if count > 1 else parts[0])
            if entry is not None and (inner := entry.find(parts[count:])) is not None:
                return inner
        return None

    def input(self, name: str) -> Entry | None:
        """An input of the scope by its name, or as ``input`` if it is the only one."""
        entry = self.inputs.get(name)
        if entry is None and name == "input" and len(self.inputs) == 1:
            return next(iter(self.inputs.values()))
        return entry

    def mark_incomplete(self) -> None:
        """The scope has layers whose names are unknown: a name that is not known may be theirs."""
        self._is_incomplete = True

    @property
    def has_unknown_names(self) -> bool:
        """Whether a name that is not known may be that of a layer with a problem, here or in an enclosing scope."""
        scope: LexicalScope | None = self
        while scope is not None:
            if scope._is_incomplete:
                return True
            scope = scope.parent
        return False

    def lookup(self, name: str) -> Entry | None:
        """What a dotted name refers to, here or in an enclosing scope; None if nothing."""
        parts = name.split(".")
        scope: LexicalScope | None = self
        while scope is not None:
            entry = scope.find_here(parts)
            if entry is None and (start := scope.input(parts[0])) is not None:
                entry = start.find(parts[1:])
            if entry is not None:
                return entry
            scope = scope.parent
        return None

    def find(self, name: str) -> Entry:
        """What a dotted name refers to. Raises UnknownReferenceError, and FailedInputError if it may have failed."""
        entry = self.lookup(name)
        if entry is None:
            if self.has_unknown_names:
                raise FailedInputError
            raise self._unresolved(name)
        return entry

    def find_all(self, name: str) -> list[Entry]:
        """What a name refers to: every match in order if it contains ``*``. Raises UnknownReferenceError."""
        if "*" not in name:
            return [self.find(name)]
        head, *tails = name.split(".*")
        start = self.find(head)
        entries = [start]
        for tail in tails:
            entries = [child for entry in entries for child in entry.children()]
            if tail:
                parts = tail[1:].split(".") if tail.startswith(".") else [""]
                inner = [entry.find(parts) for entry in entries]
                entries = [entry for entry in inner if entry is not None]
                if len(entries) < len(inner):
                    raise UnknownReferenceError("NS301", f"there is no '{clip(tail[1:])}' in each of '{clip(head)}.*'")
        if not entries:
            message = "contains nothing that '.*' could stand for"
            if isinstance(start, (Absent, StandIn)):
                raise UnknownReferenceError("NS304", f"'{clip(start.name)}' {start.omission}: it {message}")
            raise UnknownReferenceError("NS301", f"'{clip(head)}' {message}")
        return entries

    def visible_names(self) -> list[str]:
        """All names that a layer here can use, those of this scope first."""
        names: list[str] = []
        scope: LexicalScope | None = self
        while scope is not None:
            names += [*scope.names, *scope.inputs, *(("input",) if len(scope.inputs) == 1 else ())]
            scope = scope.parent
        return names

    def local_name(self, entry: Entry) -> str:
        """The name that a layer of this scope would use for a value."""
        for name, input in self.inputs.items():
            if input.value == entry.value:
                return name
        name = entry.full_name.removeprefix(f"{self.draft.name}.")
        return f"layer {name}" if name.isdigit() else name

    def _unresolved(self, name: str) -> UnknownReferenceError:
        parts = name.split(".")
        first = parts[0]
        scope: LexicalScope | None = self
        while scope is not None:
            if first not in scope.names and (name in scope.upcoming or first in scope.upcoming):
                message = f"'{clip(name)}' is defined further down: a layer reads only what precedes it"
                return UnknownReferenceError("NS302", message)
            beginnings = range(1, min(len(parts), scope.dots + 1) + 1)
            is_here = any(".".join(parts[:count]) in scope.names for count in beginnings)
            for count in range(1, len(parts)) if is_here else ():
                entry = scope.find_here(parts[:count])
                inner = ".".join(parts[count:])
                if isinstance(entry, (Absent, StandIn)):
                    message = f"'{clip(entry.name)}' {entry.omission}: there is no '{clip(inner)}' in it"
                    return UnknownReferenceError("NS304", message)
                if entry is not None:
                    outer = ".".join(parts[:count])
                    known = entry.names()
                    message = f"there is no '{clip(inner)}' in '{clip(outer)}'"
                    help = suggestion(inner, known, partial(_listing, known))
                    return UnknownReferenceError("NS301", message, help=help)
            scope = scope.parent
        help = suggestion(name, self.visible_names)
        return UnknownReferenceError("NS301", f"no layer before this is named '{clip(name)}'", help=help)


def _listing(names: list[str]) -> str | None:
    if not names:
        return None
    return f"it contains {', '.join(clip(n) for n in names[:8])}" + (", …" if len(names) > 8 else "")
