"""Checks of operations and their arguments that need no shapes: each raises a LocatedError or returns nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ...diagnostics import LocatedError
from ...ops import TABLE, find
from .records import Report, plain_value
from .values import Value

Arguments = dict[str, tuple[int, Value]]
"""Arguments as they are written: locations and values by name."""


def check_exists(name: str, blocks: Collection[str], location: int) -> None:
    """Raises LocatedError NS206 unless there is an operation or block of that name."""
    if name not in TABLE and name not in blocks:
        from .help import unknown_operation  # loaded only where something is wrong

        raise unknown_operation(name, blocks, location)


def check_activation(name: str, location: int) -> None:
    """Raises LocatedError NS214 unless an operation can be the value of ``activation``."""
    if name not in TABLE or not find(name).is_activation:
        from .help import not_an_activation

        raise not_an_activation(name, location)


def check_argument(operation: str, argument: str, location: int) -> None:
    """Raises LocatedError NS213 unless an operation has an argument of that name."""
    cls = find(operation)
    if argument not in cls.arguments and not (argument == "from" and cls.primary == "from"):
        from .help import unknown_argument

        raise unknown_argument(operation, argument, location)


def check_constant(operation: str, argument: str, value: Value, parameters: Collection[str] = ()) -> None:
    """Raises LocatedError NS221 if the constant value of an argument is invalid.

    ``parameters`` are the names that a value may have meant.
    """
    declared = find(operation).arguments.get(argument)
    if declared is None or not value.constant or declared.validator.kind != "value":
        return
    try:
        declared.validator.validate(plain_value(value.node), TABLE[operation].rank)
    except ValueError as error:
        from .help import invalid_value

        raise invalid_value(operation, argument, value.node, str(error), parameters) from None


def check_arguments(
    operation: str,
    primary: Value | None,
    written: Mapping[str, tuple[int, Value]],
    first: Mapping[str, tuple[int, Value]] | None,
    location: int,
    report: Report,
    parameters: Collection[str] = (),
) -> None:
    """Check all arguments of a layer, and report every one that does not exist, is given twice, is missing or has an
    invalid constant value.

    Args:
        operation: name of the operation.
        primary: its primary argument.
        written: its other arguments.
        first: arguments of its first copy.
        location: where the operation is named.
        report: receives the problems.
        parameters: names of parameters, which a value may have meant.
    """
    cls = find(operation)
    arguments = dict(written)
    complete = True
    """Whether no argument is unknown: of such a one it is not known which required one it means."""
    if primary is not None:
        if cls.primary is None:
            from .help import no_primary

            report(no_primary(operation, primary.node))
        elif cls.primary in arguments:
            report(LocatedError("NS211", f"'{cls.primary}' is given twice", arguments[cls.primary][0]))
        else:
            arguments[cls.primary] = (primary.location, primary)
    for name, (at, value) in [*arguments.items(), *(first or {}).items()]:
        try:
            check_argument(operation, name, at)
            check_constant(operation, name, value, parameters)
        except LocatedError as error:
            report(error)
            complete = complete and error.code != "NS213"
    for name, declared in cls.arguments.items():
        if complete and name not in arguments and declared.required:
            report(LocatedError("NS220", f"'{operation}' needs '{name}'", location))
