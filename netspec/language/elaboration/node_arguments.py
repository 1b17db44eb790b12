"""The written arguments of a layer, and problems with them and with the number of inputs."""

from __future__ import annotations

from functools import partial
from typing import Any

from ...diagnostics import LocatedError
from ...ops import find
from ...ops.argument import ArgumentError
from ...ops.base import Op
from ...ops.common.init_argument import FORMS, NAMED, ONE_NUMBER
from ...text.yaml_reader import Map, Text
from ..reading.argument_checks import Arguments, check_argument
from ..reading.expression_functions import describe_value
from ..reading.layers import Layer
from ..reading.written_values import WrittenValue
from .copies import Instance
from .names import LexicalScope

FORMULA = "formula"
"""The key for a formula in ``init``, and the kind of such initial values."""


def names_layer(value: Any) -> bool:
    """Whether the value of ``init`` may be the name of a constant: a text other than an initialiser."""
    return isinstance(value, str) and value not in NAMED + ONE_NUMBER


def has_formula(value: WrittenValue) -> bool:
    """Whether initial values are formulas, or may refer to a constant."""
    node = value.node
    if type(node) is not Map:
        return False
    inner = [entry for key, (_, entry, _) in node.entries.items() if key not in FORMS]
    return FORMULA in node.entries or any(
        (type(n) is Map and FORMULA in n.entries) or (type(n) is Text and names_layer(n.value)) for n in inner
    )


def written_arguments(instance: Instance, name: str, operation: type[Op]) -> Arguments:
    """Returns a layer's arguments, including the primary one. Raises LocatedError NS213 if there is none."""
    layer = instance.layer
    written = dict(layer.args)
    if instance.copy.is_first and layer.first is not None:
        written |= layer.first
    if layer.dtype is not None and "dtype" in operation.arguments:  # the operation is that of an expression
        written.setdefault("dtype", (layer.dtype.location, layer.dtype))
    if layer.primary is not None and operation.primary != "from":
        if operation.primary is None:
            raise LocatedError("NS213", f"'{name}' takes no argument", layer.primary.location)
        written.setdefault(operation.primary, (layer.primary.location, layer.primary))
    return written


def activation_arguments(name: str, value: Any, argument: WrittenValue) -> dict[str, Any]:
    """Returns the arguments of an activation from a mapping or a primary value. Raises LocatedError NS213."""
    if value is None:
        return {}
    arguments: dict[str, Any] = {}
    if isinstance(value, dict):
        arguments = dict(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - of any type
    else:
        primary = find(name).primary
        if primary is None:
            raise LocatedError("NS213", f"'{name}' takes no argument", argument.location)
        arguments = {primary: value}
    for key in arguments:
        check_argument(name, key, argument.location)
    return arguments


def check_input_count(operation: type[Op], name: str, count: int, layer: Layer, scope: LexicalScope) -> None:
    """Raises LocatedError NS305 if an operation does not support that many inputs."""
    least, most = operation.arity
    if count >= least and (most is None or count <= most):
        return
    if count == 0 and layer.source is not None:
        message = "at least one name of a layer is needed here; the list is empty"
        raise LocatedError("NS305", message, layer.source.location)
    if count == 0:
        inputs = "with several inputs" if scope.inputs else "without inputs"
        message = f"the first layer of a scope {inputs} must name its input"
        raise LocatedError("NS305", message, layer.head_location, help="add 'from: …'")
    expected = f"{least}" if least == most else f"{least} or more" if most is None else f"{least} to {most}"
    message = f"'{name}' takes {expected} input{'s' if expected != '1' else ''}; found {count}"
    raise LocatedError("NS305", message, layer.head_location, help="'from' names them" if count < least else None)


def argument_error(
    error: ArgumentError, operation: str, arguments: dict[str, Any], written: Arguments, layer: Layer, rank: int | None
) -> LocatedError:
    """Returns the first problem with the arguments of an operation, located at the argument; ``rank`` of its input."""
    argument, message = error.problems[0]
    location = written[argument][1].location if argument in written else layer.head_location
    if argument not in arguments:
        return LocatedError("NS221" if argument else "NS220", message, location)
    from ..reading.layer_errors import invalid_value_help  # loaded only for an invalid spec

    value = arguments[argument]
    if " must be " in message:
        message += f"; found {describe_value(value)}"
    help = partial(invalid_value_help, operation, argument, value, rank=rank)
    return LocatedError("NS221", message, location, help=help)
