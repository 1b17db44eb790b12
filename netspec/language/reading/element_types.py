"""Parses ``dtype`` of a spec, a layer or a block: a floating-point type."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from ...diagnostics import LocatedError
from ...shapes.types import DTYPES, FLOATS
from ...text.yaml_reader import Tree
from .evaluation import ParameterEnvironment
from .expression_functions import describe_value
from .records import Report
from .written_values import WrittenValue, read_value


def floating_type(dtype: Any, location: int) -> str:
    """Checks and returns the value of ``dtype``. Raises LocatedError NS570 unless it is a floating-point type."""
    if type(dtype) is str and dtype in FLOATS:
        return dtype
    message = f"dtype must be {', '.join(FLOATS[:-1])} or {FLOATS[-1]}; found {describe_value(dtype)}"
    raise LocatedError("NS570", message, location, help=partial(_help, dtype))


def _help(dtype: Any) -> str | None:
    if dtype in DTYPES:
        return f"{{cast: {dtype}}} converts elements to {dtype}"
    from ...words import help_texts  # loaded only where something is wrong

    return help_texts.value_help("dtype", None, dtype, ())


def read_type(node: Tree, report: Report) -> WrittenValue | None:
    """Returns the ``dtype`` of a spec; reports a problem and returns None if there is one."""
    try:
        value = read_value(node)
        check_constant_type(value)
    except LocatedError as error:
        report(error)
        return None
    return value


def check_constant_type(value: WrittenValue) -> None:
    """Raises LocatedError NS570 if the value is known and not a floating-point type."""
    if value.constant:
        floating_type(value.evaluate(ParameterEnvironment({})), value.location)


def document_type(value: WrittenValue, parameters: Mapping[str, Any]) -> str:
    """Returns the ``dtype`` of a spec for given parameters. Raises LocatedError."""
    return floating_type(value.evaluate(ParameterEnvironment(parameters)), value.location)
