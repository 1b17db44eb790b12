"""Elementwise arithmetic, comparisons and selection."""

from __future__ import annotations

import math

import numpy as np

from netspec.weights.numpy_types import Array

from ..batch import combine, expanded, join
from ..errors import refused
from ..node import OnnxNode
from ..rule_table import Inputs, Result, rule
from ..site import Site
from ..tensor_reader import DTYPES, SMALL_INTEGERS, type_name
from ..values import SourceTensor

JOINS = {"Add": "add", "Sum": "add", "Mul": "multiply", "Sub": "subtract", "Div": "divide", "Mean": "average"}
VARIADIC = ("Max", "Mean", "Min", "Sum")
"""Operators with any number of tensors."""
FORMULAS = {
    "And": "and",
    "Equal": "==",
    "Greater": ">",
    "GreaterOrEqual": ">=",
    "Less": "<",
    "LessOrEqual": "<=",
    "Min": "min",
    "Mod": "%",
    "Or": "or",
}
"""Operators of two tensors that become formulas."""


def shortest(number: float) -> float:
    """Returns the shortest decimal with the same single-precision value."""
    return float(str(np.float32(number)))


def scaled(r: Site, x: SourceTensor, factor: float = 1.0, offset: float = 0.0) -> SourceTensor:
    """A ``rescale`` by two numbers, without a factor of 1 and an offset of 0."""
    if x.dtype in ("int64", "int32") and not (float(factor).is_integer() and float(offset).is_integer()):
        raise refused("argument", f"scaling integers by {factor} and adding {offset} has no equivalent")
    if not math.isfinite(factor) or not math.isfinite(offset):
        raise refused("argument", "a number that is not finite has no equivalent")
    arguments = {"factor": factor} if factor != 1 else {}
    arguments |= {"offset": offset} if offset != 0 else {}
    return r.unary("rescale", x, arguments) if arguments else x


def _with_number(r: Site, operation: str, x: SourceTensor, number: float, first: bool) -> SourceTensor | None:
    """An operation of a tensor and one number as a ``rescale``, or None if it is not linear."""
    exact = shortest(number) if x.dtype == "float32" else number
    if operation == "add":
        return scaled(r, x, 1, exact)
    if operation == "multiply":
        return scaled(r, x, exact)
    if operation == "subtract":
        return scaled(r, x, -1, exact) if first else scaled(r, x, 1, -exact)
    if operation == "divide" and not first and exact and x.dtype == "float32":
        return scaled(r, x, 1 / exact)
    return None


def _changes_nothing(operation: str, numbers: Array, first: bool) -> bool:
    """Whether an operation with these numbers is the identity."""
    neutral = {"add": 0, "subtract": 0, "multiply": 1, "divide": 1}.get(operation)
    if neutral is None or (first and operation in ("subtract", "divide")):
        return False
    return bool(numbers.size) and bool((numbers == neutral).all())


def _operands(node: OnnxNode, inputs: Inputs) -> list[SourceTensor]:
    """Returns the inputs of an operator: two, or any number.

    Raises CannotImportError NS846 if one of two is missing.
    """
    return [v for v in inputs if v is not None] if node.operator in VARIADIC else [inputs.need(0), inputs.need(1)]


@rule(*JOINS)
def arithmetic(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``add``, ``multiply`` and so on; with one number ``rescale``, and for the square of a tensor ``square``."""
    operation = JOINS[node.operator]
    values = _operands(node, inputs)
    if len(values) == 1:
        return values[0]
    if len(values) == 2 and not any(v.dtype == "bool" for v in values):
        for k, x in enumerate(values):
            number = values[1 - k].scalar()
            if number is None or x.is_known or values[1 - k].learned or values[1 - k].rank > x.rank:
                continue
            out = _with_number(r, operation, r.placed(x), number, first=k == 1)
            if out is not None:
                return out
    for k, x in enumerate(values if len(values) == 2 else []):
        other = values[1 - k]
        if other.is_constant and other.known is not None and _changes_nothing(operation, other.known, first=k == 1):
            return expanded(r, x, other.shape)
    if operation == "multiply" and len(values) == 2 and node.inputs[0] == node.inputs[1]:
        return r.unary("square", values[0])
    if operation == "divide" and values[0].dtype != "float32":
        return combine(r, "//", values)
    return join(r, operation, values)


@rule("Max")
def maximum(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``maximum``; with one number, ``clamp``."""
    values = [v for v in inputs if v is not None]
    if len(values) == 1:
        return values[0]
    if len(values) == 2 and (bounded := _bounded(r, values, "low")) is not None:
        return bounded
    return join(r, "maximum", values)


def _bounded(r: Site, values: list[SourceTensor], side: str) -> SourceTensor | None:
    for k, x in enumerate(values):
        number = values[1 - k].scalar()
        if number is not None and not x.is_known and values[1 - k].rank <= x.rank and x.dtype != "bool":
            return r.unary("clamp", x, {side: shortest(number) if x.dtype == "float32" else number})
    return None


@rule(*FORMULAS)
def formulas(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """A formula of two tensors, or of a tensor and a number."""
    values = _operands(node, inputs)
    kind = FORMULAS[node.operator]
    if kind == "min" and len(values) == 2 and (bounded := _bounded(r, values, "high")) is not None:
        return bounded
    if kind == "%" and values[0].dtype == "float32" and node.attribute("fmod", 0):
        raise refused("argument", "fmod: 1 has no equivalent")
    out = values[0]
    for value in values[1:]:
        number = value.scalar()
        if number is not None and not out.is_known and value.rank <= out.rank and kind not in ("and", "or"):
            out = combine(r, kind, [out], [number])
        else:
            out = combine(r, kind, [out, value])
    return out


@rule("Xor")
def xor(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """Whether two booleans differ."""
    return combine(r, "!=", [inputs.need(0), inputs.need(1)])


@rule("Not")
def negation(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """Logical negation as a formula."""
    return combine(r, "not", [inputs.need(0)])


@rule("Neg")
def negative(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``rescale`` by -1."""
    return scaled(r, r.placed(inputs.need(0)), -1)


@rule("Reciprocal")
def reciprocal(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """The reciprocal."""
    return join(r, "divide", [r.constant(np.ones((), np.float32)), inputs.need(0)])


@rule("Pow")
def power(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``square``, ``sqrt``, and their products and quotients; a formula for other exponents."""
    x, exponent = r.placed(inputs.need(0)), inputs.need(1)
    number = exponent.scalar()
    if number is None:
        return combine(r, "**", [x, exponent])
    if number == 1:
        return x
    if number == 2:
        return r.unary("square", x)
    if number == 3:
        return join(r, "multiply", [r.unary("square", x), x])
    if number == 0.5:
        return r.unary("sqrt", x)
    if number in (-0.5, -1):
        root = r.unary("sqrt", x) if number == -0.5 else x
        return join(r, "divide", [r.constant(np.ones((), np.float32)), root])
    return combine(r, "**", [x], [shortest(number)])


@rule("Where")
def where(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """Elementwise selection; the value itself if the condition is constant."""
    condition, yes, no = (inputs.need(k) for k in range(3))
    if condition.is_known and condition.known is not None and condition.known.size:
        chosen = yes if condition.known.all() else no if not condition.known.any() else None
        if chosen is not None and chosen.rank >= max(v.rank for v in (condition, yes, no)):
            return chosen
    return combine(r, "where", [condition, yes, no])


@rule("Cast", "CastLike")
def cast(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``cast`` between categories of types; all floating-point types are one category."""
    x = inputs.need(0)
    if node.operator == "CastLike":
        to = inputs.need(1).dtype
    else:
        element = int(node.attribute("to", 0))
        dtype = DTYPES.get(element, "int32" if element in SMALL_INTEGERS else None)
        if dtype is None:
            raise refused("type", f"it converts to {type_name(element)}, which netspec lacks")
        to = dtype
    return x if to == x.dtype else r.unary("cast", x, {"to": to})


@rule("IsNaN")
def is_nan(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """Whether a number is NaN: it differs from itself."""
    x = r.placed(inputs.need(0))
    return combine(r, "!=", [x, x])
