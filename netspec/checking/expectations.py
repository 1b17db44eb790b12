"""``expect``: facts that a spec states about its network, compared with the computed figures."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from .. import limits
from ..analysis.network_figures import Analysis
from ..diagnostics import Diagnostic, LocatedError, clip, suggestion
from ..language.elaboration.budget import Budget, LimitError
from ..language.reading.evaluation import ParameterEnvironment
from ..language.reading.expression_functions import describe_value
from ..language.reading.written_values import read_value
from ..ops.argument import as_list
from ..shapes.types import shape_text
from ..text.yaml_reader import List, Map, Text, Tree
from .spec import SpecResult

TOTALS: dict[str, Callable[[Analysis], int]] = {
    "params": lambda a: a.params,
    "trainable_params": lambda a: a.trainable_params,
    "active_params": lambda a: a.active_params,
    "buffers": lambda a: a.buffers,
    "weight_bytes": lambda a: a.weight_bytes,
    "macs": lambda a: a.macs,
    "macs_needed": lambda a: a.macs_needed,
    "flops": lambda a: a.flops,
    "activations": lambda a: a.activations,
    "connections": lambda a: a.connections,
}
"""Figures of the whole network by their keys under ``expect``."""
MEMORY_KEYS = ("train_memory", "infer_memory")
"""Forecasts of :mod:`~netspec.checking.expected_memory`, which few specs contain."""
KEYS = (*TOTALS, *MEMORY_KEYS, "receptive_field", "output", "shapes")

_SUFFIX = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "B": 10**9, "T": 10**12}
_BYTES = {
    "": 1, "B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12,
    "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40,
}  # fmt: skip
_NUMBER = r"(\d[\d_]*(?:\.\d+)?)\s*([A-Za-z]*)"
_BOUND = re.compile(rf"(<=|>=|<|>)\s*{_NUMBER}\Z")
_TOLERANCE = re.compile(rf"{_NUMBER}\s*(?:\+-|±)\s*(\d+(?:\.\d+)?)\s*%\Z")
_ORDER: dict[str, Callable[[int, int], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_FORMS = "a number, or a bound: '<= 5M', '>= 200', '4.09G +- 1%'"
_BYTE_FORMS = "a number, or a bound: '<= 500 MiB', '>= 200', '102 MB +- 1%'"


def check_expectations(result: SpecResult, analysis: Analysis) -> list[Diagnostic]:
    """Returns the first expectations that fail or cannot be read, as found by :func:`failed_expectations`."""
    return failed_expectations(result, analysis)[0]


def failed_expectations(result: SpecResult, analysis: Analysis) -> tuple[list[Diagnostic], int]:
    """Returns up to ``limits.DIAGNOSTICS`` expectations that fail or cannot be read, and the number of further ones.

    If parameters were set from outside, expectations about figures that depend on them are skipped, with a note.
    """
    problems: list[Diagnostic] = []
    hidden = 0
    for tree in result.expect:
        failures: Iterable[LocatedError] = check_tree(tree, analysis)
        if result.changed and type(tree) is Map:
            from .skipped_expectations import skipped_note, split_by_settings  # loaded only with settings

            failures, skipped = split_by_settings(failures, tree, result, partial(check_tree, tree), is_bound)
            problems += [skipped_note(skipped, tree, result)] if skipped else []
        for problem in failures:
            if len(problems) < limits.DIAGNOSTICS:
                problems.append(problem.diagnostic)
            else:
                hidden += 1
    return problems, hidden


def is_bound(expected: str) -> bool:
    """Whether an expected value is a bound such as ``<= 5M``."""
    return _BOUND.match(expected.strip()) is not None


def check_tree(tree: Tree, analysis: Analysis) -> Iterator[LocatedError]:
    """Yields the failed or unreadable expectations in one value of ``expect``."""
    if type(tree) is not Map:
        yield LocatedError("NS602", "expect must be a mapping", tree.location)
        return
    environment = ParameterEnvironment(analysis.graph.arguments, Budget().charge_expression)
    try:
        for key, (location, node, _) in tree.entries.items():
            yield from _check_entry(key, location, node, environment, analysis)
    except LimitError as limit:
        yield limit.error


def _check_entry(
    key: str, location: int, node: Tree, environment: ParameterEnvironment, analysis: Analysis
) -> Iterator[LocatedError]:
    """Checks one expectation. Raises LimitError."""
    if key == "shapes":
        yield from _check_shapes(node, environment, analysis)
        return
    try:
        expected = read_value(node).evaluate(environment)
    except LocatedError as error:
        yield error
        return
    if key in TOTALS:
        yield from _check_total(key, expected, TOTALS[key](analysis), node)
    elif key == "receptive_field":
        from .expected_fields import failed_fields  # few specs have one

        yield from failed_fields(expected, node, analysis)
    elif key == "output":
        yield from _check_output(expected, analysis, node)
    elif key in MEMORY_KEYS:
        from .expected_memory import expected_memory

        for problem in expected_memory(key, expected, node, analysis.graph):
            if isinstance(problem, LocatedError):
                yield problem
            else:
                value, bytes_, place = problem
                yield from _check_total(key, value, bytes_, place)
    else:
        from ..words.mistaken_forms import figure_help  # loaded only where something is wrong

        help = figure_help(key) or suggestion(key, KEYS, f"the keys of expect are {', '.join(KEYS)}")
        yield LocatedError("NS602", f"there is no figure '{clip(key)}'", location, help=help)


def _check_total(key: str, expected: Any, actual: int, node: Tree) -> Iterator[LocatedError]:
    """Compares a figure with a number, exactly or within bounds."""
    if type(expected) is float and expected.is_integer():
        expected = int(expected)
    if type(expected) is int:
        if expected != actual:
            message = f"{key} must be {expected:,}; found {actual:,}"
            yield LocatedError("NS601", message, node.location, label=_difference(expected, actual))
        return
    text = expected.strip() if isinstance(expected, str) and len(expected) <= limits.NAME else ""
    units, forms = (_BYTES, _BYTE_FORMS) if key in ("weight_bytes", *MEMORY_KEYS) else (_SUFFIX, _FORMS)
    if (m := _BOUND.match(text)) and m[3] in units:
        bound, parts = _exact(m[2], units[m[3]])
        if not _ORDER[m[1]](actual * parts, bound):
            yield LocatedError("NS601", f"{key} must be {clip(text)}; found {actual:,}", node.location)
    elif (m := _TOLERANCE.match(text)) and m[2] in units:
        center, parts = _exact(m[1], units[m[2]])
        percent, percent_parts = _exact(m[3])
        if abs(actual * parts - center) * percent_parts * 100 > center * percent:
            message = f"{key} must be {clip(text)}; found {actual:,}"
            yield LocatedError("NS601", message, node.location, label=_difference(center, actual, parts))
    else:
        from ..words.mistaken_forms import rounded_help  # loaded only where something is wrong

        message = f"{key} must be {forms}; found {describe_value(expected)}"
        yield LocatedError("NS602", message, node.location, help=rounded_help(text, units))


def _exact(number: str, unit: int = 1) -> tuple[int, int]:
    """Returns a number as a ratio of integers, as figures may exceed the range of float."""
    whole, _, decimals = number.replace("_", "").partition(".")
    return int(whole + decimals) * unit, 10 ** len(decimals)


def _difference(expected: int, actual: int, parts: int = 1) -> str | None:
    """Returns ``+1,024 (+3.10%)`` from ``expected / parts``; None for zero, and for what no float can represent."""
    if not expected:
        return None
    difference = actual * parts - expected
    try:
        return f"{difference / parts:+,.0f} ({difference / expected:+.2%})"
    except OverflowError:
        return None


def _check_output(expected: Any, analysis: Analysis, node: Tree) -> Iterator[LocatedError]:
    outputs = analysis.graph.outputs
    if type(node) is not Map:
        yield from _check_shape("output", expected, next(iter(outputs.values())), analysis, node)
        return
    shapes: dict[str, Any] = expected
    for name, shape in shapes.items():
        if name not in outputs:
            message = f"there is no output '{clip(name)}'"
            yield LocatedError("NS604", message, node.location, help=suggestion(name, outputs))
            return
        yield from _check_shape(f"output {name}", shape, outputs[name], analysis, node)


def _check_shapes(node: Tree, environment: ParameterEnvironment, analysis: Analysis) -> Iterator[LocatedError]:
    if type(node) is not Map:
        yield LocatedError("NS602", "shapes must be a mapping of layers to shapes", node.location)
        return
    values = analysis.graph.values_by_name
    for name, (location, inner, _) in node.entries.items():
        if name not in values:
            message = f"there is no layer '{clip(name)}'"
            yield LocatedError("NS604", message, location, help=suggestion(name, values))
            continue
        assert isinstance(inner, (Text, List, Map))
        try:
            expected = read_value(inner).evaluate(environment)
        except LocatedError as error:
            yield error
            continue
        yield from _check_shape(name, expected, values[name], analysis, inner)


def _check_shape(name: str, expected: Any, value: int, analysis: Analysis, node: Tree) -> Iterator[LocatedError]:
    if type(expected) is not list:
        message = f"{name} must be a shape: a list of sizes; found {describe_value(expected)}"
        yield LocatedError("NS602", message, node.location)
        return
    actual, shape = analysis.graph.at_default.values[value].shape, tuple(as_list(expected))
    if shape != actual:
        has_names = any(isinstance(size, str) for size in shape)
        help = f"named dimensions have their defaults here: [{', '.join(map(str, actual))}]" if has_names else None
        message = f"{name} must be {shape_text(shape)}; found {shape_text(actual)}"
        yield LocatedError("NS601", message, node.location, help=help)
