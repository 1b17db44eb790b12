"""Uses of operations declared in a document; their expressions are evaluated for each layer."""

from __future__ import annotations

from functools import partial
from typing import Any

from ...diagnostics import LocatedError, unpack
from ...ir import Trace
from ...ops.declared import fixed
from ...ops.learned import KNOWN_SHAPE, SHAPE
from ...ops.weight import ZEROS, Init, Weight
from ...shapes.shape_error import ShapeError
from ...shapes.sizes import Size, is_named, is_same
from ...shapes.types import TensorType
from ..reading.declared_operations import DeclaredOutput, DeclaredWeight, Operation
from ..reading.document import Block
from ..reading.evaluation import FailedInputError
from ..reading.expression_functions import describe_value
from ..reading.parameters import ParameterDeclaration, bind
from ..reading.written_values import WrittenValue
from .bindings import block_arguments
from .block_inputs import inputs_by_name
from .copies import Instance
from .environment import LayerEnvironment
from .inference import Inferred, check_tensor, check_weights_known
from .names import Entry, LexicalScope, check_present
from .nodes import NodeBuilder


def use_operation(
    nodes: NodeBuilder, instance: Instance, block: Block, operation: Operation, environment: LayerEnvironment
) -> Entry:
    """Adds the node of a layer whose operation the document declares.

    Raises:
        LocatedError: its inputs or arguments do not fit; NS231, a declared shape or number is invalid.
        FailedInputError: one of its inputs failed.
    """
    layer, scope, location = instance.layer, instance.scope, instance.layer.head_location
    entries = instance.inputs if block.inputs or layer.source is not None else []
    check_present(entries, location)
    inputs = inputs_by_name(block.inputs, entries, f"the operation '{block.name}'", location)
    values = [entry.value for entry in entries if entry.value is not None]
    if len(values) < len(entries):
        raise FailedInputError
    arguments, problems = block_arguments(layer, block, instance.copy.is_first, environment)
    for problem in problems[:-1]:
        nodes.problems.add(problem, scope.draft.trace, layer.location)
    if problems:
        raise problems[-1]
    inner = LexicalScope(scope.draft, None, {}, inputs, block.document)

    def names(bound: dict[str, Any]) -> LayerEnvironment:
        inner.parameters = bound
        return nodes.resolver.environment(inner, {})

    inner.parameters = bind(block.params, arguments, names, {}, partial(_missing, block.name, location))
    numbers = {key: fixed(value) for key, value in inner.parameters.items()}
    inside = nodes.resolver.environment(inner, {})
    types = nodes.graph.types_of(values)
    outputs = tuple(_output(declaration, block.name, types, inside) for declaration in operation.outputs)
    for kind in outputs:
        check_tensor(f"'{block.name}' gives a tensor", kind.shape, location)
    weights = tuple(
        _weight(declaration, block.name, inside, nodes.sharing.weight_type) for declaration in operation.weights
    )
    check_weights_known(block.name, weights, location)
    facts = {"types": outputs, "own_weights": weights, "count": _count(operation.macs, block.name, inside)}
    channels_last = scope.document.layout == "channels_last"
    usual = {"name": block.name, "window_rank": 0, "channels_last": channels_last}
    inferred = Inferred(operation.cls.of({**usual, **numbers, **facts}), outputs, weights)
    trace = Trace(unpack(location), scope.draft.trace, block.name)
    name, doc = instance.name, layer.doc
    entry = nodes.add(inferred, name, name, tuple(values), scope, trace, doc, layer.location)
    entry.passes_on = bool(values)
    return entry


def _missing(name: str, location: int, parameter: ParameterDeclaration) -> LocatedError:
    kind = f", of type {parameter.type}" if parameter.type is not None else ""
    message = f"'{name}' needs '{parameter.name}'"
    return LocatedError("NS220", message, location, help=f"add `{parameter.name}: …`{kind}")


def _output(
    declaration: DeclaredOutput, name: str, inputs: tuple[TensorType, ...], environment: LayerEnvironment
) -> TensorType:
    shape = _sizes(declaration.shape, SHAPE.validate, f"the output of '{name}'", environment)
    first = inputs[0] if inputs else TensorType((), "float32", ())
    axes: tuple[str, ...] = ("",) * len(shape)
    if declaration.axes is not None:
        if len(declaration.axes) != len(shape):
            message = f"the output of '{name}' has {len(shape)} axes; found {len(declaration.axes)} names"
            raise LocatedError("NS231", message, declaration.shape.location)
        axes = tuple(axis or "" for axis in declaration.axes)
    elif first.rank == len(shape):
        axes = tuple(a if is_same(n, m) else "" for a, n, m in zip(first.axes, first.shape, shape, strict=True))
    return TensorType(shape, declaration.dtype or first.dtype, axes)


def _weight(declaration: DeclaredWeight, name: str, environment: LayerEnvironment, dtype: str) -> Weight:
    shape = _sizes(declaration.shape, KNOWN_SHAPE.validate, f"the weight '{declaration.name}' of '{name}'", environment)
    init = Init("xavier_uniform") if len(shape) > 1 else ZEROS
    try:
        (weight,) = declaration.init.applied((Weight(declaration.name, shape, init, dtype=dtype),))
    except ValueError as error:
        raise LocatedError("NS221", str(error), declaration.shape.location) from None
    return weight


def _sizes(value: WrittenValue, validate: Any, what: str, environment: LayerEnvironment) -> tuple[Size, ...]:
    """Returns a shape. Raises LocatedError NS231."""
    result = value.evaluate(environment)
    try:
        shape: tuple[Size, ...] = validate(result)
    except (ValueError, ShapeError) as error:
        message = f"{what} must be {error}, each at least 1; found {describe_value(result)}"
        raise LocatedError("NS231", message, value.location) from None
    return shape


def _count(value: WrittenValue | None, name: str, environment: LayerEnvironment) -> Size:
    """Returns the multiply-accumulates. Raises LocatedError NS231."""
    result = value.evaluate(environment) if value is not None else 0
    if type(result) is float and result.is_integer():
        result = int(result)
    if not is_named(result) and (type(result) is not int or result < 0):
        assert value is not None
        message = f"the MACs of '{name}' must be a number of at least 0; found {describe_value(result)}"
        raise LocatedError("NS231", message, value.location)
    count: Size = result
    return count
