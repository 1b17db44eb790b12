"""Resolves references to layers, and records which values are read."""

from __future__ import annotations

from typing import NamedTuple

from ...diagnostics import LocatedError
from ..reading.references import Reference, References
from .budget import Budget
from .draft_graph import DraftGraph
from .environment import Cells, Incoming, LayerEnvironment
from .names import Entry, LexicalScope, UnknownReferenceError, check_present


class Names(NamedTuple):
    """References whose expressions have been evaluated."""

    names: list[tuple[str, int]]
    """Each name, and the location of its reference."""
    listed: bool
    """Whether they form a list (as written, as the value of an expression, or due to a star)."""


_LOOKUPS = 10
"""Number of names looked up in a scope that cost one step."""


class Resolver:
    """Resolves references in a graph under construction."""

    def __init__(self, graph: DraftGraph, budget: Budget | None = None) -> None:
        self.graph = graph
        self.budget = budget if budget is not None else Budget()
        """Charged with references and with all expressions on layers."""

    def environment(self, scope: LexicalScope, cells: Cells, incoming: Incoming = None) -> LayerEnvironment:
        """Returns the environment of the expressions on a layer."""
        return LayerEnvironment(scope, cells, self.graph.types, incoming, self.budget.charge_expression)

    def names(self, references: References, scope: LexicalScope, cells: Cells, *, empty: bool = False) -> Names:
        """Returns the names in references. Raises LocatedError, including NS305 if there are none, unless ``empty``."""
        names: list[tuple[str, int]] = []
        listed = references.listed
        for reference in references.names:
            if reference.constant:
                names.append((reference.text, reference.location))
                continue
            value = reference.evaluate(self.environment(scope, cells))
            listed = listed or not isinstance(value, str)
            names += [(name, reference.location) for name in ([value] if isinstance(value, str) else value)]
        if not names and not empty:
            message = "at least one name of a layer is needed here; the list is empty"
            raise LocatedError("NS305", message, references.location)
        return Names(names, listed or (bool(names) and ".*" in names[0][0]))

    def find(self, name: str, location: int, scope: LexicalScope) -> list[Entry]:
        """Returns the entries of a name; several if it contains ``*``. Raises LocatedError."""
        # Names may contain dots, so every prefix of the reference is looked up in every enclosing scope.
        lookups = (name.count(".") + 1) * (scope.draft.depth + 1)
        if lookups >= _LOOKUPS:
            self.budget.spend(lookups // _LOOKUPS, location)
        try:
            entries = scope.find_all(name)
        except UnknownReferenceError as error:
            raise LocatedError(error.code, error.message, location, help=error.find_help) from None
        self.budget.spend(len(entries), location)
        for entry in entries:
            if entry.value is not None:
                self.graph.read.add(entry.value)
        return entries

    def entries(self, names: Names, scope: LexicalScope) -> list[Entry]:
        """Returns the entries of all names, in order. Raises LocatedError."""
        entries: list[Entry] = []
        for name, location in names.names:
            results = self.find(name, location, scope)
            check_present(results, location)
            entries += results
        return entries

    def resolve(self, references: References, scope: LexicalScope, cells: Cells) -> list[Entry]:
        """Returns the entries of all references, in order. Raises LocatedError."""
        return self.entries(self.names(references, scope, cells), scope)

    def optional(
        self, reference: Reference, what: str, scope: LexicalScope, cells: Cells, incoming: Incoming = None
    ) -> Entry | None:
        """Returns the entry of the only layer that ``what`` may name; None if the reference is ``false``.

        Raises:
            LocatedError: NS305, there are several; or the name refers to nothing.
        """
        if reference.constant:
            names = [reference.text]
        else:
            value = reference.evaluate(self.environment(scope, cells, incoming))
            names = [value] if isinstance(value, str) else value
        entries = self.entries(Names([(name, reference.location) for name in names], True), scope)
        if len(entries) > 1:
            raise LocatedError("NS305", f"{what} names one layer; found {len(entries)}", reference.location)
        return entries[0] if entries else None
