"""Adds nodes: operations with argument values, inputs, outputs and parameters."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ...diagnostics import LocatedError, unpack
from ...ir import Trace
from ...ops import find
from ...ops.argument import ArgumentError
from ...ops.base import Op
from ...shapes.shape_error import ShapeError
from ..reading.argument_checks import Arguments, check_activation, check_argument
from ..reading.evaluation import FailedInputError
from ..reading.expression_functions import describe_value
from ..reading.references import References, read_reference
from .bindings import DocumentParameters
from .copies import Instance
from .draft_graph import DraftGraph, DraftNode, ScopeTree
from .elaboration_problems import Problems
from .environment import LayerEnvironment
from .inference import Inference, Inferred
from .names import Entry, LexicalScope, values_of
from .node_arguments import (
    activation_arguments,
    argument_error,
    check_input_count,
    has_formula,
    names_layer,
    written_arguments,
)
from .sharing import Freeze, Sharing
from .wiring import Wiring, merged_names

if TYPE_CHECKING:
    from .given_weights import WeightBuilder


class NodeBuilder:
    """Adds the nodes of layers to a graph."""

    def __init__(
        self,
        graph: DraftGraph,
        tree: ScopeTree,
        sharing: Sharing,
        wiring: Wiring,
        parameters: DocumentParameters,
        problems: Problems,
    ) -> None:
        self.graph = graph
        self.tree = tree
        self.sharing = sharing
        self.wiring = wiring
        self.resolver = wiring.resolver
        self.parameters = parameters
        self.problems = problems
        self.budget = wiring.resolver.budget
        self.inference = Inference(self.budget)
        self.converted: dict[tuple[int, int, str], Entry] = {}
        """Values that have been converted, by scope, value and type."""
        self.build_in_place: Callable[[Instance], Entry] | None = None
        """Elaborates an inline layer for a weight."""
        self.owner: str | None = None
        """The layer for whose weights nodes are being added."""

    def release(self) -> None:
        """Drops the reference to the elaborator, which refers to this builder."""
        self.build_in_place = None

    @contextmanager
    def in_place_of(self, layer: str) -> Generator[None]:
        """Adds nodes for a weight of a layer (full name) in the context, without ``weights`` of ``defaults``."""
        before = self.owner
        self.owner = before or layer
        try:
            yield
        finally:
            self.owner = before

    def operation(self, name: str) -> type[Op]:
        """The operation of that name."""
        return find(name)

    def build(self, instance: Instance, name: str, environment: LayerEnvironment) -> Entry:
        """Add the node of a layer whose operation has that name.

        Raises:
            LocatedError: its arguments or inputs do not fit.
            FailedInputError: one of its inputs failed.
        """
        layer, scope = instance.layer, instance.scope
        operation = find(name)
        written = written_arguments(instance, name, operation)
        inputs = instance.inputs
        if operation.primary == "from":
            written.pop("from", None)
            inputs = self._merged(instance)
        written = self.with_defaults(written, name, scope)
        arguments, extra = self._layer_arguments(instance, operation, written, environment)
        inputs = self._checked_inputs(instance, name, [*inputs, *extra], list(arguments))
        values = values_of(inputs, layer.head_location)
        for argument, (location, value) in written.items():
            check_argument(name, argument, location)
            if argument != "init" or not has_formula(value):
                arguments[argument] = value.evaluate(environment)
        if names_layer(arguments.get("init")):
            del arguments["init"]
        if "init" in written and "init" not in arguments:
            from .formula_inits import FormulaInits  # few specs have formulas

            inferred = self.infer(instance, name, arguments, written, inputs, values)
            arguments["init"] = FormulaInits(inferred, environment, self.graph).choice(written["init"][1].node)
        inferred = self.infer(instance, name, arguments, written, inputs, values)
        if "momentum" in written:
            from .momentum import warn_of_momentum  # few specs give one

            warn_of_momentum(name, written["momentum"][1], arguments["momentum"], self.problems)
        defaults = scope.document.defaults
        freeze: Freeze | None = None
        if defaults is not None and layer.freeze is None and name in defaults.freeze:
            freeze = Freeze(instance.name, defaults.freeze[name])
        with self.sharing.applied(None, freeze):
            entry = self._with_weights(instance, name, inferred, values)
        entry.passes_on = operation.is_default_input
        if instance.dtype is not None and any(t.dtype != instance.dtype for t in inferred.outputs):
            from .dtype_casts import cast_results

            entry = cast_results(
                self, entry, instance.dtype, scope.draft.local_name(entry.full_name), scope, layer.head_location
            )
        return entry

    def _checked_inputs(self, instance: Instance, name: str, inputs: list[Entry], named: list[str]) -> list[Entry]:
        """Returns a layer's inputs in the type that it requests; the last ones are given by the arguments ``named``.

        Raises LocatedError NS305 and others if their number does not fit.
        """
        layer, operation = instance.layer, find(name)
        if operation.arity == (0, 0):
            if layer.source is not None:
                message = f"'{name}' has no input: 'from' does not apply here"
                raise LocatedError("NS305", message, layer.source.location)
            return []
        count = len(inputs) - len(named)
        if operation.primary == "from" and count == 1:
            self._check_names_to_merge(name, instance)
        check_input_count(operation, name, count, layer, instance.scope)
        if inputs and (instance.dtype is not None or named):
            return self._converted(instance, operation, inputs, named)
        return inputs

    def _with_weights(self, instance: Instance, name: str, inferred: Inferred, values: tuple[int, ...]) -> Entry:
        """Adds the node of an operation with its weights: stored, computed, or parts of stacks. Raises LocatedError."""
        layer, scope = instance.layer, instance.scope
        defaults = scope.document.defaults
        has_default = defaults is not None and name in defaults.weights and self.owner is None
        are_stacked = bool(inferred.weights) and bool(self.sharing.stacks)
        if are_stacked and not inferred.weights[0].name:
            part = self._weight_builder(instance, inferred).stacked_tensor()
            if part is not None:
                return part
            are_stacked = False
        weight_values: tuple[tuple[str, int], ...] = ()
        if layer.weights is not None or has_default or inferred.op.stored_as is not None or are_stacked:
            op, weight_values = self._given_weights(instance, name, inferred)
            inferred = inferred._replace(op=op)
        trace = Trace(unpack(layer.head_location), scope.draft.trace, name)
        return self.add(
            inferred, instance.name, instance.name, values, scope, trace, layer.doc, layer.location, weight_values
        )

    def _given_weights(
        self, instance: Instance, name: str, inferred: Inferred
    ) -> tuple[Op, tuple[tuple[str, int], ...]]:
        """Returns the weights of a layer as values, if some are computed; raises like ``WeightBuilder.values``."""
        from .given_weights import sources  # loaded only for specs with 'weights'

        defaults = instance.scope.document.defaults
        default = defaults.weights.get(name, {}) if defaults is not None and self.owner is None else {}
        return self._weight_builder(instance, inferred).values(sources(instance.layer.weights or {}, default))

    def _weight_builder(self, instance: Instance, inferred: Inferred) -> WeightBuilder:
        """Returns the builder that adds the weights of a layer as values."""
        from .given_weights import WeightBuilder  # loaded only for specs with 'weights' or 'stacked'

        assert self.build_in_place is not None
        return WeightBuilder(self, self.build_in_place, instance, inferred)

    def _converted(self, instance: Instance, operation: type[Op], inputs: list[Entry], named: list[str]) -> list[Entry]:
        """Returns the inputs in the type that the layer requests; those of the arguments ``named`` follow the first."""
        location = instance.layer.head_location
        types = {self.graph.types[e.value].dtype for e in inputs if e.value is not None}
        if types <= {instance.dtype or "float32"}:
            return inputs
        from .dtype_casts import cast_companions, cast_floats, place  # few layers need any

        scope, stem = place(instance)
        if instance.dtype is not None:
            inputs = cast_floats(self, inputs, instance.dtype, stem, scope, location)
        return cast_companions(self, operation, inputs, named, stem, scope, location)

    def activate(self, instance: Instance, entry: Entry) -> Entry:
        """Adds the node of a layer's ``activation`` after its first output; returns the entry of both together.

        Raises:
            LocatedError: there is no such activation, or its argument does not fit.
            FailedInputError: the layer failed.
        """
        layer, scope = instance.layer, instance.scope
        assert layer.activation is not None
        head, argument = layer.activation
        values = values_of([entry], head.location)
        environment = self.resolver.environment(scope, instance.copy.cells, entry)
        name = head.evaluate(environment)
        if type(name) is not str:
            raise LocatedError("NS203", f"activation must be a name; found {describe_value(name)}", head.location)
        check_activation(name, head.location)
        arguments: dict[str, Any] = {}
        written: Arguments = {}
        if argument is not None:
            arguments = activation_arguments(name, argument.evaluate(environment), argument)
            written = dict.fromkeys(arguments, (argument.location, argument))
        written = self.with_defaults(written, name, scope)
        arguments = {a: v.evaluate(environment) for a, (_, v) in written.items() if a not in arguments} | arguments
        inferred = self.infer(instance, name, arguments, written, [entry], values)
        local_name = f"{scope.draft.local_name(instance.name)}.activation"
        full_name = self.tree.claim(scope.draft, local_name, layer.location, written=False)
        trace = Trace(unpack(head.location), scope.draft.trace, name)
        producer = self.graph.producers[values[0]]
        converted = producer is not None and producer.layer.startswith(f"{instance.name}_to_")
        owner = full_name if converted else instance.name
        active = self.add(inferred, full_name, owner, values, scope, trace, None, layer.location)
        assert active.value is not None
        outputs = ((entry.outputs[0][0], active.value), *entry.outputs[1:]) if entry.outputs else ()
        combined = Entry(
            instance.name, active.value, outputs, entry.inner, is_chain=entry.is_chain, passes_on=entry.passes_on
        )
        combined.weights, combined.failed_outputs = entry.weights, entry.failed_outputs
        return combined

    # -- arguments and inputs ----------------------------------------------------------------------------------------
    def _merged(self, instance: Instance) -> list[Entry]:
        """Returns the inputs of a merge; its primary argument names the layers."""
        names = merged_names(instance.layer, is_first=instance.copy.is_first)
        if names is None:
            return instance.inputs
        inputs = self.wiring.merged_inputs(instance.layer, names, instance.scope, instance.copy, instance.inputs)
        if len(inputs) == 2 and inputs[0].value == inputs[1].value and _is_single_name(names):
            if inputs[0].value is None:
                raise FailedInputError
            from .merge_errors import same_input  # loaded only for an invalid spec

            raise same_input(instance.layer.head_text, names, instance.layer.head_location)
        return inputs

    def _check_names_to_merge(self, name: str, instance: Instance) -> None:
        """Raises LocatedError NS315 for a merge of one input, unless its names contain a star or an expression."""
        layer = instance.layer
        names = merged_names(layer, is_first=instance.copy.is_first) or layer.source
        if names is not None and any("*" in n.text or not n.constant for n in names.names):
            return
        from .merge_errors import single_input  # loaded only for an invalid spec

        raise single_input(name, instance.scope, names, layer.head_location)

    def with_defaults(self, written: Arguments, name: str, scope: LexicalScope) -> Arguments:
        """Returns the arguments, completed by the document's defaults."""
        defaults = scope.document.defaults
        if defaults is None:
            return written
        return defaults.complete(written, name, self.parameters.environment(scope.document))

    def _layer_arguments(
        self, instance: Instance, operation: type[Op], written: Arguments, environment: LayerEnvironment
    ) -> tuple[dict[str, Any], list[Entry]]:
        """Removes the arguments that name layers, such as ``mask``, and returns them with their entries.

        For the operation, their value is True; ``false`` is equivalent to no argument.
        """
        arguments: dict[str, Any] = {}
        entries: list[Entry] = []
        for name, argument in operation.arguments.items():
            if argument.validator.kind != "layer" or name not in written:
                continue
            _, value = written.pop(name)
            if value.constant and value.evaluate(environment) is False:
                continue
            reference, scope = read_reference(value.node), instance.scope
            entry = self.resolver.optional(reference, f"'{name}'", scope, instance.copy.cells, environment.incoming)
            if entry is not None:
                entries.append(entry)
                arguments[name] = True
        return arguments, entries

    # -- operations and nodes ----------------------------------------------------------------------------------------
    def infer(
        self,
        instance: Instance,
        name: str,
        arguments: dict[str, Any],
        written: Arguments,
        inputs: list[Entry],
        values: tuple[int, ...],
    ) -> Inferred:
        """The operation with its outputs and weights.

        Raises:
            LocatedError: its arguments or inputs do not fit.
            FailedInputError: a default of the operation has a problem.
        """
        layer, scope = instance.layer, instance.scope
        types = self.graph.types_of(values)
        channels_last = scope.document.layout == "channels_last"
        defaults = scope.document.defaults
        is_known = defaults is None or not defaults.have_failed(name)
        try:
            inferred = self.inference.infer(
                name, arguments, types, channels_last, layer.head_location, self.sharing.weight_type
            )
        except ArgumentError as error:
            rank = types[0].rank if types else None
            raise argument_error(error, name, arguments, written, layer, rank) from None
        except ShapeError as error:
            if not is_known:
                raise FailedInputError from None
            from .shape_errors import located  # loaded only for an invalid spec

            names = [scope.local_name(entry) for entry in inputs]
            at = written[error.argument][1].location if error.argument in written else layer.head_location
            raise located(error, names, values, self.graph, at) from None
        except ValueError as error:
            location = written["init"][1].location if "init" in written else layer.head_location
            raise LocatedError("NS221", str(error), location) from None
        if not is_known:
            raise FailedInputError
        return inferred

    def add(
        self,
        inferred: Inferred,
        name: str,
        layer: str,
        inputs: tuple[int, ...],
        scope: LexicalScope,
        trace: Trace,
        doc: str | None,
        location: int,
        given_weights: tuple[tuple[str, int], ...] = (),
    ) -> Entry:
        """Add the node of an operation: its entry."""
        op, outputs, weights = inferred
        self.budget.add_node(name, len(inputs), outputs, len(weights), doc, location)
        parameters = tuple([(w.name, self.sharing.parameter(name, w)) for w in weights]) if not given_weights else ()
        if parameters and self.sharing.stacks and not op.is_constant:
            from .stacks import check_shared  # loaded only for copies with `stacked`

            copy = self.sharing.stored_name(self.sharing.stacks[-1].copy, stacked=False)
            check_shared(copy, op.name, [p for _, p in parameters], location)
        node = self.graph.add_node(
            name, layer, op, inputs, outputs, parameters, scope.draft, trace, doc, given_weights, self.owner
        )
        named = tuple(zip(op.output_names(len(outputs)), node.values, strict=True)) if len(outputs) > 1 else ()
        entry = Entry(name, node.first_value, named)
        if weights:
            entry.weights = LayerWeights(self.graph, node)
        return entry


class LayerWeights:
    """The weights of a layer as values."""

    __slots__ = ("_graph", "_node")

    def __init__(self, graph: DraftGraph, node: DraftNode) -> None:
        self._graph = graph
        self._node = node

    def names(self) -> list[str]:
        """Their names."""
        return [name for name, _ in (*self._node.weights, *self._node.given_weights) if name]

    def find(self, name: str) -> Entry | None:
        """The weight of that name; the first time, a node is added whose value it is."""
        from .stored_weights import weight_value  # loaded only where a weight is named

        value = weight_value(self._graph, self._node, name)
        return Entry(f"{self._node.name}.{name}", value) if value is not None else None


def _is_single_name(names: References) -> bool:
    """Whether a merge names one layer, without a list, an expression or a star."""
    return not names.listed and len(names.names) == 1 and names.names[0].constant and "*" not in names.names[0].text
