"""Converts elementwise drafts to expressions, and evaluates expressions."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..ops import TABLE, find
from ..shapes.sizes import is_named
from ..weights.formula_values import FUNCTIONS
from ..weights.numpy_types import Array
from .draft import Draft

_JOINED = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}
_CALLED = frozenset({"abs", "cos", "erf", "exp", "log", "sign", "sin", "sqrt", "square", "tan"})
_GELU_TANH = "0.5 * {0} * (1 + tanh(sqrt(2 / pi) * ({0} + 0.044715 * {0} ** 3)))"
_CONSTANTS = {"pi": math.pi, "inf": math.inf}
_NAME = re.compile(r"\bx(\d+)\b")
_BINARY: Mapping[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
}
_COMPARED: Mapping[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}


def expression_of(draft: Draft) -> str | None:
    """Returns what an elementwise draft computes from its inputs ``x0``, ``x1``, …; None if it is not elementwise."""
    arguments, count = draft.arguments, len(draft.inputs)
    if draft.given_weights or draft.opaque:
        return None
    match draft.operation:
        case "formula":
            text = arguments["expression"]
            plain = isinstance(text, str) and text.startswith("$(") and set(arguments) == {"expression"} and count
            return text[2:-1] if plain else None
        case "add" | "subtract" | "multiply" | "divide" if not arguments:
            return f" {_JOINED[draft.operation]} ".join(f"x{i}" for i in range(count))
        case "maximum":
            return f"max({', '.join(f'x{i}' for i in range(count))})"
        case "rescale":
            return _rescaled(arguments)
        case "clamp":
            return _clamped(arguments)
        case "leaky_relu":
            return f"x0 if x0 > 0 else {_number(arguments.get('negative_slope', 0.01))} * x0"
        case "gelu" if arguments.get("approximate") == "tanh":
            return _GELU_TANH.format("x0")
        case name if not arguments and (name in _CALLED or (name in TABLE and find(name).is_activation)):
            return f"{name}(x0)" if name in FUNCTIONS else None
        case _:
            return None


def _rescaled(arguments: Mapping[str, Any]) -> str | None:
    factor, offset = arguments.get("factor", 1.0), arguments.get("offset", 0.0)
    if isinstance(factor, (list, tuple)) or isinstance(offset, (list, tuple)):
        return None
    text = "x0" if factor == 1 else f"x0 * {_number(factor)}"
    if is_named(offset) or offset > 0:
        return f"{text} + {_number(offset)}"
    return text if offset == 0 else f"{text} - {_number(-offset)}"


def _clamped(arguments: Mapping[str, Any]) -> str:
    low, high = arguments.get("low"), arguments.get("high")
    text = "x0" if low is None else f"max(x0, {_number(low)})"
    return text if high is None else f"min({text}, {_number(high)})"


def _number(value: float) -> str:
    if is_named(value):
        return f"({value})"
    if isinstance(value, float) and not math.isfinite(value):
        return "inf" if value > 0 else "(-inf)"
    short = int(value) if value == int(value) and abs(value) < 1e6 else value
    return f"({short})" if short < 0 else str(short)


def substituted(text: str, parts: Sequence[str]) -> str:
    """Substitutes expressions for ``x0``, ``x1``, …."""

    def part(name: re.Match[str]) -> str:
        inner = parts[int(name[1])]
        return inner if _NAME.fullmatch(inner) or inner.isidentifier() else f"({inner})"

    return _NAME.sub(part, text)


def value_of(text: str, inputs: Sequence[Array]) -> Array | None:
    """Evaluates an expression of ``x0``, ``x1``, … in double precision; None if that is impossible."""
    try:
        tree = ast.parse(text, mode="eval").body
        with np.errstate(all="ignore"):
            return np.asarray(_value(tree, inputs), np.float64)
    except (SyntaxError, ValueError, KeyError, IndexError, TypeError, RecursionError, MemoryError):
        return None


def _value(node: ast.expr, inputs: Sequence[Array]) -> Any:
    match node:
        case ast.Constant(value=bool() | int() | float() as number):
            return np.float64(number)
        case ast.Name(id=name):
            return np.float64(_CONSTANTS[name]) if name in _CONSTANTS else inputs[int(name[1:])]
        case ast.BinOp(left=left, op=op, right=right):
            return FUNCTIONS[_BINARY[type(op)]](_value(left, inputs), _value(right, inputs))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return FUNCTIONS["neg"](_value(operand, inputs))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return FUNCTIONS["not"](_value(operand, inputs))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            condition, *parts = [np.asarray(_value(part, inputs), np.float64) for part in (test, body, orelse)]
            return np.where(condition != 0, parts[0], parts[1])
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return FUNCTIONS[_COMPARED[type(op)]](_value(left, inputs), _value(right, inputs))
        case ast.BoolOp(op=op, values=values):
            joined = FUNCTIONS["and" if isinstance(op, ast.And) else "or"]
            out = _value(values[0], inputs)
            for operand in values[1:]:
                out = joined(out, _value(operand, inputs))
            return out
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            first, *rest = [np.asarray(_value(arg, inputs), np.float64) for arg in args]
            if name in ("min", "max"):
                for value in rest:
                    first = FUNCTIONS[name](first, value)
                return first
            return np.asarray(FUNCTIONS[name](first, *rest), np.float64)
        case _:
            raise ValueError(f"not an expression of formulas: {type(node).__name__}")
