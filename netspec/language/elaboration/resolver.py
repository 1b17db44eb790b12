"""References to layers: resolving them to entries, and recording which values are read."""

from __future__ import annotations

from ...diagnostics import LocatedError, clip
from ..reading.evaluation import Charge, charge_nothing
from ..reading.references import References
from ..reading.values import NameTemplate
from .draft import DraftGraph
from .environment import Cells, LayerEnvironment
from .names import Absent, Entry, LexicalScope, UnknownReferenceError


class Resolver:
    """Resolves references in a graph under construction."""

    def __init__(self, graph: DraftGraph, charge: Charge = charge_nothing) -> None:
        self.graph = graph
        self.charge = charge
        """Receives the steps of all expressions on layers."""

    def environment(self, scope: LexicalScope, cells: Cells, incoming: Entry | None = None) -> LayerEnvironment:
        """The environment of the expressions on a layer."""
        return LayerEnvironment(scope, cells, self.graph.types, incoming, self.charge)

    def find(self, name: NameTemplate, scope: LexicalScope, cells: Cells) -> list[Entry]:
        """The entries that a reference leads to: several if it contains ``*``. Raises LocatedError."""
        text = name.text if name.constant else name.evaluate(self.environment(scope, cells))
        try:
            entries = scope.find_all(text)
        except UnknownReferenceError as error:
            raise LocatedError(error.code, error.message, name.location, help=error.find_help) from None
        for entry in entries:
            if entry.value is not None:
                self.graph.read.add(entry.value)
        return entries

    def resolve(self, references: References, scope: LexicalScope, cells: Cells) -> list[Entry]:
        """The entries that all of the references lead to, in order. Raises LocatedError."""
        entries: list[Entry] = []
        for name in references.names:
            for entry in self.find(name, scope, cells):
                if isinstance(entry, Absent):
                    message = f"'{clip(entry.full_name)}' is left out by its 'when', and has no input to stand for it"
                    raise LocatedError("NS304", message, name.location)
                entries.append(entry)
        return entries
