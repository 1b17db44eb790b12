"""Parameters: their declarations, and their values from defaults, variants, ``--set`` and arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ...diagnostics import LocatedError, clip
from ...shapes.sizes import is_named
from ...text.yaml_reader import Map, Text, Tree
from .evaluation import (
    ALL_OTHERS,
    UNKNOWN,
    Charge,
    Environment,
    FailedInputError,
    ParameterEnvironment,
    charge_nothing,
)
from .expression_functions import describe_value, is_list
from .records import GROUP, ParamRecord, Report, describe, plain_value, read_record, require_mapping
from .written_values import WrittenValue, read_value

TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (float, int),
    "bool": (bool,),
    "str": (str,),
    "list": (list,),
}
"""The Python types of values that each type of parameter accepts."""
RESERVED = frozenset((*GROUP, "index", "row", "incoming", "input", "true", "false"))
"""Words that cannot name a parameter."""


class ParameterDeclaration(NamedTuple):
    """A parameter of a document or block."""

    name: str
    location: int
    default: WrittenValue | None
    """None if the parameter must be given."""
    type: str | None = None
    choices: tuple[Any, ...] | None = None
    min: float | None = None
    max: float | None = None
    doc: str | None = None
    failed: bool = False
    """Whether it has a reported problem."""


def read_parameters(node: Tree | None, report: Report) -> tuple[ParameterDeclaration, ...]:
    """Read the value of ``params``. Problems are reported, without consequences for the use of the parameter."""
    if node is None:
        return ()
    parameters: list[ParameterDeclaration] = []
    try:
        entries = require_mapping(node, "params").entries
    except LocatedError as error:
        report(error)
        return (ParameterDeclaration(ALL_OTHERS, node.location, None, failed=True),)
    for name, (location, inner, _) in entries.items():
        try:
            parameters.append(_read_parameter(name, location, inner, report))
        except LocatedError as error:
            report(error)
            parameters.append(ParameterDeclaration(name, location, None, failed=True))
    return tuple(parameters)


def _read_parameter(name: str, location: int, node: Tree, report: Report) -> ParameterDeclaration:
    if not name.isidentifier() or not name.isascii():
        raise LocatedError("NS204", f"a parameter's name is letters, digits and '_'; found '{clip(name)}'", location)
    if name in RESERVED:
        raise LocatedError("NS215", f"'{name}' is reserved and cannot name a parameter", location)
    if type(node) is Text and node.plain and node.value in TYPES:
        return ParameterDeclaration(name, location, None, str(node.value))
    if type(node) is not Map:
        return ParameterDeclaration(name, location, read_value(node))
    record = read_record(ParamRecord, node, f"the parameter '{name}'", report)
    if record is None:
        return ParameterDeclaration(name, location, None, failed=True)
    choices: Any = plain_value(record.choices)
    if choices is not None and (not is_list(choices) or not choices):
        message = f"choices must be a list; found {describe(record.choices)}"
        raise LocatedError("NS203", message, record.choices.location)
    default = read_value(record.default) if record.default is not None else None
    return ParameterDeclaration(
        name, location, default, record.type, tuple(choices) if choices else None, record.min, record.max, record.doc
    )


def bind(
    parameters: tuple[ParameterDeclaration, ...],
    settings: Mapping[str, tuple[int, Any]],
    environment: Callable[[dict[str, Any]], Environment],
    outer: Mapping[str, Any],
    missing: Callable[[ParameterDeclaration], LocatedError],
) -> dict[str, Any]:
    """Returns the values of all parameters, together with the outer ones.

    Args:
        parameters: the parameters, in order.
        settings: locations and values of the parameters that are set.
        environment: creates the environment for evaluating a default from the values bound so far.
        outer: values of the enclosing parameters (for a block: those of its document).
        missing: creates the error for a required parameter that is not set.

    Raises:
        LocatedError: a value does not fit its parameter, or is missing.
    """
    values = dict(outer)
    for parameter in parameters:
        if parameter.failed:
            values[parameter.name] = UNKNOWN
        elif parameter.name in settings:
            location, setting = settings[parameter.name]
            values[parameter.name] = check(parameter, setting, location)
        elif parameter.default is None:
            raise missing(parameter)
        else:
            default = parameter.default
            try:
                values[parameter.name] = check(parameter, default.evaluate(environment(values)), default.location)
            except FailedInputError:
                values[parameter.name] = UNKNOWN
    return values


def bind_document(
    parameters: tuple[ParameterDeclaration, ...], settings: Mapping[str, Tree], charge: Charge = charge_nothing
) -> dict[str, Any]:
    """Returns a document's parameters with the settings of a variant and of ``--set``. Raises LocatedError.

    ``charge`` receives the steps of all expressions.
    """

    def environment(values: Mapping[str, Any]) -> ParameterEnvironment:
        return ParameterEnvironment(values, charge)

    none = environment({})
    bound = {name: (tree.location, read_value(tree).evaluate(none)) for name, tree in settings.items()}
    return bind(
        parameters,
        bound,
        environment,
        {},
        lambda p: LocatedError(
            "NS220",
            f"the parameter '{p.name}' must be given: it has no default",
            p.location,
            help=f"--set {p.name}=…, or a variant that sets it",
        ),
    )


def check(parameter: ParameterDeclaration, setting: Any, location: int) -> Any:
    """Converts a value to the parameter's type and checks its bounds. Raises LocatedError NS219."""
    kind = parameter.type
    name = parameter.name
    if kind is not None:
        if kind == "int" and type(setting) is float and setting.is_integer():
            setting = int(setting)
        if type(setting) not in TYPES[kind] and not (kind in ("int", "float") and is_named(setting)):
            raise LocatedError("NS219", f"'{name}' must be of type {kind}; found {describe_value(setting)}", location)
    if parameter.choices is not None and setting not in parameter.choices:
        listed = ", ".join(describe_value(c) if not isinstance(c, str) else c for c in parameter.choices)
        raise LocatedError("NS219", f"'{name}' must be one of {listed}; found {describe_value(setting)}", location)
    low, high = parameter.min, parameter.max
    if low is not None or high is not None:
        if type(setting) not in (int, float) and not is_named(setting):
            raise LocatedError("NS219", f"'{name}' must be a number; found {describe_value(setting)}", location)
        if (low is not None and setting < low) or (high is not None and setting > high):
            bounds = " and ".join(
                f"{word} {bound:g}" for word, bound in (("at least", low), ("at most", high)) if bound is not None
            )
            raise LocatedError("NS219", f"'{name}' must be {bounds}; found {describe_value(setting)}", location)
    return setting
