"""Checks of operations and their arguments that need no shapes: each raises a LocatedError or returns nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ...diagnostics import LocatedError, clip, suggestion
from ...ops import TABLE, find
from .records import WIRING, describe, plain_value
from .values import Value

Arguments = dict[str, tuple[int, Value]]
"""Arguments as they are written: locations and values by name."""


def check_exists(name: str, blocks: Collection[str], location: int) -> None:
    """Raises LocatedError NS206 unless there is an operation or block of that name."""
    if name in TABLE or name in blocks:
        return
    kind = "block" if name[:1].isupper() else "operation"
    otherwise = suggestion(name, lambda: [*TABLE, *blocks], "`netspec ops` lists the operations")
    help = suggestion(name, blocks if kind == "block" else TABLE, otherwise)
    raise LocatedError("NS206", f"there is no {kind} '{clip(name)}'", location, help=help)


def check_activation(name: str, location: int) -> None:
    """Raises LocatedError NS214 unless an operation can be the value of ``activation``."""
    if name in TABLE and find(name).is_activation:
        return
    known = [n for n, e in TABLE.items() if e.family in ("activation", "elementwise") and find(n).is_activation]
    help = suggestion(name, known, f"there are {', '.join(known)}")
    raise LocatedError("NS214", f"'{clip(name)}' is not an activation without weights", location, help=help)


def check_argument(operation: str, argument: str, location: int) -> None:
    """Raises LocatedError NS213 unless an operation has an argument of that name."""
    cls = find(operation)
    if argument in cls.arguments or (argument == "from" and cls.primary == "from"):
        return
    known = list(cls.arguments)
    otherwise = f"its arguments are {', '.join(known)}" if known else "it takes none"
    help = suggestion(argument, (*known, *WIRING), otherwise)
    raise LocatedError("NS213", f"'{operation}' has no argument '{clip(argument)}'", location, help=help)


def check_constant(operation: str, argument: str, value: Value) -> None:
    """Raises LocatedError NS221 if the constant value of an argument is invalid."""
    declared = find(operation).arguments.get(argument)
    if declared is None or not value.constant or declared.validator.kind != "value":
        return
    try:
        declared.validator.validate(plain_value(value.node), TABLE[operation].rank)
    except ValueError as error:
        message = f"{argument} must be {error}; found {describe(value.node)}"
        raise LocatedError("NS221", message, value.location) from None


def check_arguments(
    operation: str,
    primary: Value | None,
    written: Mapping[str, tuple[int, Value]],
    first: Mapping[str, tuple[int, Value]] | None,
    location: int,
) -> None:
    """Check all arguments of a layer.

    Args:
        operation: name of the operation.
        primary: its primary argument.
        written: its other arguments.
        first: arguments of its first copy.
        location: where the operation is named.

    Raises:
        LocatedError: an argument does not exist, is given twice, is missing, or has an invalid constant value.
    """
    cls = find(operation)
    arguments = dict(written)
    if primary is not None:
        if cls.primary is None:
            message = f"'{operation}' takes no argument; found {describe(primary.node)}"
            raise LocatedError("NS213", message, primary.location)
        if cls.primary in arguments:
            raise LocatedError("NS211", f"'{cls.primary}' is given twice", arguments[cls.primary][0])
        arguments[cls.primary] = (primary.location, primary)
    for name, (at, value) in [*arguments.items(), *(first or {}).items()]:
        check_argument(operation, name, at)
        check_constant(operation, name, value)
    for name, declared in cls.arguments.items():
        if name not in arguments and declared.required:
            raise LocatedError("NS220", f"'{operation}' needs '{name}'", location)
