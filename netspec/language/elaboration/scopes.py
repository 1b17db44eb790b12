"""The layers of a scope, one after the other: lists, mappings, and chains of copies.

Each layer results in an :class:`Entry`. A layer that fails results in the entry ``FAILED``, and what reads it is left
out without a message. Scopes nest by recursion, at most 64 deep; nothing else recurses.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ...diagnostics import LocatedError, clip, unpack
from ...ir import Trace
from ...ops import TABLE
from ..reading.argument_checks import check_exists
from ..reading.document import Document
from ..reading.evaluation import FailedInputError
from ..reading.functions import describe_value
from ..reading.layers import Layer, Layers
from ..reading.references import Reference, check_layer_name
from ..reading.values import NameTemplate, Value
from .bindings import DocumentParameters
from .block_scopes import BlockBuilder
from .budget import Budget
from .copies import Copy, Instance, copies_of
from .draft import DraftGraph, ScopeTree
from .environment import Cells
from .names import FAILED, NO_COPIES, Entry, LexicalScope, StandIn
from .nodes import NodeBuilder
from .problems import Problems
from .resolver import Resolver
from .sharing import Loan, Sharing
from .wiring import Wiring, condition_parameter, inputs_by_name

if TYPE_CHECKING:
    from .failures import Failures
    from .repairs import Repairs


class Elaborator:
    """Elaborates the layers of scopes into a graph."""

    def __init__(
        self, document: Document, parameters: dict[str, Any], budget: Budget, repairs: Repairs | None = None
    ) -> None:
        self.budget = budget
        self._repairs = repairs
        self.problems = Problems(budget.end_soon)
        self.graph = DraftGraph()
        self.tree = ScopeTree()
        self.sharing = Sharing()
        self._failures: Failures | None = None
        self.resolver = Resolver(self.graph, budget)
        self.wiring = Wiring(self.resolver)
        values = DocumentParameters(document, parameters, budget.charge_expression)
        self.nodes = NodeBuilder(self.graph, self.tree, self.sharing, self.wiring, values)
        self.blocks = BlockBuilder(self.tree, self.resolver, self.problems, budget, values, self.layers)

    # -- the layers of a scope ---------------------------------------------------------------------------------------
    def layers(self, layers: Layers, scope: LexicalScope, cells: Cells, previous: Entry | None) -> Entry | None:
        """Elaborate the layers of a scope.

        Args:
            layers: the layers as they are written.
            scope: their scope.
            cells: values bound by ``each`` and ``repeat`` around them.
            previous: what the first of them reads by default, if anything.

        Returns:
            What a further layer would read by default.
        """
        if not layers.listed:
            names = [layer.name.text for layer in layers.items if layer.name is not None and layer.name.constant]
            scope.upcoming = frozenset(names)
        elaborate = self._listed if layers.listed else self._named
        for layer in layers.items:
            readable: Layer | None = layer
            if layer.misread is not None:
                readable = self._repaired(layer, scope, cells, previous)
            if readable is None:
                previous = self._misread(layer, scope, previous)
            else:
                previous = elaborate(readable, scope, cells, previous)
        return previous

    def _repaired(self, layer: Layer, scope: LexicalScope, cells: Cells, previous: Entry | None) -> Layer | None:
        """What a layer that could not be read stands for, in a trial; otherwise None."""
        if self._repairs is None:
            return None

        def window_axes(layer: Layer) -> int | None:
            first: Entry | None = None
            with suppress(LocatedError, FailedInputError):
                first = self.wiring.first_input(layer, scope, Copy((), cells, 0, 1, True), previous)
            return self.graph.types[first.value].rank - 1 if first is not None and first.value is not None else None

        return self._repairs.layer(layer, window_axes)

    def _misread(self, layer: Layer, scope: LexicalScope, previous: Entry | None) -> Entry:
        """A layer whose text has a problem, which has been reported: what reads it is left out."""
        assert layer.misread is not None
        self.budget.spend(1, layer.location)
        name = layer.name.text if layer.name is not None else str(scope.next_number)
        if layer.name is None:
            scope.next_number += 1
        if layer.misread.has_copies or (layer.name is not None and not layer.name.constant):
            scope.mark_incomplete()
        scope.define(name, FAILED)
        self._fail(layer, name, scope, [previous] if layer.misread.reads_previous else [])
        return FAILED

    def _fail(self, layer: Layer, name: str, scope: LexicalScope, inputs: list[Entry | None]) -> None:
        """Record that a layer failed."""
        if self._failures is None:
            from .failures import Failures  # loaded only for an invalid spec

            self._failures = Failures(self.graph, self.sharing)
        self._failures.add(layer, scope.draft.full_name(name), scope, inputs)

    def _listed(self, layer: Layer, scope: LexicalScope, cells: Cells, previous: Entry | None) -> Entry | None:
        """A layer of a list: its copies take consecutive numbers in it."""
        last: Entry | None = None  # the copy before
        entered = False  # whether the layers of ``inline`` have been elaborated once
        try:
            for copy in self._copies(layer, scope, cells):
                reads = previous if last is None else last
                if not self.wiring.is_present(layer, scope, copy, reads):
                    scope.draft.left_out_items.append((scope.next_number, condition_parameter(layer, scope)))
                    if copy.total > 1 and not layer.inline:
                        last = self.wiring.stand_in(layer, str(scope.next_number), scope, copy, reads)
                elif layer.inline and layer.inner is not None:
                    if layer.source is not None and not entered:
                        sources = self.resolver.resolve(layer.source, scope, copy.cells)
                        previous = inputs_by_name(("input",), sources, "'inline'", layer.source.location)["input"]
                    entered = True
                    previous = self.layers(layer.inner, scope, copy.cells, previous)
                else:
                    name = str(scope.next_number)
                    scope.next_number += 1
                    last = self._instance(layer, name, scope, copy, reads)
                    scope.define(name, last)
                    previous = last if last.passes_on else previous
        except LocatedError as error:
            if self._is_left_out(layer, scope, cells, previous):
                return previous
            self.problems.add(error, scope.draft.trace, layer.location)
        except FailedInputError:
            pass
        else:
            return previous
        scope.mark_incomplete()  # the number of its copies is unknown
        self._fail(layer, str(scope.next_number), scope, [previous])
        return FAILED

    def _named(self, layer: Layer, scope: LexicalScope, cells: Cells, previous: Entry | None) -> Entry | None:
        """A layer of a mapping: its copies are children of its name, unless the name contains an expression."""
        assert layer.name is not None
        name = layer.name.text
        entry: Entry
        try:
            if layer.repeat is None and layer.each is None:
                name = self._name(layer.name, scope, cells)
                entry = self._present_or_input(layer, name, scope, Copy((), cells, 0, 1, True), previous)
            elif layer.name.constant:
                entry = self._chain(layer, name, scope, cells, previous)
            else:
                return self._separate_copies(layer, layer.name, scope, cells, previous)
        except LocatedError as error:
            if self._is_left_out(layer, scope, cells, previous):
                scope.draft.left_out.append(name)
                entry = self.wiring.stand_in(layer, name, scope, Copy((), cells, 0, 1, True), previous)
            else:
                self.problems.add(error, scope.draft.trace, layer.location)
                entry = FAILED
        except FailedInputError:
            entry = FAILED
        if entry is FAILED and not layer.name.constant:
            scope.mark_incomplete()
        self._define(scope, name, entry, layer.location)
        return entry if entry.passes_on else previous

    def _present_or_input(
        self, layer: Layer, name: str, scope: LexicalScope, copy: Copy, previous: Entry | None
    ) -> Entry:
        """The layer, or its first input if ``when`` leaves it out."""
        if self.wiring.is_present(layer, scope, copy, previous):
            return self._instance(layer, name, scope, copy, previous)
        scope.draft.left_out.append(name)
        return self.wiring.stand_in(layer, name, scope, copy, previous)

    def _is_left_out(self, layer: Layer, scope: LexicalScope, cells: Cells, previous: Entry | None) -> bool:
        """Whether ``when`` leaves out a layer whose name or copies cannot be determined."""
        with suppress(LocatedError, FailedInputError):
            return not self.wiring.is_present(layer, scope, Copy((), cells, 0, 1, True), previous)
        return False

    def _define(self, scope: LexicalScope, name: str, entry: Entry, location: int) -> None:
        """Give a name its entry, and report a name that is used twice."""
        if name in scope.names and entry.full_name:
            error = LocatedError("NS303", f"there are two layers named '{clip(name)}' here", location)
            self.problems.add(error, scope.draft.trace, location)
        scope.define(name, entry)

    # -- copies ------------------------------------------------------------------------------------------------------
    def _copies(self, layer: Layer, scope: LexicalScope, cells: Cells) -> Iterator[Copy]:
        return copies_of(layer, cells, lambda cells: self.resolver.environment(scope, cells), self.budget)

    def _separate_copies(
        self, layer: Layer, name: NameTemplate, scope: LexicalScope, cells: Cells, previous: Entry | None
    ) -> Entry | None:
        """Copies that each have a name of their own in the scope where they are written."""
        last: Entry | None = None
        for copy in self._copies(layer, scope, cells):
            copy_name = self._name(name, scope, copy.cells)
            entry = self._present_or_input(layer, copy_name, scope, copy, previous if last is None else last)
            self._define(scope, copy_name, entry, layer.location)
            last = entry
        return previous if last is None or not last.passes_on else last

    def _chain(self, layer: Layer, name: str, scope: LexicalScope, cells: Cells, previous: Entry | None) -> Entry:
        """Copies as children of a name: by number, by row, or by row and then number."""
        full_name = self.tree.claim(scope.draft, name, layer.location)
        trace = Trace(unpack(layer.location), scope.draft.trace, f"'{clip(full_name)}'")
        draft = self.tree.open(full_name, scope.draft, trace)
        draft.doc = layer.doc
        chain = scope.inside(draft)
        rows: dict[str, LexicalScope] = {}
        last: Entry | None = None
        for copy in self._copies(layer, scope, cells):
            target = chain
            if len(copy.path) == 2:
                row = copy.path[0]
                if row not in rows:
                    row_name = self.tree.claim(draft, row, layer.location)
                    rows[row] = chain.inside(self.tree.open(row_name, draft, trace))
                target = rows[row]
            copy_name = copy.path[-1]
            entry = self._present_or_input(layer, copy_name, target, copy, previous if last is None else last)
            self._define(target, copy_name, entry, layer.location)
            if target is not chain:
                chain.define(copy.path[0], entry.of_chain(target.draft.name, target))
            last = entry
        if last is not None:
            return last.of_chain(full_name, chain)
        return self.wiring.stand_in(layer, name, scope, Copy((), cells, 0, 1, True), previous, NO_COPIES)

    # -- one layer ---------------------------------------------------------------------------------------------------
    def _name(self, name: NameTemplate, scope: LexicalScope, cells: Cells) -> str:
        """The name of a layer with its expressions evaluated. Raises LocatedError."""
        if name.constant:
            return name.text
        return check_layer_name(name.evaluate(self.resolver.environment(scope, cells)), name.location)

    def _instance(self, layer: Layer, name: str, scope: LexicalScope, copy: Copy, previous: Entry | None) -> Entry:
        """One layer, or one copy of it: ``FAILED`` if there is a problem, which is reported."""
        inputs: list[Entry] = []
        try:
            self.budget.spend(1, layer.location)
            full_name = self.tree.claim(scope.draft, name, layer.location)
            inputs = self.wiring.inputs(layer, scope, copy, previous)
            instance = Instance(layer, full_name, scope, copy, inputs)
            if layer.share is None and layer.freeze is None:
                return self._build(instance)
            return self._build_with_weights(instance)
        except LocatedError as error:
            self.problems.add(error, scope.draft.trace, layer.location)
        except FailedInputError:
            pass
        self._fail(layer, name, scope, [previous, *inputs])
        return FAILED

    def _build_with_weights(self, instance: Instance) -> Entry:
        """A layer with ``share`` or ``freeze``. Raises LocatedError NS309 if there is nothing to share."""
        layer, scope, cells = instance.layer, instance.scope, instance.copy.cells
        loan: Loan | None = None
        error: LocatedError | None = None
        lender = self._lender(layer.share, scope, cells) if layer.share is not None else None
        if lender is not None:
            lender_name, error = lender
            loan = Loan(instance.name, lender_name)
        frozen: bool | None = None
        if layer.freeze is not None:
            frozen = layer.freeze.evaluate(self.resolver.environment(scope, cells))
            if type(frozen) is not bool:
                message = f"freeze must be true or false; found {describe_value(frozen)}"
                raise LocatedError("NS203", message, layer.freeze.location)
        with self.sharing.applied(loan, frozen):
            entry = self._build(instance)
        if loan is not None and error is not None and not loan.count:
            if self.sharing.is_unknown(loan):
                raise FailedInputError
            raise error
        return entry

    def _lender(self, share: Reference, scope: LexicalScope, cells: Cells) -> tuple[str, LocatedError] | None:
        """The full name of the layer that lends its weights, and the error to raise if it has none that fit.

        It may be the beginning of dotted names that is no layer itself: ``t`` for the layer ``t.weight``. None if
        ``share`` is ``false``.
        """
        try:
            entry = self.resolver.optional(share, "'share'", scope, cells)
        except LocatedError as error:
            name = share.evaluate(self.resolver.environment(scope, cells))
            if error.code != "NS301" or not isinstance(name, str):
                raise
            return scope.draft.full_name(name), error
        if entry is None:
            return None
        if isinstance(entry, StandIn):
            message = f"'{clip(entry.name)}' {entry.omission}: it has no weights to share"
            raise LocatedError("NS304", message, share.location)
        if entry.value is None:
            raise FailedInputError
        name = clip(entry.full_name)
        message = f"there is nothing to share: no weight of '{name}' has the name and shape of one here"
        return entry.full_name, LocatedError("NS309", message, share.location)

    def _build(self, instance: Instance) -> Entry:
        """The node of an operation, the use of a block, or a block in place, with its activation."""
        layer = instance.layer
        if layer.inner is not None:
            entry = self.blocks.build_in_place(instance)
        elif layer.head is not None:
            entry = self._operation_or_block(instance, layer.head)
        else:
            raise FailedInputError  # the problem with its text has been reported
        if layer.activation is not None:
            entry = self.nodes.activate(instance, entry)
        return entry

    def _operation_or_block(self, instance: Instance, head: Value) -> Entry:
        scope, location = instance.scope, instance.layer.head_location
        incoming = instance.inputs[0] if instance.inputs else None
        environment = self.resolver.environment(scope, instance.copy.cells, incoming)
        name = head.evaluate(environment)
        if type(name) is not str:
            message = f"an operation or block is named by text; found {describe_value(name)}"
            raise LocatedError("NS206", message, location)
        block = scope.document.blocks.get(name)
        if block is not None:
            return self.blocks.use(instance, block, environment)
        if name not in TABLE and not scope.document.blocks.is_complete:
            raise FailedInputError
        check_exists(name, scope.document.blocks, location)
        return self.nodes.build(instance, name, environment)
