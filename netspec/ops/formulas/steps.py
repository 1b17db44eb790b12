"""The steps of formulas, each of which reads the results of earlier ones, and their types.

The types of constants, which depend on no tensor, are ``int``, ``float`` and ``bool``, as in Python: it
is computed in double precision, and rounded once. Steps that depend on an input have the types of elements that
tensors have; where types meet, ``cast`` steps convert them, so that no backend has to decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ...shapes.types import FLOATS, INTEGERS

DEFAULT_FLOAT = "float32"
"""The type of floating-point numbers that meet no tensor, and of integers of a tensor that are divided."""
WEAK = ("int", "float", "bool")
"""The types of constants."""
ARITHMETIC = ("+", "-", "*", "/", "//", "%", "**")
ORDER = ("<", "<=", ">", ">=")
COMPARISONS = ("==", "!=", *ORDER)
LOGIC = ("and", "or", "not")
ROUNDING = ("floor", "ceil", "round")
KEEPS_TYPE = ("abs", "square", "sign", "neg", "stop_gradient")
"""Functions whose result has the type of their argument."""
MATHS = ("sqrt", "log", "log2", "exp", "sin", "cos", "tan", "erf")
"""Functions of expressions whose result is a floating-point number."""


class FormulaStep(NamedTuple):
    """One step of a program.

    Kinds: ``input`` (value: its number), ``number``, ``position`` (value: axis counted from the last, -1, and its
    size), ``table`` (value: numbers, of which the argument selects one), ``where`` (condition, value, other), ``cast``,
    ``neg``, ``min``, ``max``, the signs of operators, and the names of functions. The value of ``cast``, of a ``where``
    of two numbers, and of a power of integers is the type of the result, where it is not the usual one.
    """

    kind: str
    args: tuple[int, ...] = ()
    value: Any = None


def is_float(type: str) -> bool:
    """Whether a type is one of floating-point numbers."""
    return type == "float" or type in FLOATS


def is_integer(type: str) -> bool:
    """Whether a type is one of integers."""
    return type == "int" or type in INTEGERS


def concrete(type: str, default: str = DEFAULT_FLOAT) -> str:
    """The type of the elements of a tensor with values of that type."""
    return {"int": "int64", "float": default}.get(type, type)


def common_type(types: Iterable[str], default: str = DEFAULT_FLOAT) -> str:
    """The type in which values of these types meet; raises ValueError for two floating-point types.

    As in Python, truth values are integers where they meet numbers, and integers are floating-point numbers where they
    meet those. A constant takes the type of the tensor that it meets.
    """
    kinds = list(types)
    tensors = [t for t in kinds if t not in WEAK]
    floats = sorted({t for t in tensors if is_float(t)})
    if len(floats) > 1:
        raise ValueError(f"{floats[0]} and {floats[1]}")
    if floats:
        return floats[0]
    if any(map(is_float, kinds)):
        return default if tensors else "float"
    if any(map(is_integer, kinds)):
        integers = {t for t in tensors if is_integer(t)}
        return "int32" if integers == {"int32"} else "int64" if tensors else "int"
    return "bool"


def result_type(
    step: FormulaStep, types: Sequence[str], inputs: Sequence[str], *, tensor: bool, default: str = DEFAULT_FLOAT
) -> str:
    """The type of a step's result.

    Args:
        step: the step.
        types: of the steps that it reads, which meet in one type where that matters.
        inputs: of the tensors.
        tensor: whether the step depends on a tensor.
        default: the type of floating-point numbers that meet no tensor.
    """
    kind = step.kind
    if kind == "input":
        number: int = step.value
        return inputs[number]
    if kind == "position":
        return "int"
    if kind in ("number", "table"):
        numbers: Any = step.value if kind == "table" else (step.value,)
        return common_type("bool" if type(n) is bool else "float" if type(n) is float else "int" for n in numbers)
    if kind == "cast":
        return str(step.value)
    if kind in COMPARISONS or kind in LOGIC:
        return "bool"
    if kind in ROUNDING:
        return "int64" if tensor else "int"
    if kind == "where":
        kind_of_value = step.value or common_type(types[1:], default)
        return concrete(kind_of_value, default) if tensor else kind_of_value
    kind_of_value = common_type(types, default)
    if kind in (*ARITHMETIC, "min", "max") or kind in KEEPS_TYPE:
        is_quotient = kind == "/" or (kind == "**" and step.value == "float")
        return (default if tensor else "float") if is_quotient and not is_float(kind_of_value) else kind_of_value
    return kind_of_value if is_float(kind_of_value) else default if tensor else "float"


def pruned(steps: Sequence[FormulaStep], root: int) -> tuple[tuple[FormulaStep, ...], list[int]]:
    """The steps that one depends on, and the inputs that these read, which are numbered in reading order."""
    order: list[int] = []
    state: dict[int, bool] = {}
    stack = [root]
    inputs: list[int] = []
    while stack:
        i = stack[-1]
        if i in state:
            stack.pop()
            if not state[i]:
                state[i] = True
                order.append(i)
            continue
        state[i] = False
        step = steps[i]
        if step.kind == "input" and step.value not in inputs:
            inputs.append(step.value)
        stack += [a for a in reversed(_reading_order(step)) if a not in state]
    number = {i: n for n, i in enumerate(order)}
    out: list[FormulaStep] = []
    for i in order:
        kind, args, value = steps[i]
        out.append(FormulaStep(kind, tuple(number[a] for a in args), inputs.index(value) if kind == "input" else value))
    return tuple(out), inputs


def _reading_order(step: FormulaStep) -> tuple[int, ...]:
    """The arguments of a step, in the order of the text: the value of ``a if c else b`` comes before its condition."""
    if step.kind == "where":
        condition, value, other = step.args
        return value, condition, other
    return step.args
