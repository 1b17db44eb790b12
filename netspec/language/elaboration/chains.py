"""Copies of layers in a mapping, chained or parallel, and layers that run once for each of several tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ...diagnostics import LocatedError, clip, unpack
from ...ir import Trace
from ..reading.expression_functions import describe_value
from ..reading.layers import Layer
from ..reading.references import References
from ..reading.written_values import NameTemplate
from .copies import CELLS, Copy, copies_of
from .draft_graph import ScopeTree
from .environment import Cells
from .names import NO_COPIES, Entry, LexicalScope, Several
from .sharing import Sharing
from .wiring import Wiring

if TYPE_CHECKING:
    from .stacks import Stack


class Chains:
    """Elaborates the copies of a layer.

    Args:
        tree: the scopes.
        sharing: the weights.
        wiring: determines the inputs of copies.
        name: returns the name of a layer with its expressions evaluated.
        present: elaborates one copy, or returns its first input if ``when`` leaves it out.
        define: assigns an entry to a name.
    """

    def __init__(
        self,
        tree: ScopeTree,
        sharing: Sharing,
        wiring: Wiring,
        name: Callable[[NameTemplate, LexicalScope, Cells], str],
        present: Callable[[Layer, str, LexicalScope, Copy, Entry | None], Entry],
        define: Callable[[LexicalScope, str, Entry, int], None],
    ) -> None:
        self._tree = tree
        self._sharing = sharing
        self._wiring = wiring
        self._name = name
        self._present = present
        self._define = define

    def copies(self, layer: Layer, scope: LexicalScope, cells: Cells, *, have_one_name: bool = False) -> Iterator[Copy]:
        """Yields the copies of a layer, which may be children of one name. Raises LocatedError."""
        resolver = self._wiring.resolver
        if layer.stacked is not None and layer.route is None and not have_one_name:
            from .stacks import check_not_stacked  # loaded only for copies with `stacked`

            check_not_stacked(layer.stacked, resolver.environment(scope, cells))
        parallel = False
        if layer.parallel is not None:
            parallel = layer.parallel.evaluate(resolver.environment(scope, cells))
            if type(parallel) is not bool:
                message = f"parallel must be true or false; found {describe_value(parallel)}"
                raise LocatedError("NS203", message, layer.parallel.location)
        return copies_of(layer, cells, lambda cells: resolver.environment(scope, cells), resolver.budget, parallel)

    def separate(
        self, layer: Layer, name: NameTemplate, scope: LexicalScope, cells: Cells, previous: Entry | None
    ) -> Entry | None:
        """Elaborates copies whose names contain an expression, which are separate layers of the enclosing scope.

        Returns:
            The default input of the next layer.
        """
        last: Entry | None = None
        side_by_side: dict[str, Entry] = {}
        for copy in self.copies(layer, scope, cells):
            copy_name = self._name(name, scope, copy.cells)
            reads = previous if last is None or copy.parallel else last
            entry = self._present(layer, copy_name, scope, copy, reads)
            self._define(scope, copy_name, entry, layer.location)
            last = entry
            if copy.parallel:
                side_by_side[copy_name] = entry
        if side_by_side:
            return Several(name.text, side_by_side)
        return previous if last is None or not last.passes_on else last

    def children(self, layer: Layer, name: str, scope: LexicalScope, cells: Cells, previous: Entry | None) -> Entry:
        """Elaborates copies as children of a name: by number, by row, or by row and then number."""
        full_name = self._tree.claim(scope.draft, name, layer.location)
        trace = Trace(unpack(layer.location), scope.draft.trace, f"'{clip(full_name)}'")
        draft = self._tree.open(full_name, scope.draft, trace)
        draft.doc = layer.doc
        chain = scope.inside(draft)
        rows: dict[str, LexicalScope] = {}
        last: Entry | None = None
        parallel = False
        stack: Stack | None = None
        resolver = self._wiring.resolver
        start = len(resolver.graph.nodes)
        for copy in self.copies(layer, scope, cells, have_one_name=True):
            if copy.number == 0 and layer.stacked is not None:
                from .stacks import stack_of  # loaded only for copies with `stacked`

                stack = stack_of(layer.stacked, resolver.environment(scope, cells), draft, copy.total)
            parallel = copy.parallel
            target = chain
            row = copy.path[0]
            if len(copy.path) == 2:
                if row not in rows:
                    row_name = self._tree.claim(draft, row, layer.location)
                    rows[row] = chain.inside(self._tree.open(row_name, draft, trace))
                target = rows[row]
            copy_name = copy.path[-1]
            reads = previous if last is None or parallel else last
            if stack is not None:
                stack.number = copy.number
                with self._sharing.run(stack):
                    entry = self._present(layer, copy_name, target, copy, reads)
            else:
                entry = self._present(layer, copy_name, target, copy, reads)
            self._define(target, copy_name, entry, layer.location)
            if target is not chain:
                of_row = Several(row, target.names, target) if parallel else entry.of_chain(target.draft.name, target)
                chain.define(row, of_row)
            last = entry
        if stack is not None and layer.stacked is not None and not self._sharing.has_failed(full_name):
            stack.check(layer.stacked.location)
            resolver.graph.move_to(start, draft)
        if parallel:
            for row, target in rows.items():
                _side_by_side(target, row)
        if last is None:
            return self._wiring.stand_in(layer, name, scope, Copy((), cells, 0, 1, True), previous, NO_COPIES)
        return _side_by_side(chain, name) if parallel else last.of_chain(full_name, chain)

    def mapped(self, layer: Layer, tensors: References, name: str, scope: LexicalScope, cells: Cells) -> Entry:
        """Elaborates a layer that runs once for each of several tensors, with the same weights."""
        resolver = self._wiring.resolver
        entries = resolver.resolve(tensors, scope, cells)
        full_name = self._tree.claim(scope.draft, name, layer.location)
        trace = Trace(unpack(layer.location), scope.draft.trace, f"'{clip(full_name)}'")
        draft = self._tree.open(full_name, scope.draft, trace)
        draft.doc = layer.doc
        runs = scope.inside(draft)
        resolver.budget.spend(len(entries) * (1 + len(cells) // CELLS), layer.location)
        for number, entry in enumerate(entries):
            copy = Copy((str(number),), {**cells, "index": number}, number, len(entries), True, parallel=True)
            with self._sharing.run(f"{full_name}.{number}"):
                run = self._present(layer, str(number), runs, copy, entry)
            self._define(runs, str(number), run, layer.location)
        return _side_by_side(runs, name, "map")


def _side_by_side(scope: LexicalScope, name: str, kind: str = "parallel") -> Entry:
    """Returns the entry of copies that do not read each other."""
    entry = Several(name, scope.names, scope)
    scope.draft.copies = kind
    scope.draft.outputs = tuple(_values(entry, ""))
    return entry


def _values(entry: Entry, name: str) -> Iterator[tuple[str, int]]:
    """Yields the values of an entry with their names."""
    if isinstance(entry, Several):
        for key, member in entry.members.items():
            yield from _values(member, f"{name}.{key}" if name else key)
    elif entry.value is not None:
        yield name, entry.value
