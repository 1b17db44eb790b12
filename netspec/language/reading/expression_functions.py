"""The operators and functions of expressions, with limits on their operands and results."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeAlias

from ... import limits
from ...diagnostics import clip
from ...ops.argument import as_list
from ...shapes.sizes import equals, is_named, maximum, minimum
from .formula_steps import formula_of, in_formula
from .lexer import ExpressionError

StepCounter: TypeAlias = Callable[[int], None]
"""Counts steps of an evaluation. Raises ExpressionError NS912 above the limit."""


def divisible(x: float, by: int, floor: float = 0.0) -> int:
    """Returns the multiple of ``by`` nearest to x, halves rounded up, at least ``by``; the next if below ``floor * x``.

    This is the rule in the reference code of MobileNet and EfficientNet, which use ``floor=0.9``.
    """
    if type(by) is not int or by < 1:
        raise ValueError("'divisible' takes a positive integer to divide by")
    multiple = max(by, int(x + by / 2) // by * by)
    return multiple + by if multiple < floor * x else multiple


def _round(number: Any, ndigits: Any = None) -> Any:
    if isinstance(number, int) and type(ndigits) is int:
        ndigits = max(ndigits, -limits.DIGITS)  # the result is 0; Python computes that power of ten
    return round(number, ndigits)


def _sum(numbers: list[Any], start: Any = 0) -> Any:
    """Returns the sum of numbers; with a list as ``start``, the concatenation of lists."""
    if not is_list(start):
        return sum(numbers, start)
    joined = [*as_list(start)]
    for items in numbers:
        if not is_list(items):
            raise TypeError(f"only lists are joined to a list; found {describe_value(items)}")
        if len(joined) + len(items) > limits.LIST:
            raise _too_long(0)
        joined += items
    return joined


def _range(*bounds: int) -> list[int]:
    numbers = range(*bounds)
    if len(numbers) > limits.LIST:
        raise _too_long(0)
    return list(numbers)


def _prod(numbers: list[Any]) -> Any:
    result: Any = 1
    for n in numbers:
        if not is_number(n):
            raise TypeError(f"a product needs numbers; found {describe_value(n)}")
        result = check_bounds(result * n)  # at each step: Python's integers are unbounded
    return result


def _extreme(of_numbers: Callable[..., Any], of_sizes: Callable[[Any, Any], Any], *numbers: Any) -> Any:
    """Returns the minimum or maximum of numbers; exact for a size that depends on named dimensions and a number."""
    if (
        len(numbers) == 2
        and {type(n) for n in numbers} != {int}
        and all(type(n) is int or is_named(n) for n in numbers)
    ):
        return of_sizes(*numbers)
    return of_numbers(*numbers)


def _within(function: Callable[..., Any], allowed: Callable[[float], bool], message: str) -> Callable[..., Any]:
    """Wraps a function to give netspec's message outside its domain, as Python's messages differ by version."""

    def checked(*args: Any, **named: Any) -> Any:
        if any(type(a) in _NUMBERS and not allowed(a) for a in args):
            raise ValueError(message)
        return function(*args, **named)

    return checked


def _is_positive(number: float) -> bool:
    return number > 0


def _sign(number: float) -> int:
    return (number > 0) - (number < 0)


CONSTANTS = {"pi": math.pi, "inf": math.inf}
"""Named numbers, unless a parameter or a layer has the name."""
_NO_LOGARITHM = "the logarithm of a number that is not positive"
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": partial(_extreme, min, minimum),
    "max": partial(_extreme, max, maximum),
    "abs": abs,
    "round": _round,
    "floor": math.floor,
    "ceil": math.ceil,
    "sum": _sum,
    "prod": _prod,
    "len": len,
    "range": _range,
    "sqrt": _within(math.sqrt, lambda number: number >= 0, "the root of a negative number"),
    "log": _within(math.log, _is_positive, _NO_LOGARITHM),
    "log2": _within(math.log2, _is_positive, _NO_LOGARITHM),
    "exp": math.exp,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "erf": math.erf,
    "sign": _sign,
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
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_NUMBERS = (int, float, bool)


def is_number(value: Any) -> bool:
    """Whether a value supports arithmetic: a number, or a size that depends on named dimensions."""
    return type(value) in _NUMBERS or is_named(value)


def is_list(value: object) -> bool:
    """Whether a value is a list. Unlike ``isinstance``, it leaves the item type open to a type checker."""
    return type(value) is list


def describe_value(value: Any) -> str:
    """Returns a description of a value for messages."""
    if hasattr(value, "attribute"):
        return str(getattr(value, "description", "a tensor"))
    if hasattr(value, "formula"):
        return "a value that depends on a position or tensor"
    if isinstance(value, str):
        return f"the text '{clip(value)}'"
    if isinstance(value, bool):
        return str(value).lower()
    return clip("nothing" if value is None else _beginning(value, limits.CLIP + 1))


def _beginning(value: Any, length: int) -> str:
    """Returns at least ``length`` characters of the text of a value, or all of it; lists may be huge."""
    if type(value) not in (list, dict):
        return repr(value)
    brackets = "[]" if is_list(value) else "{}"
    text = brackets[0]
    for item in value:
        if len(text) > length:
            return text
        text += ", " if len(text) > 1 else ""
        text += "" if is_list(value) else f"{item!r}: "
        text += _beginning(item if is_list(value) else value[item], length - len(text))
    return text + brackets[1]


def count_items(value: Any, most: int, depth: int = 0) -> int:
    """Counts the items of a list or mapping, including nested ones; 0 for another value.

    Lists in an expression may share items, so that the number is not bounded by memory: counting ends soon after
    ``most``. Raises ExpressionError NS903 beyond ``limits.NESTING`` levels.
    """
    if type(value) not in (list, dict):
        return 0
    if depth > limits.NESTING:
        raise ExpressionError("NS903", f"the lists of a value are nested deeper than {limits.NESTING}")
    count = len(value)
    for item in value if is_list(value) else value.values():
        if count > most:
            break
        if type(item) in (list, dict):
            count += count_items(item, most - count, depth + 1)
    return count


def equal(a: Any, b: Any, step: StepCounter) -> bool:
    """Whether two values are equal. ``step`` counts the compared items."""
    if not (is_list(a) and is_list(b)):
        if isinstance(a, dict) or isinstance(b, dict):
            step(min(count_items(a, limits.EXPRESSION_STEPS), count_items(b, limits.EXPRESSION_STEPS)))
        return _same_number(a, b) if is_named(a) or is_named(b) else bool(a == b)
    if len(a) != len(b):
        return False
    step(len(a))
    return all(equal(x, y, step) for x, y in zip(a, b, strict=True))


def _same_number(a: Any, b: Any) -> bool:
    return is_number(a) and is_number(b) and equals(a, b)


def _is_infinite(value: Any) -> bool:
    return type(value) is float and math.isinf(value)


def check_bounds(value: Any, at: int = 0, operands: Iterable[Any] = ()) -> Any:
    """Checks and returns a value. Raises ExpressionError if it exceeds the limits, or is not finite.

    It may be infinite if one of the ``operands`` is.
    """
    if type(value) is int and not -limits.INTEGER < value < limits.INTEGER:
        raise ExpressionError("NS914", "an integer in an expression reaches 2^63", at)
    if is_list(value) and len(as_list(value)) > limits.LIST:
        raise _too_long(at)
    if type(value) is complex or (
        type(value) is float and (math.isnan(value) or (math.isinf(value) and not any(map(_is_infinite, operands))))
    ):
        raise ExpressionError("NS405", "the result is not a finite number", at)
    return value


def check_text(text: str, at: int = 0) -> str:
    """Checks and returns a text. Raises ExpressionError NS910 if it is longer than an expression may be."""
    if len(text) > limits.EXPRESSION:
        message = f"a text composed by expressions is longer than {limits.EXPRESSION:,} characters"
        raise ExpressionError("NS910", message, at)
    return text


def _too_long(at: int) -> ExpressionError:
    return ExpressionError("NS913", f"a list in an expression has more than {limits.LIST:,} items", at)


def parse_number(text: str, at: int) -> int | float:
    """Parses a number. Raises ExpressionError NS905 or NS914."""
    if len(text) > limits.DIGITS:
        raise ExpressionError("NS905", f"a number of more than {limits.DIGITS} digits: {clip(text)}", at)
    digits = text.replace("_", "")
    value: int | float = float(digits) if any(c in digits for c in ".eE") else int(digits)
    check_bounds(value, at)
    return value


def number_of(value: Any) -> Any:
    """Returns a number; for a size that depends on named dimensions, its default, which becomes a condition."""
    return int(value) if is_named(value) else value


def apply_operator(sign: str, a: Any, b: Any, step: StepCounter, at: int) -> Any:
    """Returns the result of arithmetic on two numbers; ``+`` also joins lists or texts and ``*`` repeats a list.

    ``step`` counts the items of a new list.
    """
    if not (type(a) in _NUMBERS and type(b) in _NUMBERS) and not (is_number(a) and is_number(b)):
        formula = formula_of(a, b)
        if formula is not None:
            return in_formula(at, formula.operator, sign, a, b)
        if sign == "+" and is_list(a) and is_list(b):
            if len(as_list(a)) + len(as_list(b)) > limits.LIST:
                raise _too_long(at)
            step(len(as_list(a)) + len(as_list(b)))
            return [*as_list(a), *as_list(b)]
        if sign == "+" and isinstance(a, str) and isinstance(b, str):
            return check_text(a + b, at)
        repeated, times = (a, number_of(b)) if is_list(a) else (b, number_of(a))
        if sign == "*" and is_list(repeated) and type(times) is int:
            items = as_list(repeated)
            if len(items) * max(times, 0) > limits.LIST:
                raise _too_long(at)
            step(len(items) * max(times, 0))
            return items * times
        message = f"'{sign}' takes numbers; found {describe_value(a)} and {describe_value(b)}"
        raise ExpressionError("NS403", message, at)
    try:
        if sign == "**" and abs(b) > 64:
            raise ExpressionError("NS914", "an exponent is above 64", at)
        return check_bounds(_OPERATIONS[sign](a, b), at, (a, b))
    except ZeroDivisionError:
        message = f"{describe_value(a)} {sign} {describe_value(b)}: division by zero"
        raise ExpressionError("NS405", message, at) from None
    except OverflowError:
        raise ExpressionError("NS405", "the result is not a finite number", at) from None


def apply_comparison(sign: str, a: Any, b: Any, step: StepCounter, at: int) -> Any:
    """Returns the result of a comparison; only numbers are ordered, and ``in`` looks for an item of a list.

    ``step`` counts the items of lists that are compared.
    """
    if (formula := formula_of(a, b)) is not None:
        if sign in ("in", "not in"):
            raise ExpressionError("NS417", f"'{sign}' looks for a number; found a position or tensor", at)
        return in_formula(at, formula.operator, sign, a, b)
    if sign in ("in", "not in"):
        items = list_items(b, at)
        step(len(items))
        return any(equal(a, item, step) for item in items) is (sign == "in")
    if sign in ("==", "!="):
        return equal(a, b, step) is (sign == "==")
    if not (is_number(a) and is_number(b)):
        message = f"'{sign}' compares numbers; found {describe_value(a)} and {describe_value(b)}"
        raise ExpressionError("NS403", message, at)
    return bool(_ORDER[sign](a, b))


def list_items(value: Any, at: int) -> list[Any]:
    """Returns the items of a list. Raises ExpressionError NS403 if the value is not a list."""
    if type(value) is not list:
        raise ExpressionError("NS403", f"a list is needed here; found {describe_value(value)}", at)
    return value  # pyright: ignore[reportUnknownVariableType] - a list of any items


def is_several(value: Any) -> bool:
    """Whether a value is a name of several tensors, which can be counted."""
    return hasattr(value, "element") and hasattr(value, "__len__")


def list_element(value: Any, index: Any, at: int) -> Any:
    """Returns the item of a list at an index, where negative ones count from the end, or one of several tensors."""
    if (formula := formula_of(index)) is not None:
        return in_formula(at, formula.element, list_items(value, at), index)
    index = number_of(index)
    inner = value.element(index) if hasattr(value, "element") and type(index) is int else None
    if inner is not None:
        return inner
    items = list_items(value, at)
    if type(index) is not int:
        raise ExpressionError("NS403", f"the index of an element is an integer; found {describe_value(index)}", at)
    if not -len(items) <= index < len(items):
        raise ExpressionError("NS406", f"there is no element {index} in a list of {len(items)}", at)
    return items[index]


def list_slice(value: Any, first: Any, last: Any, step: StepCounter, at: int) -> list[Any]:
    """Returns the items of a list between two bounds, as in Python. ``step`` counts them."""
    items = list_items(value, at)
    first, last = number_of(first), number_of(last)
    for bound in (first, last):
        if bound is not None and type(bound) is not int:
            raise ExpressionError("NS403", f"a bound is an integer; found {describe_value(bound)}", at)
    part = items[first:last]
    step(len(part))
    return part


def call_function(name: str, args: list[Any], named: dict[str, Any], step: StepCounter, at: int) -> Any:
    """Returns the result of a function. ``step`` counts the items of its list arguments and of its result."""
    formula = formula_of(*args, *named.values())
    if formula is not None:
        if named:
            raise ExpressionError("NS407", f"'{name}' takes no '{next(iter(named))}' in a formula", at)
        return in_formula(at, formula.call, name, args)
    for argument in (*args, *named.values()):
        if isinstance(argument, str) or (
            hasattr(argument, "attribute") and not (name == "len" and is_several(argument))
        ):
            message = f"'{name}' takes numbers and lists; found {describe_value(argument)}"
            raise ExpressionError("NS407", message, at)
        if is_list(argument) and name != "len":
            step(count_items(argument, limits.EXPRESSION_STEPS))
    try:
        result = check_bounds(FUNCTIONS[name](*args, **named), at, args)
        if is_list(result):
            step(len(result))
        return result
    except ExpressionError as error:
        error.at = error.at or at
        raise
    except ZeroDivisionError:
        raise ExpressionError("NS405", f"'{name}': division by zero", at) from None
    except (TypeError, ValueError, OverflowError) as error:
        raise ExpressionError("NS407", f"'{name}' cannot be evaluated: {clip(error)}", at) from None
