"""What the signs and functions of expressions do, with bounds on everything they take and give."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from ... import limits
from ...diagnostics import clip
from ...ops.argument import as_list
from .lexer import ExpressionError


def divisible(x: float, by: int, floor: float = 0.0) -> int:
    """The multiple of ``by`` nearest to x, halves up, at least ``by``; one more where that is below ``floor * x``.

    The rule of MobileNet's and EfficientNet's reference code, which use ``floor=0.9``.
    """
    if type(by) is not int or by < 1:
        raise ValueError("'divisible' takes a positive whole number to divide by")
    out = max(by, int(x + by / 2) // by * by)
    return out + by if out < floor * x else out


def _range(*bounds: int) -> list[int]:
    out = range(*bounds)
    if len(out) > limits.LIST:
        raise ExpressionError("NS913", f"a list in an expression has more than {limits.LIST:,} items")
    return list(out)


def _prod(numbers: list[Any]) -> Any:
    out: Any = 1
    for n in numbers:
        if type(n) not in _NUMBERS:
            raise TypeError(f"a product is of numbers; found {shown(n)}")
        out = bounded(out * n)  # at each step: Python's whole numbers have no end
    return out


def _within(function: Callable[..., Any], allowed: Callable[[float], bool], message: str) -> Callable[..., Any]:
    """The function with a message of ours where a number is outside its domain: Python's differ by version."""

    def checked(*args: Any, **named: Any) -> Any:
        if any(type(a) in _NUMBERS and not allowed(a) for a in args):
            raise ValueError(message)
        return function(*args, **named)

    return checked


def _is_positive(number: float) -> bool:
    return number > 0


_NO_LOGARITHM = "the logarithm of a number that is not positive"
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": min,
    "max": max,
    "abs": abs,
    "round": round,
    "floor": math.floor,
    "ceil": math.ceil,
    "sum": sum,
    "prod": _prod,
    "len": len,
    "range": _range,
    "sqrt": _within(math.sqrt, lambda number: number >= 0, "the root of a negative number"),
    "log": _within(math.log, _is_positive, _NO_LOGARITHM),
    "log2": _within(math.log2, _is_positive, _NO_LOGARITHM),
    "divisible": divisible,
}

_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "**": lambda a, b: a**b,
}
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}
_NUMBERS = (int, float, bool)


def is_list(value: object) -> bool:
    """Whether a value is a list (without claiming to know of what)."""
    return type(value) is list


def shown(value: Any) -> str:
    """A value for a message."""
    if hasattr(value, "attribute"):
        return "a tensor"
    if isinstance(value, str):
        return f"the text '{clip(value)}'"
    if isinstance(value, bool):
        return str(value).lower()
    return clip("nothing" if value is None else value)


def bounded(value: Any, at: int = 0) -> Any:
    """The value, once it is within the limits on numbers and lists."""
    if type(value) is int and not -limits.INTEGER < value < limits.INTEGER:
        raise ExpressionError("NS914", "a whole number in an expression reaches 2^63", at)
    if is_list(value) and len(as_list(value)) > limits.LIST:
        raise ExpressionError("NS913", f"a list in an expression has more than {limits.LIST:,} items", at)
    if type(value) is complex or (type(value) is float and not math.isfinite(value)):
        raise ExpressionError("NS405", "the result is no finite number", at)
    return value


def literal(text: str, at: int) -> int | float:
    """A number as it is written."""
    if len(text) > limits.DIGITS:
        raise ExpressionError("NS905", f"a number of more than {limits.DIGITS} digits: {clip(text)}", at)
    plain = text.replace("_", "")
    value: int | float = float(plain) if any(c in plain for c in ".eE") else int(plain)
    bounded(value, at)
    return value


def operate(sign: str, a: Any, b: Any, at: int) -> Any:
    """Arithmetic on two numbers; ``+`` joins lists and ``*`` repeats one."""
    if type(a) not in _NUMBERS or type(b) not in _NUMBERS:
        if sign == "+" and is_list(a) and is_list(b):
            return bounded([*as_list(a), *as_list(b)], at)
        many, times = (a, b) if is_list(a) else (b, a)
        if sign == "*" and is_list(many) and type(times) is int:
            repeated = as_list(many)
            if len(repeated) * max(times, 0) > limits.LIST:
                raise ExpressionError("NS913", f"a list in an expression has more than {limits.LIST:,} items", at)
            return repeated * times
        raise ExpressionError("NS403", f"'{sign}' takes numbers; found {shown(a)} and {shown(b)}", at)
    try:
        if sign == "**" and abs(b) > 64:
            raise ExpressionError("NS914", "an exponent is above 64", at)
        return bounded(_OPERATIONS[sign](a, b), at)
    except ZeroDivisionError:
        raise ExpressionError("NS405", f"{shown(a)} {sign} {shown(b)}: division by zero", at) from None
    except OverflowError:
        raise ExpressionError("NS405", "the result is no finite number", at) from None


def compare(sign: str, a: Any, b: Any, at: int) -> bool:
    """Comparison; an order only between numbers."""
    if sign in ("==", "!="):
        return (a == b) is (sign == "==")
    if type(a) not in _NUMBERS or type(b) not in _NUMBERS:
        raise ExpressionError("NS403", f"'{sign}' compares numbers; found {shown(a)} and {shown(b)}", at)
    return _ORDER[sign](a, b)


def items(value: Any, at: int) -> list[Any]:
    """The items of a list."""
    if type(value) is not list:
        raise ExpressionError("NS403", f"a list is needed here; found {shown(value)}", at)
    return value  # pyright: ignore[reportUnknownVariableType]


def element(value: Any, index: Any, at: int) -> Any:
    """One item of a list; negative numbers count from its end."""
    got = items(value, at)
    if type(index) is not int:
        raise ExpressionError("NS403", f"an element's number is a whole number; found {shown(index)}", at)
    if not -len(got) <= index < len(got):
        raise ExpressionError("NS406", f"there is no element {index} in a list of {len(got)}", at)
    return got[index]


def part(value: Any, first: Any, last: Any, at: int) -> list[Any]:
    """A run of items, bounds as in Python."""
    got = items(value, at)
    for bound in (first, last):
        if bound is not None and type(bound) is not int:
            raise ExpressionError("NS403", f"a bound is a whole number; found {shown(bound)}", at)
    return got[first:last]


def call(name: str, args: list[Any], named: dict[str, Any], step: Callable[[int], None], at: int) -> Any:
    """A function's value."""
    for a in (*args, *named.values()):
        if isinstance(a, str) or hasattr(a, "attribute"):
            raise ExpressionError("NS407", f"'{name}' takes numbers and lists; found {shown(a)}", at)
        if type(a) is list:
            step(len(a))  # pyright: ignore[reportUnknownArgumentType]
    try:
        return bounded(FUNCTIONS[name](*args, **named), at)
    except ExpressionError as error:
        error.at = error.at or at
        raise
    except ZeroDivisionError:
        raise ExpressionError("NS405", f"'{name}': division by zero", at) from None
    except (TypeError, ValueError, OverflowError) as error:
        raise ExpressionError("NS407", f"'{name}' cannot be worked out: {clip(error)}", at) from None
