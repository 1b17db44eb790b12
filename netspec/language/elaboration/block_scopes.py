"""Scopes with layers inside: uses of blocks, and inline blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, TypeAlias

from ... import limits
from ...diagnostics import LocatedError, clip, unpack
from ...ir import Trace
from ..reading.document import Block
from ..reading.evaluation import FailedInputError
from ..reading.layers import Layers
from ..reading.parameters import ParameterDeclaration, bind
from ..reading.references import OutputDeclaration, Reference, is_true
from .bindings import DocumentParameters, block_arguments
from .block_inputs import inputs_by_name, only_input
from .budget import Budget, LimitError
from .copies import Instance
from .draft_graph import DraftScope
from .elaboration_problems import Problems
from .environment import Cells, LayerEnvironment
from .names import FAILED, Entry, LexicalScope, Several, check_present, tensors
from .nodes import NodeBuilder
from .resolver import Names, Resolver

VisitLayers: TypeAlias = Callable[[Layers, LexicalScope, Cells, Entry | None], Entry | None]
"""Elaborates the layers of a scope, given the default input of the first one; returns the entry of the last."""

_PARAMETERS = 10
"""Number of document parameters that count as one step in each use of a block."""


class BlockBuilder:
    """Opens the scopes of blocks, elaborates their layers, and determines their outputs."""

    def __init__(
        self,
        nodes: NodeBuilder,
        resolver: Resolver,
        problems: Problems,
        budget: Budget,
        parameters: DocumentParameters,
        visit: VisitLayers,
    ) -> None:
        self.nodes = nodes
        self.tree = nodes.tree
        self.resolver = resolver
        self.problems = problems
        self.budget = budget
        self.parameters = parameters
        self.visit = visit
        self._active: list[Block] = []
        """The blocks whose uses are being elaborated, the outermost first."""

    def release(self) -> None:
        """Drops the reference to the elaborator, which refers back. The builder cannot be used afterwards."""
        del self.visit

    def build_in_place(self, instance: Instance) -> Entry:
        """Elaborates an inline block; its layers are children of its name and see the enclosing scopes."""
        layer, outer = instance.layer, instance.scope
        assert layer.inner is not None
        names = layer.inputs if layer.inputs is not None else ("input",)
        if names or layer.source is not None:
            check_present(instance.inputs, layer.location)
        inputs = inputs_by_name(names, instance.inputs, "a block in place", layer.location, layer)
        draft = self._open(instance, f"'{clip(instance.name)}'", layer.location, inputs)
        draft.doc = layer.doc
        if draft.copy is not None:
            draft.key = self._copy_key(instance, None)
        scope = LexicalScope(draft, outer, outer.parameters, inputs, outer.document)
        inputs = self._converted(instance, scope, inputs)
        self.budget.enter_scope(draft.depth, len(inputs), layer.location)
        last = self.visit(layer.inner, scope, instance.copy.cells, only_input(inputs))
        return self._close(scope, instance, layer.outputs, last, instance.copy.cells, layer.location)

    def use(self, instance: Instance, block: Block, environment: LayerEnvironment) -> Entry:
        """Elaborates a use of a block; its layers see only its inputs and parameters.

        Raises:
            LocatedError: its inputs or arguments do not fit.
            LimitError: NS307, it uses itself recursively without end.
            FailedInputError: the block has a problem, which was reported where it is defined.
        """
        layer = instance.layer
        if block.layers is None:
            raise FailedInputError
        if instance.scope.draft.depth + 1 > limits.BLOCKS and block in self._active:
            path = self._active[self._active.index(block) :]
            names = " -> ".join(dict.fromkeys([*(b.name for b in path)]))
            message = f"blocks are nested deeper than {limits.BLOCKS}, as '{block.name}' uses itself endlessly: {names}"
            help = "`when: …` must omit this use at some depth"
            raise LimitError(LocatedError("NS307", message, layer.head_location, help=help))
        given_inputs = instance.inputs if block.inputs or layer.source is not None else []
        check_present(given_inputs, layer.head_location)
        inputs = inputs_by_name(block.inputs, given_inputs, f"the block '{block.name}'", layer.head_location)
        arguments, problems = block_arguments(layer, block, instance.copy.is_first, environment)
        if problems:
            for problem in problems[:-1]:
                self.problems.add(problem, instance.scope.draft.trace, layer.location)
            raise problems[-1]
        draft = self._open(instance, f"{block.name} '{clip(instance.name)}'", layer.head_location, inputs)
        draft.block = block.name
        draft.doc = layer.doc or block.doc
        scope = LexicalScope(draft, None, {}, inputs, block.document)
        inputs = self._converted(instance, scope, inputs)
        outer = self.parameters.of(block.document)
        count = len(inputs) + len(block.params) + len(outer) // _PARAMETERS
        self.budget.enter_scope(draft.depth, count, layer.location)

        def defaults_environment(values: dict[str, Any]) -> LayerEnvironment:
            scope.parameters = values
            return self.resolver.environment(scope, {})

        def missing(parameter: ParameterDeclaration) -> LocatedError:
            is_first = parameter is block.params[0]
            added = f"write `{{{block.name}: …}}`" if is_first else f"add `{parameter.name}: …`"
            help = added + (f", of type {parameter.type}" if parameter.type is not None else "")
            return LocatedError("NS220", f"'{block.name}' needs '{parameter.name}'", layer.head_location, help=help)

        scope.parameters = bind(block.params, arguments, defaults_environment, outer, missing)
        draft.arguments = {p.name: scope.parameters[p.name] for p in block.params}
        if draft.copy is not None:
            draft.key = self._copy_key(instance, draft.arguments)
        self._active.append(block)
        try:
            last = self.visit(block.layers, scope, {}, only_input(inputs))
        finally:
            self._active.pop()
        return self._close(scope, instance, block.outputs, last, {}, block.location)

    def outputs(
        self, declarations: tuple[OutputDeclaration, ...], scope: LexicalScope, cells: Cells
    ) -> Iterator[tuple[str, Entry]]:
        """The public names (empty if not given) and entries of the outputs that ``when`` keeps."""
        for declaration in declarations:
            if declaration.when is not None and not is_true(declaration.when, self.resolver.environment(scope, cells)):
                with suppress(LocatedError, FailedInputError):  # counts as a use, and may be left out as well
                    self._output(declaration.source, scope, cells)
                continue
            try:
                entries = self._output(declaration.source, scope, cells)
            except LocatedError as error:
                self.problems.add(error, scope.draft.trace, declaration.source.location)
                entries = [FAILED]
            for entry in entries:
                yield declaration.name or "", entry

    def _output(self, source: Reference, scope: LexicalScope, cells: Cells) -> list[Entry]:
        """Returns the entries of an output; none if its expression is ``false``. Raises LocatedError."""
        names = source.evaluate(self.resolver.environment(scope, cells))
        named = [(name, source.location) for name in ([names] if isinstance(names, str) else names)]
        return self.resolver.entries(Names(named, True), scope)

    def _open(self, instance: Instance, label: str, location: int, inputs: Mapping[str, Entry]) -> DraftScope:
        """Opens the scope of a block at an instance."""
        outer = instance.scope.draft
        draft = self.tree.open(instance.name, outer, Trace(unpack(location), outer.trace, label))
        draft.copy = instance.copy.position
        draft.inputs = _values_by_name(inputs)
        return draft

    def _copy_key(self, instance: Instance, arguments: Mapping[str, Any] | None) -> object:
        """A key that is equal for copies of one text with the same arguments and input types."""
        types = self.resolver.graph.types_of(e.value for e in tensors(instance.inputs) if e.value is not None)
        if instance.dtype is not None:
            from .dtype_casts import types_in_block

            types = types_in_block(instance, types)
        text = repr(arguments)
        self.budget.spend(len(text) // limits.CHARACTERS_PER_STEP, instance.layer.location)
        return (id(instance.layer), text, types, self.nodes.sharing.weight_type)

    def _converted(self, instance: Instance, scope: LexicalScope, inputs: dict[str, Entry]) -> dict[str, Entry]:
        """Converts the inputs of a scope to the type that its layer requests."""
        if instance.dtype is None:
            return inputs
        from .dtype_casts import place  # few layers have a 'dtype'

        around, stem = place(instance)
        if around is instance.scope:  # no chain begins here
            around, stem = scope, ""
        entries = self._floats(instance, around, list(inputs.values()), stem)
        scope.inputs = dict(zip(inputs, entries, strict=True))
        return scope.inputs

    def _floats(self, instance: Instance, scope: LexicalScope, entries: list[Entry], stem: str = "") -> list[Entry]:
        from .dtype_casts import cast_floats

        assert instance.dtype is not None
        return cast_floats(self.nodes, entries, instance.dtype, stem, scope, instance.layer.head_location)

    def _close(
        self,
        scope: LexicalScope,
        instance: Instance,
        declarations: tuple[OutputDeclaration, ...] | None,
        last: Entry | None,
        cells: Cells,
        location: int,
    ) -> Entry:
        """Returns the entry of a scope after its layers have been elaborated; by default, that of its last layer.

        Raises:
            LocatedError: NS308, it has no output.
        """
        if declarations is not None:
            outputs = list(self.outputs(declarations, scope, cells))
        elif last is not None or (scope.names and not scope.inputs):
            last = last if last is not None else next(reversed(scope.names.values()))  # of constants alone
            check_present([last], location)
            outputs = [("", last)]
        else:
            raise LocatedError("NS308", "a block needs at least one layer with an output", location)
        if instance.dtype is not None:
            entries = self._floats(instance, scope, [entry for _, entry in outputs])
            outputs = [(name, entry) for (name, _), entry in zip(outputs, entries, strict=True)]
        values = tuple([(name, entry.value) for name, entry in outputs if entry.value is not None])
        scope.draft.outputs = values
        if not outputs:
            raise LocatedError("NS308", "a block needs at least one output", location)
        named: tuple[tuple[str, int], ...] = ()
        if len(outputs) > 1 or outputs[0][0]:
            named = tuple([(name or str(number), value) for number, (name, value) in enumerate(values)])
        entry = Entry(instance.name, outputs[0][1].value, named, scope, passes_on=bool(scope.inputs))
        entry.failed_outputs = len(outputs) - len(values)
        return entry


def _values_by_name(inputs: Mapping[str, Entry]) -> dict[str, int]:
    """Returns the values of inputs by name; tensors of a variadic input have individual names."""
    values: dict[str, int] = {}
    for name, entry in inputs.items():
        members: Mapping[str, Entry] = entry.members if isinstance(entry, Several) else {}
        named = {f"{name}.{key}": member for key, member in members.items()} or {name: entry}
        values |= {key: member.value for key, member in named.items() if member.value is not None}
    return values
