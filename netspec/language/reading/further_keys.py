"""Arguments of operations that have further keys: what they mean together. Loaded only for these operations."""

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
    """Report a problem of arguments with each other, as far as they are known before a layer is used.

    Args:
        operation: name of the operation.
        arguments: its arguments as they are written, each of which is valid.
        location: where the operation is named.
        report: receives the problem.
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
    """The value; UNKNOWN for an expression, or a text that is a parameter."""
    return plain_value(value.node) if value.constant else UNKNOWN
