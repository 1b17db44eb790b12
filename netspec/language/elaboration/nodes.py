"""Nodes: an operation with the values of its arguments, its inputs, its outputs and its parameters."""

from __future__ import annotations

from functools import partial
from typing import Any

from ...diagnostics import LocatedError, unpack
from ...ir import Trace
from ...ops import find
from ...ops.argument import ArgumentError
from ...ops.base import Op
from ...shapes.sizes import ShapeError
from ..reading.argument_checks import Arguments, check_activation, check_argument
from ..reading.evaluation import FailedInputError
from ..reading.functions import describe_value
from ..reading.layers import Layer
from ..reading.references import read_reference
from ..reading.values import Value
from .bindings import DocumentParameters
from .copies import Instance
from .draft import DraftGraph, ScopeTree
from .environment import LayerEnvironment
from .inference import Inference, Inferred
from .names import Entry, LexicalScope, check_present
from .sharing import Sharing
from .wiring import Wiring, merged_names


class NodeBuilder:
    """Adds the nodes of layers to a graph."""

    def __init__(
        self, graph: DraftGraph, tree: ScopeTree, sharing: Sharing, wiring: Wiring, parameters: DocumentParameters
    ) -> None:
        self.graph = graph
        self.tree = tree
        self.sharing = sharing
        self.wiring = wiring
        self.resolver = wiring.resolver
        self.parameters = parameters
        self.budget = wiring.resolver.budget
        self.inference = Inference(self.budget)

    def build(self, instance: Instance, name: str, environment: LayerEnvironment) -> Entry:
        """Add the node of a layer whose operation has that name.

        Raises:
            LocatedError: its arguments or inputs do not fit.
            FailedInputError: one of its inputs failed.
        """
        layer, scope = instance.layer, instance.scope
        operation = find(name)
        written = _written_arguments(instance, name, operation)
        inputs = instance.inputs
        if operation.primary == "from":
            written.pop("from", None)
            inputs = self._merged(instance)
        written = self._with_defaults(written, name, scope)
        arguments, extra = self._layer_arguments(instance, operation, written, environment)
        if operation.arity == (0, 0):
            if layer.source is not None:
                message = f"'{name}' has no input: 'from' has no meaning here"
                raise LocatedError("NS305", message, layer.source.location)
            inputs = []
        else:
            count = len(inputs) + len(extra) - len(arguments)
            if operation.primary == "from" and count == 1:
                self._check_names_to_merge(name, instance)
            _check_input_count(operation, name, count, layer)
            inputs = [*inputs, *extra]
        values = _values(inputs, layer.head_location)
        for argument, (location, value) in written.items():
            check_argument(name, argument, location)
            arguments[argument] = value.evaluate(environment)
        inferred = self._infer(instance, name, arguments, written, inputs, values)
        trace = Trace(unpack(layer.head_location), scope.draft.trace, name)
        entry = self._add(inferred, instance.name, instance.name, values, scope, trace, layer.doc, layer.location)
        entry.passes_on = operation.is_default_input
        return entry

    def activate(self, instance: Instance, entry: Entry) -> Entry:
        """Add the node of a layer's ``activation`` after its first output; the entry of the two together.

        Raises:
            LocatedError: there is no such activation, or its argument does not fit.
            FailedInputError: the layer failed.
        """
        layer, scope = instance.layer, instance.scope
        assert layer.activation is not None
        head, argument = layer.activation
        values = _values([entry], head.location)
        environment = self.resolver.environment(scope, instance.copy.cells, entry)
        name = head.evaluate(environment)
        if type(name) is not str:
            raise LocatedError("NS203", f"activation must be a name; found {describe_value(name)}", head.location)
        check_activation(name, head.location)
        arguments: dict[str, Any] = {}
        written: Arguments = {}
        if argument is not None:
            arguments = _activation_arguments(name, argument.evaluate(environment), argument)
            written = dict.fromkeys(arguments, (argument.location, argument))
        written = self._with_defaults(written, name, scope)
        arguments = {a: v.evaluate(environment) for a, (_, v) in written.items() if a not in arguments} | arguments
        inferred = self._infer(instance, name, arguments, written, [entry], values)
        local_name = f"{scope.draft.local_name(instance.name)}.activation"
        full_name = self.tree.claim(scope.draft, local_name, layer.location, written=False)
        trace = Trace(unpack(head.location), scope.draft.trace, name)
        active = self._add(inferred, full_name, instance.name, values, scope, trace, None, layer.location)
        assert active.value is not None
        outputs = ((entry.outputs[0][0], active.value), *entry.outputs[1:]) if entry.outputs else ()
        return Entry(
            instance.name, active.value, outputs, entry.inner, is_chain=entry.is_chain, passes_on=entry.passes_on
        )

    # -- arguments and inputs ----------------------------------------------------------------------------------------
    def _merged(self, instance: Instance) -> list[Entry]:
        """The inputs of a merge: its primary argument names the layers that it joins."""
        names = merged_names(instance.layer, is_first=instance.copy.is_first)
        if names is None:
            return instance.inputs
        return self.wiring.merged_inputs(instance.layer, names, instance.scope, instance.copy, instance.inputs)

    def _check_names_to_merge(self, name: str, instance: Instance) -> None:
        """Raises LocatedError NS315 for a merge of one input, unless its names contain a star or an expression."""
        layer = instance.layer
        names = merged_names(layer, is_first=instance.copy.is_first) or layer.source
        if names is not None and any("*" in n.text or not n.constant for n in names.names):
            return
        from .merge_errors import single_input  # loaded only for an invalid spec

        raise single_input(name, instance.scope, names, layer.head_location)

    def _with_defaults(self, written: Arguments, name: str, scope: LexicalScope) -> Arguments:
        """The arguments, and the document's defaults for all others."""
        defaults = scope.document.defaults
        if defaults is None:
            return written
        return defaults.complete(written, name, self.parameters.environment(scope.document))

    def _layer_arguments(
        self, instance: Instance, operation: type[Op], written: Arguments, environment: LayerEnvironment
    ) -> tuple[dict[str, Any], list[Entry]]:
        """The arguments that name layers, such as ``mask``, which are taken out of those written, and their entries.

        To the operation their value is True; ``false`` is the same as no argument.
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
    def _infer(
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
            inferred = self.inference.infer(name, arguments, types, channels_last, layer.head_location)
        except ArgumentError as error:
            raise _argument_error(error, name, arguments, written, layer) from None
        except ShapeError as error:
            if not is_known:
                raise FailedInputError from None
            from .shape_errors import located  # loaded only for an invalid spec

            names = [scope.local_name(entry) for entry in inputs]
            raise located(error, names, values, self.graph, layer.head_location) from None
        except ValueError as error:
            location = written["init"][1].location if "init" in written else layer.head_location
            raise LocatedError("NS221", str(error), location) from None
        if not is_known:
            raise FailedInputError
        return inferred

    def _add(
        self,
        inferred: Inferred,
        name: str,
        layer: str,
        inputs: tuple[int, ...],
        scope: LexicalScope,
        trace: Trace,
        doc: str | None,
        location: int,
    ) -> Entry:
        op, outputs, weights = inferred
        self.budget.add_node(name, len(inputs), outputs, len(weights), doc, location)
        parameters = tuple([(w.name, self.sharing.parameter(name, w)) for w in weights])
        node = self.graph.add_node(name, layer, op, inputs, outputs, parameters, scope.draft, trace, doc)
        if len(outputs) == 1:
            return Entry(name, node.first)
        return Entry(name, node.first, tuple(zip(op.output_names(len(outputs)), node.values, strict=True)))


def _values(entries: list[Entry], location: int) -> tuple[int, ...]:
    """The values of entries.

    Raises:
        LocatedError: NS304, one of them is absent.
        FailedInputError: one of them failed.
    """
    check_present(entries, location)
    values: list[int] = []
    for entry in entries:
        if entry.value is None:
            raise FailedInputError
        values.append(entry.value)
    return tuple(values)


def _written_arguments(instance: Instance, name: str, operation: type[Op]) -> Arguments:
    """The arguments of a layer with the primary one under its name. Raises LocatedError NS213 if there is none."""
    layer = instance.layer
    written = dict(layer.args)
    if instance.copy.is_first and layer.first is not None:
        written |= layer.first
    if layer.primary is not None and operation.primary != "from":
        if operation.primary is None:
            raise LocatedError("NS213", f"'{name}' takes no argument", layer.primary.location)
        written.setdefault(operation.primary, (layer.primary.location, layer.primary))
    return written


def _activation_arguments(name: str, value: Any, argument: Value) -> dict[str, Any]:
    """The arguments of an activation: a mapping of them, or the primary one. Raises LocatedError NS213."""
    if value is None:
        return {}
    arguments: dict[str, Any] = {}
    if isinstance(value, dict):
        arguments = dict(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    else:
        primary = find(name).primary
        if primary is None:
            raise LocatedError("NS213", f"'{name}' takes no argument", argument.location)
        arguments = {primary: value}
    for key in arguments:
        check_argument(name, key, argument.location)
    return arguments


def _check_input_count(operation: type[Op], name: str, count: int, layer: Layer) -> None:
    """Raises LocatedError NS305 unless an operation can have that many inputs."""
    least, most = operation.arity
    if count >= least and (most is None or count <= most):
        return
    if count == 0:
        message = "the first layer of a scope with several inputs must say which it reads"
        raise LocatedError("NS305", message, layer.head_location, help="add 'from: …'")
    expected = f"{least}" if least == most else f"{least} or more" if most is None else f"{least} to {most}"
    message = f"'{name}' takes {expected} input{'s' if expected != '1' else ''}; found {count}"
    raise LocatedError("NS305", message, layer.head_location, help="'from' names them" if count < least else None)


def _argument_error(
    error: ArgumentError, operation: str, arguments: dict[str, Any], written: Arguments, layer: Layer
) -> LocatedError:
    """The first problem with the arguments of an operation, located at the argument."""
    argument, message = error.problems[0]
    location = written[argument][1].location if argument in written else layer.head_location
    if argument not in arguments:
        return LocatedError("NS221" if argument else "NS220", message, location)
    from ..reading.help import value_help  # loaded only for an invalid spec

    value = arguments[argument]
    if " must be " in message:
        message += f"; found {describe_value(value)}"
    return LocatedError("NS221", message, location, help=partial(value_help, operation, argument, value))
