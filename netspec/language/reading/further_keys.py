"""Checks of arguments with further keys, which depend on each other. Loaded only for operations that have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...diagnostics import LocatedError
from ...ops import find
from ...ops.argument import UNKNOWN
from ...shapes.shape_error import ShapeError
from .records import Report, plain_value
from .written_values import WrittenValue


def check_together(
    operation: str, arguments: Mapping[str, tuple[int, WrittenValue]], location: int, report: Report
) -> None:
    """Report incompatible arguments, as far as they are known before a layer is used.

    Args:
        operation: name of the operation.
        arguments: its arguments as written, each of which is valid.
        location: location of the operation's name.
    """
    cls = find(operation)
    values = dict.fromkeys(cls.arguments, UNKNOWN)  # those that are not given may have defaults
    values |= {name: _plain(value) for name, (_, value) in arguments.items() if name in values}
    keys = [name for name in arguments if name not in cls.arguments]
    try:
        cls.check_together(operation, values, keys)
    except ShapeError as error:
        at = arguments[error.argument][1].location if error.argument in arguments else location
        if error.argument in keys:
            at = arguments[error.argument][0]
        report(LocatedError(error.code, error.message, at, help=error.help))


def _plain(value: WrittenValue) -> Any:
    """Returns the value; UNKNOWN for an expression, or a text that is a parameter."""
    return plain_value(value.node) if value.constant else UNKNOWN
