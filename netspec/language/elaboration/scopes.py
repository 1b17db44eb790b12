"""Elaborates the layers of a scope in order: lists, mappings, and chains of copies.

Each layer results in an :class:`Entry`. A failed layer results in the entry ``FAILED``, and its readers are omitted
without a message. Only scopes nest by recursion, at most 64 levels deep.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ...diagnostics import LocatedError, clip
from ...ops import TABLE
from ..reading.argument_checks import check_exists
from ..reading.document import Block, Document
from ..reading.evaluation import FailedInputError
from ..reading.expression_functions import describe_value
from ..reading.layers import Layer, Layers
from ..reading.references import References, check_layer_name
from ..reading.written_values import NameTemplate, WrittenValue
from .bindings import DocumentParameters
from .block_inputs import inputs_by_name
from .block_scopes import BlockBuilder
from .budget import Budget
from .chains import Chains
from .copies import Copy, Instance
from .draft_graph import DraftGraph, ScopeTree
from .elaboration_problems import Problems
from .environment import Cells
from .names import FAILED, LEFT_OUT, Absent, Entry, LexicalScope, Several, check_present
from .nodes import NodeBuilder
from .resolver import Resolver
from .sharing import Sharing
from .wiring import Wiring, condition_parameter

if TYPE_CHECKING:
    from ...shapes.named_sizes import NamedSizes
    from .failures import Failures
    from .repairs import Repairs


class Elaborator:
    """Elaborates the layers of scopes into a graph."""

    def __init__(
        self,
        document: Document,
        parameters: dict[str, Any],
        budget: Budget,
        repairs: Repairs | None = None,
        named: NamedSizes | None = None,
    ) -> None:
        self.budget = budget
        self.named = named
        """The named dimensions, which collect conditions; None if all sizes are numbers."""
        self._repairs = repairs
        self.problems = Problems(budget.end_soon)
        self.graph = DraftGraph()
        self.tree = ScopeTree()
        self.sharing = Sharing()
        self._failures: Failures | None = None
        self.resolver = Resolver(self.graph, budget)
        self.wiring = Wiring(self.resolver)
        values = DocumentParameters(document, parameters, budget.charge_expression)
        self.chains = Chains(self.tree, self.sharing, self.wiring, self._name, self.present_or_input, self.define)
        self.nodes = NodeBuilder(self.graph, self.tree, self.sharing, self.wiring, values, self.problems)
        self.nodes.build_in_place = self._build_in_place
        self.blocks = BlockBuilder(self.nodes, self.resolver, self.problems, budget, values, self.layers)

    # -- the layers of a scope ---------------------------------------------------------------------------------------
    def layers(self, layers: Layers, scope: LexicalScope, cells: Cells, previous: Entry | None) -> Entry | None:
        """Elaborates the layers of a scope.

        Args:
            layers: the layers as written.
            scope: their scope.
            cells: values bound by enclosing ``each`` and ``repeat``.
            previous: the default input of the first layer, if any.

        Returns:
            The default input of the next layer.
        """
        if not layers.listed:
            names = [layer.name.text for layer in layers.items if layer.name is not None and layer.name.constant]
            scope.upcoming = frozenset(names)
        elaborate = self._listed if layers.listed else self._named
        for layer in layers.items:
            steps = self.budget.steps
            if self.named is not None:
                self.named.location = layer.location  # for conditions from 'when' and 'repeat'
            readable: Layer | None = layer
            if layer.misread is not None:
                readable = self._repaired(layer, scope, cells, previous)
            if readable is None:
                previous = self._misread(layer, scope, previous)
            else:
                previous = elaborate(readable, scope, cells, previous)
            if self.budget.steps == steps:  # it was left out
                self.budget.spend(1, layer.location)
        return previous

    def _repaired(self, layer: Layer, scope: LexicalScope, cells: Cells, previous: Entry | None) -> Layer | None:
        """Returns the translation of a layer that could not be read; None without repairs."""
        if self._repairs is None:
            return None

        def window_axes(layer: Layer) -> int | None:
            first: Entry | None = None
            with suppress(LocatedError, FailedInputError):
                first = self.wiring.first_input(layer, scope, Copy((), cells, 0, 1, True), previous)
            return self.graph.types[first.value].rank - 1 if first is not None and first.value is not None else None

        return self._repairs.layer(layer, window_axes)

    def _misread(self, layer: Layer, scope: LexicalScope, previous: Entry | None) -> Entry:
        """Adds the failed entry of a layer whose problem has been reported."""
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
        """Records that a layer failed."""
        if self._failures is None:
            from .failures import Failures  # loaded only for an invalid spec

            self._failures = Failures(self.graph, self.sharing)
        self._failures.add(layer, scope.draft.full_name(name), scope, inputs)

    def _listed(self, layer: Layer, scope: LexicalScope, cells: Cells, previous: Entry | None) -> Entry | None:
        """Elaborates a layer of a list; its copies take consecutive numbers."""
        if layer.map is not None:
            return self._mapped_item(layer, layer.map, scope, cells)
        last: Entry | None = None  # the previous copy
        start, side_by_side = previous, dict[str, Entry]()
        entered = False  # whether the layers of ``inline`` have been elaborated once
        try:
            for copy in self.chains.copies(layer, scope, cells):
                reads = start if copy.parallel else previous if last is None else last
                if not self.wiring.is_present(layer, scope, copy, reads):
                    scope.draft.left_out_items.append((scope.next_number, condition_parameter(layer, scope)))
                    if copy.total > 1 and not layer.inline:
                        last = self.wiring.stand_in(layer, str(scope.next_number), scope, copy, reads)
                elif layer.inline and layer.inner is not None:
                    if not entered:
                        previous = self._inline_input(layer, scope, copy, previous)
                    entered = True
                    previous = self.layers(layer.inner, scope, copy.cells, previous)
                else:
                    name = str(scope.next_number)
                    scope.next_number += 1
                    last = self._instance(layer, name, scope, copy, reads)
                    scope.define(name, last)
                    previous = last if last.passes_on else previous
                    if copy.parallel:
                        previous = Several(next(iter(side_by_side), name), side_by_side)
                        side_by_side[name] = last
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

    def _mapped_item(self, layer: Layer, tensors: References, scope: LexicalScope, cells: Cells) -> Entry:
        """Elaborates a list item that runs once for each of several tensors; it takes one number."""
        name = str(scope.next_number)
        scope.next_number += 1
        entry = FAILED
        try:
            entry = self.chains.mapped(layer, tensors, name, scope, cells)
        except LocatedError as error:
            self.problems.add(error, scope.draft.trace, layer.location)
        except FailedInputError:
            pass
        scope.define(name, entry)
        return entry

    def _named(self, layer: Layer, scope: LexicalScope, cells: Cells, previous: Entry | None) -> Entry | None:
        """Elaborates a layer of a mapping; copies are children of its name, unless that contains an expression."""
        assert layer.name is not None
        name = layer.name.text
        entry: Entry
        try:
            if layer.inline and layer.inner is not None:
                return self._inline(layer, layer.inner, name, scope, cells, previous)
            if layer.map is not None:
                name = self._name(layer.name, scope, cells)
                entry = self.chains.mapped(layer, layer.map, name, scope, cells)
            elif (layer.repeat is None and layer.each is None) or layer.route is not None:
                name = self._name(layer.name, scope, cells)
                entry = self.present_or_input(layer, name, scope, Copy((), cells, 0, 1, True), previous)
            elif layer.name.constant:
                entry = self.chains.children(layer, name, scope, cells, previous)
            else:
                return self.chains.separate(layer, layer.name, scope, cells, previous)
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
        self.define(scope, name, entry, layer.location)
        return entry if entry.passes_on else previous

    def _inline(
        self, layer: Layer, inner: Layers, name: str, scope: LexicalScope, cells: Cells, previous: Entry | None
    ) -> Entry | None:
        """Elaborates inline layers in place of a layer of a mapping, whose name refers to the last of them."""
        entered = False
        for copy in self.chains.copies(layer, scope, cells):
            if not self.wiring.is_present(layer, scope, copy, previous):
                scope.draft.left_out.append(name)
                continue
            if not entered:
                previous = self._inline_input(layer, scope, copy, previous)
            entered = True
            upcoming = scope.upcoming
            previous = self.layers(inner, scope, copy.cells, previous)
            scope.upcoming |= upcoming
        self.define(scope, name, previous if previous is not None else Absent(name, LEFT_OUT), layer.location)
        return previous

    def _inline_input(self, layer: Layer, scope: LexicalScope, copy: Copy, previous: Entry | None) -> Entry | None:
        """Returns the default input of the first of the layers of ``inline``. Raises LocatedError."""
        if layer.source is None:
            return previous
        sources = self.resolver.resolve(layer.source, scope, copy.cells)
        return inputs_by_name(("input",), sources, "'inline'", layer.source.location)["input"]

    def present_or_input(
        self, layer: Layer, name: str, scope: LexicalScope, copy: Copy, previous: Entry | None
    ) -> Entry:
        """Returns the layer, or its first input if ``when`` leaves it out."""
        if self.wiring.is_present(layer, scope, copy, previous):
            return self._instance(layer, name, scope, copy, previous)
        scope.draft.left_out.append(name)
        return self.wiring.stand_in(layer, name, scope, copy, previous)

    def _is_left_out(self, layer: Layer, scope: LexicalScope, cells: Cells, previous: Entry | None) -> bool:
        """Whether ``when`` leaves out a layer whose name or copies cannot be determined."""
        with suppress(LocatedError, FailedInputError):
            return not self.wiring.is_present(layer, scope, Copy((), cells, 0, 1, True), previous)
        return False

    def define(self, scope: LexicalScope, name: str, entry: Entry, location: int) -> None:
        """Assigns an entry to a name; reports a name that is used twice."""
        if name in scope.names and entry.full_name:
            error = LocatedError("NS303", f"there are two layers named '{clip(name)}' here", location)
            self.problems.add(error, scope.draft.trace, location)
        scope.define(name, entry)

    # -- one layer ---------------------------------------------------------------------------------------------------
    def _name(self, name: NameTemplate, scope: LexicalScope, cells: Cells) -> str:
        """Returns the name of a layer with its expressions evaluated. Raises LocatedError."""
        if name.constant:
            return name.text
        return check_layer_name(name.evaluate(self.resolver.environment(scope, cells)), name.location)

    def _instance(self, layer: Layer, name: str, scope: LexicalScope, copy: Copy, previous: Entry | None) -> Entry:
        """Elaborates one layer, or one copy of it; reports any problem and returns ``FAILED``."""
        inputs: list[Entry] = []
        named = self.named
        outer = (named.layer, named.location) if named is not None else None
        try:
            self.budget.spend(1, layer.location)
            full_name = self.tree.claim(scope.draft, name, layer.location)
            if named is not None:
                named.layer, named.location = full_name, layer.head_location
            inputs = self.wiring.inputs(layer, scope, copy, previous)
            instance = Instance(layer, full_name, scope, copy, inputs)
            if layer.share is None and layer.freeze is None and layer.unused is None and layer.dtype is None:
                return self._build(instance)
            return self._build_with_keys(instance)
        except LocatedError as error:
            self.problems.add(error, scope.draft.trace, layer.location)
        except FailedInputError:
            pass
        finally:
            if named is not None and outer is not None:
                named.layer, named.location = outer
        self._fail(layer, name, scope, [previous, *inputs])
        return FAILED

    def _build_with_keys(self, instance: Instance) -> Entry:
        """Elaborates a layer with ``share``, ``freeze``, ``dtype`` or ``unused``."""
        from .weight_keys import build_with_keys  # loaded only for layers with such a key

        return build_with_keys(instance, self._build, self.resolver, self.sharing)

    def _build_in_place(self, instance: Instance) -> Entry:
        """Elaborates an inline layer for a weight of another."""
        layer = instance.layer
        self.budget.spend(1, layer.location)
        has_keys = layer.share is not None or layer.freeze is not None or layer.dtype is not None
        return self._build_with_keys(instance) if has_keys else self._build(instance)

    def _build(self, instance: Instance) -> Entry:
        """Elaborates an operation, a use of a block, or an inline block, with its activation."""
        layer = instance.layer
        if layer.weights and (layer.inner is not None or layer.head_text in instance.scope.document.blocks):
            from .weight_keys import weights_of_block  # loaded only for an invalid spec

            raise weights_of_block(layer.head_text, next(iter(layer.weights.values())).location)
        if layer.over is not None or layer.route is not None:
            entry = self._region(instance)
        else:
            entry = self.build_once(instance)
        if layer.activation is not None:
            entry = self.nodes.activate(instance, entry)
        return entry

    def _region(self, instance: Instance) -> Entry:
        """Elaborates a layer that runs along an axis, or for the positions that choose it."""
        check_present(instance.inputs, instance.layer.head_location)
        self.graph.is_in_order = False
        if instance.layer.route is not None:
            from .routes import Routes  # loaded only for such a layer

            return Routes(self).build(instance, instance.layer.route)
        from .regions import Regions

        return Regions(self).build(instance)

    def build_once(self, instance: Instance) -> Entry:
        """Elaborates an operation, a use of a block, or an inline block, without its activation."""
        layer = instance.layer
        if layer.inner is not None:
            return self.blocks.build_in_place(instance)
        if layer.head is not None:
            return self._operation_or_block(instance, layer.head)
        raise FailedInputError  # the problem with its text has been reported

    def block_of(self, instance: Instance) -> Block | None:
        """Returns the block that a layer uses; None for an operation or an inline block."""
        head = instance.layer.head
        if head is None:
            return None
        environment = self.resolver.environment(instance.scope, instance.copy.cells)
        name = head.evaluate(environment)
        return instance.scope.document.blocks.get(name) if type(name) is str else None

    def _operation_or_block(self, instance: Instance, head: WrittenValue) -> Entry:
        scope, location = instance.scope, instance.layer.head_location
        incoming = instance.inputs[0] if instance.inputs else None
        environment = self.resolver.environment(scope, instance.copy.cells, incoming)
        name = head.evaluate(environment)
        if type(name) is not str:
            message = f"an operation or block is named by text; found {describe_value(name)}"
            raise LocatedError("NS206", message, location)
        block = scope.document.blocks.get(name)
        if block is not None and block.operation is not None:
            from .declared_operations import use_operation  # few specs declare operations

            return use_operation(self.nodes, instance, block, block.operation, environment)
        if block is not None:
            return self.blocks.use(instance, block, environment)
        if name not in TABLE and not scope.document.blocks.is_complete:
            raise FailedInputError
        check_exists(name, scope.document.blocks, location)
        if name == "formula":
            from .formulas import FormulaBuilder  # few specs have formulas

            return FormulaBuilder(self.nodes).build(instance, name, environment)
        return self.nodes.build(instance, name, environment)
