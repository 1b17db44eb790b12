"""The values of constant formulas, in pieces: 64-bit integers, and other numbers in double precision."""

# Rules are functions of one to three intervals or arrays:
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..ops.formulas.program import Program
from ..ops.formulas.steps import FormulaStep, is_float
from .numpy_types import Array, numpy_dtype

AT_ONCE = 1 << 16
"""Number of elements computed at once."""


def formula(shape: tuple[int, ...], program: Program) -> Callable[[int, Array], None]:
    """Returns a filler with the values of a constant."""
    types = program.types(())
    strides = [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]

    def fill(start: int, out: Array) -> None:
        for first in range(0, out.size, AT_ONCE):
            part = out[first : first + AT_ONCE]
            flat = np.arange(start + first, start + first + part.size, dtype=np.int64)
            with np.errstate(all="ignore"):
                part[...] = _value(program, types, flat, shape, strides)

    return fill


def _value(program: Program, types: list[str], flat: Array, shape: tuple[int, ...], strides: list[int]) -> Any:
    """Returns the values at flat indices."""
    values: list[Any] = []
    for step, type in zip(program.steps, types, strict=True):
        if step.kind == "position":
            axis, size = step.value
            n = shape[axis] if -axis <= len(shape) else 1
            position = flat // strides[axis] % n if n > 1 else np.zeros_like(flat)
            values.append(position if size > 1 else np.zeros_like(flat))
        else:
            values.append(_step(step, type, [values[i] for i in step.args]))
    return values[-1]


def _step(step: FormulaStep, type: str, args: list[Any]) -> Any:
    kind = step.kind
    if kind == "number":
        return np.asarray(step.value, _dtype(type))
    if kind == "table":
        return np.asarray(step.value, _dtype(type))[args[0]]
    if kind == "cast":
        return args[0].astype(_dtype(type))
    if kind == "where":
        return np.where(args[0], args[1].astype(_dtype(type)), args[2].astype(_dtype(type)))
    if type == "float" or kind in ("floor", "ceil", "round"):
        args = [a.astype(np.float64) for a in args]
    result = FUNCTIONS[kind](*args)
    return np.asarray(result).astype(_dtype(type), copy=False)


def _dtype(type: str) -> np.dtype[Any]:
    return np.dtype({"int": "int64", "float": "float64"}.get(type, numpy_dtype(type) if is_float(type) else type))


def _by_number(function: Callable[[float], float]) -> Callable[[Array], Any]:
    """Makes a function of NumPy arrays from a function of the standard library."""
    return np.frompyfunc(function, 1, 1)


_erf = _by_number(math.erf)


def _sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def _softplus(x: Array) -> Array:
    return np.where(x > 20, x, np.log1p(np.exp(np.minimum(x, 20))))


def _elu(x: Array) -> Array:
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


_SELU = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717
"""Scale and alpha of Klambauer et al. 2017."""
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "//": np.floor_divide,
    "%": np.mod,
    "**": np.power,
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "and": np.logical_and,
    "or": np.logical_or,
    "not": np.logical_not,
    "neg": np.negative,
    "min": np.minimum,
    "max": np.maximum,
    "abs": np.abs,
    "square": np.square,
    "sign": np.sign,
    "floor": np.floor,
    "ceil": np.ceil,
    "round": np.round,
    "sqrt": np.sqrt,
    "log": np.log,
    "log2": np.log2,
    "exp": np.exp,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "erf": _erf,
    "stop_gradient": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x: np.clip(x, 0, 6),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.01 * x),
    "elu": _elu,
    "celu": _elu,
    "selu": lambda x: _SELU[0] * np.where(x > 0, x, _SELU[1] * np.expm1(np.minimum(x, 0))),
    "gelu": lambda x: x * 0.5 * (1 + np.asarray(_erf(x / math.sqrt(2)), np.float64)),
    "silu": lambda x: x * _sigmoid(x),
    "mish": lambda x: x * np.tanh(_softplus(x)),
    "sigmoid": _sigmoid,
    "hard_sigmoid": lambda x: np.clip(x / 6 + 0.5, 0, 1),
    "hard_swish": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    "tanh": np.tanh,
    "scaled_tanh": lambda x: 1.7159 * np.tanh(2 / 3 * x),
    "softplus": _softplus,
    "softsign": lambda x: x / (1 + np.abs(x)),
}
"""The operators and functions of formulas."""
