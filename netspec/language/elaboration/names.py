"""Lexical scopes, in which names are looked up."""

from __future__ import annotations

from functools import partial
from typing import Any, TypeAlias

from ...diagnostics import clip, suggestion
from ..reading.document import Document
from ..reading.evaluation import FailedInputError
from .draft_graph import DraftScope
from .entries import (
    FAILED,
    LEFT_OUT,
    NO_COPIES,
    Absent,
    Entry,
    Several,
    StandIn,
    UnknownReferenceError,
    Weights,
    check_present,
    tensors,
    values_of,
)

__all__ = [
    "FAILED",
    "LEFT_OUT",
    "NO_COPIES",
    "Absent",
    "Entry",
    "LexicalScope",
    "Several",
    "StandIn",
    "UnknownReferenceError",
    "Weights",
    "check_present",
    "tensors",
    "values_of",
]


_Beginnings: TypeAlias = dict[str, "_Beginnings"]


class LexicalScope:
    """The names to which the layers of one scope can refer.

    Names are looked up through the chain of enclosing scopes and are never copied.
    """

    __slots__ = (
        "_beginnings",
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
        """The corresponding scope of the graph."""
        self.parent = parent
        """The enclosing scope whose names are visible; None for the network and for a use of a block."""
        self.parameters = parameters
        """Values of the visible parameters."""
        self.inputs = inputs
        self.document = document
        """The document that contains its layers."""
        self.names: dict[str, Entry] = {}
        """The layers so far, added by :meth:`define`."""
        self.dots = 0
        """Maximum number of dots in one of those names."""
        self._beginnings: _Beginnings = {}
        """Prefixes of dotted names: for each part, the parts that may follow it."""
        self.upcoming: frozenset[str] = frozenset()
        """Names of all layers of the scope, to recognise references to later ones."""
        self._is_incomplete = False
        """Whether it contains layers whose names are unknown due to a problem."""
        self.next_number = 0
        """The number of the next layer of a list, which is its name."""

    def inside(self, draft: DraftScope) -> LexicalScope:
        """Returns a scope for the copies of a chain, with its own names, that sees everything this one sees."""
        return LexicalScope(draft, self, self.parameters, {}, self.document)

    def define(self, name: str, entry: Entry) -> None:
        """Adds a layer."""
        self.names[name] = entry
        if "." in name:
            self.dots = max(self.dots, name.count("."))
            inside = self._beginnings
            for part in name.split("."):
                inside = inside.setdefault(part, {})

    def begins_a_name(self, name: str) -> bool:
        """Whether the dotted name of a visible layer begins with this name and a dot."""
        parts = name.split(".")
        scope: LexicalScope | None = self
        while scope is not None:
            inside: _Beginnings | None = scope._beginnings
            for part in parts:
                inside = inside.get(part) if inside else None
            if inside:
                return True
            scope = scope.parent
        return False

    def find_here(self, parts: list[str]) -> Entry | None:
        """Looks up a dotted name in this scope only. Names of layers may themselves contain dots."""
        for count in range(min(len(parts), self.dots + 1), 0, -1):
            entry = self.names.get(".".join(parts[:count]) if count > 1 else parts[0])
            if entry is not None and (inner := entry.find(parts[count:])) is not None:
                return inner
        return None

    def input(self, name: str) -> Entry | None:
        """Returns an input of the scope by name, or the only one as ``input``."""
        entry = self.inputs.get(name)
        if entry is None and name == "input" and len(self.inputs) == 1:
            return next(iter(self.inputs.values()))
        return entry

    def mark_incomplete(self) -> None:
        """Records that the scope contains layers with unknown names, to which an unknown name may refer."""
        self._is_incomplete = True

    @property
    def has_unknown_names(self) -> bool:
        """Whether an unknown name may belong to a layer with a problem, here or in an enclosing scope."""
        scope: LexicalScope | None = self
        while scope is not None:
            if scope._is_incomplete:
                return True
            scope = scope.parent
        return False

    def lookup(self, name: str) -> Entry | None:
        """Returns the entry of a dotted name, here or in an enclosing scope, or None."""
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
        """Returns the entry of a dotted name.

        Raises UnknownReferenceError, or FailedInputError (it may have failed).
        """
        entry = self.lookup(name)
        if entry is None:
            if self.has_unknown_names:
                raise FailedInputError
            raise self._unresolved(name)
        return entry

    def find_all(self, name: str) -> list[Entry]:
        """Returns the matches of a name in order; several if it contains ``*``. Raises UnknownReferenceError."""
        if "*" not in name:
            return [self.find(name)]
        head, *tails = name.split(".*")
        start = self.lookup(head) or self._beginning(head) or self.find(head)
        entries = [start]
        for tail in tails:
            entries = [child for entry in entries for child in entry.children()]
            if tail:
                parts = tail[1:].split(".") if tail.startswith(".") else [""]
                inner = [entry.find(parts) for entry in entries]
                entries = [entry for entry in inner if entry is not None]
                if len(entries) < len(inner):
                    raise UnknownReferenceError("NS301", f"there is no '{clip(tail[1:])}' in each of '{clip(head)}.*'")
        if not entries and not isinstance(start, Several):
            if start.has_failed:
                raise FailedInputError
            message = "contains nothing that '.*' could stand for"
            if isinstance(start, (Absent, StandIn)):
                raise UnknownReferenceError("NS304", f"'{clip(start.name)}' {start.omission}: it {message}")
            raise UnknownReferenceError("NS301", f"'{clip(head)}' {message}")
        return entries

    def _beginning(self, name: str) -> Entry | None:
        """Returns the layers whose names begin with a name and a dot, here or in an enclosing scope, or None."""
        scope: LexicalScope | None = self
        while scope is not None:
            inner = {n[len(name) + 1 :]: e for n, e in scope.names.items() if n.startswith(f"{name}.")}
            if inner:
                return Several(name, inner)
            scope = scope.parent
        return None

    def visible_names(self) -> list[str]:
        """Returns all names visible to a layer, those of this scope first."""
        names: list[str] = []
        scope: LexicalScope | None = self
        while scope is not None:
            names += [*scope.names, *scope.inputs, *(("input",) if len(scope.inputs) == 1 else ())]
            scope = scope.parent
        return names

    def local_name(self, entry: Entry) -> str:
        """Returns the name by which a layer of this scope would refer to a value."""
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
        from ...words.mistaken_forms import reference_help  # loaded only where something is wrong

        meant = reference_help(name, list(self.names), lambda n: self.lookup(n) is not None)
        otherwise = suggestion(name, self.visible_names)
        message = f"no layer before this is named '{clip(name)}'"
        return UnknownReferenceError("NS301", message, help=meant if meant is not None else otherwise)


def _listing(names: list[str]) -> str | None:
    if not names:
        return None
    return f"it contains {', '.join(clip(n) for n in names[:8])}" + (", …" if len(names) > 8 else "")
