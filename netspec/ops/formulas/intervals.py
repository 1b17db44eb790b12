"""Bounds of the steps of constants: what an integer may be, whether a divisor may be zero."""

# Rules are functions of one to three intervals or arrays:
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from ...shapes.sizes import is_named
from .steps import FormulaStep

Interval: TypeAlias = tuple[float, float]
"""The least and the greatest value, which may be infinite."""
UNKNOWN: Interval = (-math.inf, math.inf)


def number_interval(number: Any) -> Interval:
    """The bounds of a number; those promised of a size that depends on named dimensions."""
    if not is_named(number):
        return float(number), float(number)
    greatest = number.names.greatest
    return 0.0, math.inf if greatest is None else float(max(number.at(greatest), number.value))


def interval(step: FormulaStep, of: Sequence[Interval], is_integer: bool) -> Interval:
    """The bounds of a constant step, from those of the steps that it reads; ``is_integer`` is its own type."""
    kind = step.kind
    if kind == "%" and is_integer:
        low, high = of[1]
        return min(low + 1, 0.0), max(high - 1, 0.0)
    if kind == "number":
        return number_interval(step.value)
    if kind == "position":
        return 0.0, number_interval(step.value[1])[1] - 1
    if kind == "table":
        return float(min(step.value)), float(max(step.value))
    if kind == "where":
        return min(of[1][0], of[2][0]), max(of[1][1], of[2][1])
    if kind in ("cast", "stop_gradient"):
        return of[0]
    if kind == "min":
        return min(a for a, _ in of), min(b for _, b in of)
    if kind == "max":
        return max(a for a, _ in of), max(b for _, b in of)
    rule = _RULES.get(kind)
    bounds = rule(*of) if rule is not None else UNKNOWN
    return UNKNOWN if any(map(math.isnan, bounds)) else bounds


def _corners(combine: Callable[[float, float], float], a: Interval, b: Interval) -> Interval:
    try:
        values = [combine(x, y) for x in a for y in b]
    except (OverflowError, ValueError, ZeroDivisionError):
        return UNKNOWN
    return (min(values), max(values)) if not any(type(v) is complex or math.isnan(v) for v in values) else UNKNOWN


def _times(x: float, y: float) -> float:
    return x * y if x and y else 0.0


def _quotient(a: Interval, b: Interval) -> Interval:
    if b[0] <= 0 <= b[1]:
        return UNKNOWN
    return _corners(lambda x, y: x / y if not (math.isinf(x) and math.isinf(y)) else 0.0, a, b)


def _floor_quotient(a: Interval, b: Interval) -> Interval:
    low, high = _quotient(a, b)
    return _floor(low), _floor(high)


def _floor(x: float) -> float:
    return x if math.isinf(x) else float(math.floor(x))


def _remainder(a: Interval, b: Interval) -> Interval:
    return (min(b[0], 0.0), max(b[1], 0.0))


def _power(a: Interval, b: Interval) -> Interval:
    if a[0] < 0:
        largest = max(abs(a[0]), abs(a[1]))
        high = _corners(lambda x, y: x**y, (largest, largest), b)[1]
        return -high, high
    return _corners(lambda x, y: x**y, a, b)


def _absolute(a: Interval) -> Interval:
    return (max(a[0], -a[1], 0.0), max(abs(a[0]), abs(a[1])))


def _rounded(a: Interval) -> Interval:
    return _floor(a[0]), -_floor(-a[1])


_RULES: dict[str, Callable[..., Interval]] = {
    "+": lambda a, b: (a[0] + b[0], a[1] + b[1]),
    "-": lambda a, b: (a[0] - b[1], a[1] - b[0]),
    "*": lambda a, b: _corners(_times, a, b),
    "/": _quotient,
    "//": _floor_quotient,
    "%": _remainder,
    "**": _power,
    "neg": lambda a: (-a[1], -a[0]),
    "abs": _absolute,
    "square": lambda a: _corners(_times, _absolute(a), _absolute(a)),
    "sign": lambda a: (-1.0, 1.0),
    **dict.fromkeys(("floor", "ceil", "round"), _rounded),
    **dict.fromkeys(("sin", "cos", "erf", "tanh"), lambda a: (-1.0, 1.0)),
    **dict.fromkeys(("sqrt", "exp", "sigmoid", "relu"), lambda a: (0.0, math.inf)),
}
