"""Evaluates elementwise operators on constants with NumPy.

Integers may be sizes (``Dim``) in object arrays, so that shape arithmetic is exact for any size.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from netspec.shapes.sizes import is_named, maximum, minimum
from netspec.weights.numpy_types import Array

from . import limits
from .errors import refused, shapes_text
from .node import OnnxNode
from .tensor_reader import DTYPES, SMALL_INTEGERS, type_name

Compute = Callable[..., Any]


def bounded(count: int) -> int:
    """Returns a number of elements. Raises CannotImportError NS874 if it exceeds the limit."""
    if count > limits.COMPUTED or count < 0:
        raise refused("constant", f"a constant of {count:,} elements would have to be computed")
    return count


def integer_positions(positions: Array) -> Array:
    """Converts known positions to int64. Raises CannotImportError NS846 if they are not integers."""
    if positions.dtype != object and not np.issubdtype(positions.dtype, np.integer):
        raise refused("malformed", f"positions must be integers, but are of type {positions.dtype}")
    return positions.astype(np.int64)


def settled(array: Any) -> Array:
    """Converts an object array without symbolic sizes to a numeric one; booleans remain booleans."""
    out = np.asarray(array)
    if out.dtype != object or any(is_named(n) for n in out.reshape(-1)):
        return out
    items = out.reshape(-1).tolist()
    if any(isinstance(n, float) for n in items):
        return out.astype(np.float32)
    if items and all(isinstance(n, (bool, np.bool_)) for n in items):
        return out.astype(bool)
    return out.astype(np.int64)


def broadcast_all(arrays: tuple[Array, ...]) -> tuple[Array, ...]:
    """Broadcasts arrays if the result is within the limit; beside sizes, integral floats become integers."""
    try:
        shape = np.broadcast_shapes(*(a.shape for a in arrays))
    except ValueError:
        raise refused("malformed", f"shapes {shapes_text(a.shape for a in arrays)} cannot be broadcast") from None
    bounded(math.prod(shape))
    if any(a.dtype == object for a in arrays):
        return tuple(_exact(a) for a in arrays)
    return arrays


def _exact(array: Array) -> Array:
    """Converts numbers to Python's; integral floats become integers, so that products with sizes stay exact."""
    if array.dtype == object:
        return array
    items = [int(n) if isinstance(n, float) and n.is_integer() else n for n in array.reshape(-1).tolist()]
    out = np.empty(len(items), object)
    out[:] = items
    return out.reshape(array.shape)


def divided(a: Array, b: Array) -> Any:
    """Divides; integer division rounds towards zero, as in ONNX."""
    if a.dtype == object or b.dtype == object:
        if not all(is_named(n) or n for n in b.reshape(-1)):
            raise refused("malformed", "division of a size by zero")
        return a // b
    if a.dtype.kind in "iu":
        if not np.all(b):
            raise refused("malformed", "integer division by zero")
        return np.sign(a) * np.sign(b) * (np.abs(a) // np.abs(b))
    with np.errstate(divide="ignore", invalid="ignore"):
        return a / b


def _modulo(node: OnnxNode, a: Array, b: Array) -> Any:
    if a.dtype.kind in "iuO" and not all(is_named(n) or n for n in b.reshape(-1)):
        raise refused("malformed", "integer division by zero")
    return np.fmod(a, b) if node.attribute("fmod", 0) else a % b


def _folded(function: Callable[[Any, Any], Any], named: Callable[[Any, Any], Any]) -> Compute:
    """Applies a function of two arrays to several arrays in turn."""
    by_object = np.frompyfunc(named, 2, 1)

    def compute(node: OnnxNode, *arrays: Array) -> Any:
        out = arrays[0]
        for array in arrays[1:]:
            out = (by_object if object in (out.dtype, array.dtype) else function)(out, array)
        return out

    return compute


def _binary(function: Callable[[Array, Array], Any]) -> Compute:
    def compute(node: OnnxNode, a: Array, b: Array) -> Any:
        return function(a, b)

    return compute


def _unary(function: Callable[[Any], Any], of_sizes: Callable[[Any], Any] | None = None) -> Compute:
    """Applies a function to an array; for sizes, applies another one, or none (None), as for rounding."""

    def compute(node: OnnxNode, a: Array) -> Any:
        if a.dtype == object:
            return a if of_sizes is None else np.frompyfunc(of_sizes, 1, 1)(a)
        with np.errstate(all="ignore"):
            return np.asarray(function(a), a.dtype if a.dtype.kind == "f" else None)

    return compute


def _power(node: OnnxNode, a: Array, b: Array) -> Any:
    if a.dtype.kind in "iuO" and np.any(b < 0):
        raise refused("argument", "an integer has no negative power")
    with np.errstate(all="ignore"):
        return np.asarray(a**b, a.dtype if a.dtype != object else object)


def cast(node: OnnxNode, a: Array) -> Array:
    """Converts to another type; sizes are unchanged, because they lose no precision."""
    to = int(node.attribute("to", 0))
    if a.dtype == object:
        return a
    if to in SMALL_INTEGERS:
        return a.astype(np.int32)
    name = DTYPES.get(to)
    if name is None:
        raise refused("type", f"it converts to {type_name(to)}, which netspec lacks")
    with np.errstate(all="ignore"):
        return a.astype(name)


def _clip(node: OnnxNode, a: Array, low: Array | None = None, high: Array | None = None) -> Any:
    low = np.asarray(node.attributes["min"], a.dtype) if "min" in node.attributes else low
    high = np.asarray(node.attributes["max"], a.dtype) if "max" in node.attributes else high
    out: Any = a if low is None else np.maximum(a, low)
    return out if high is None else np.minimum(out, high)


def erf(x: Array) -> Array:
    """The error function."""
    return np.asarray(np.vectorize(math.erf, otypes=[np.float64])(x), x.dtype)


def _where(node: OnnxNode, condition: Array, a: Array, b: Array) -> Any:
    return np.where(condition.astype(bool), a, b)


def _sigmoid(a: Array) -> Any:
    return 1 / (1 + np.exp(-a))


def _relu(a: Array) -> Any:
    return np.maximum(a, 0)


def _sign(n: Any) -> int:
    return 1 if n > 0 else -1 if n < 0 else 0


def _of_number(function: Callable[[float], float]) -> Callable[[Any], float]:
    """Applies a function to a symbolic size at its default."""
    return lambda n: function(float(n))


ELEMENTWISE: dict[str, Compute] = {
    "Add": _binary(operator.add),
    "Sub": _binary(operator.sub),
    "Mul": _binary(operator.mul),
    "Div": _binary(divided),
    "Mod": _modulo,
    "Pow": _power,
    "Sum": _folded(operator.add, operator.add),
    "Max": _folded(np.maximum, maximum),
    "Min": _folded(np.minimum, minimum),
    "Equal": _binary(operator.eq),
    "Greater": _binary(operator.gt),
    "GreaterOrEqual": _binary(operator.ge),
    "Less": _binary(operator.lt),
    "LessOrEqual": _binary(operator.le),
    "And": _binary(np.logical_and),
    "Or": _binary(np.logical_or),
    "Xor": _binary(np.logical_xor),
    "Not": _unary(np.logical_not, operator.not_),
    "Where": _where,
    "Neg": _unary(operator.neg, operator.neg),
    "Abs": _unary(np.abs, abs),
    "Sign": _unary(np.sign, _sign),
    "Floor": _unary(np.floor),
    "Ceil": _unary(np.ceil),
    "Round": _unary(np.rint),
    "Sqrt": _unary(np.sqrt, _of_number(math.sqrt)),
    "Reciprocal": _unary(np.reciprocal, _of_number(lambda n: 1 / n)),
    "Exp": _unary(np.exp, _of_number(math.exp)),
    "Log": _unary(np.log, _of_number(math.log)),
    "Sin": _unary(np.sin, _of_number(math.sin)),
    "Cos": _unary(np.cos, _of_number(math.cos)),
    "Tanh": _unary(np.tanh, _of_number(math.tanh)),
    "Sigmoid": _unary(_sigmoid, _of_number(lambda n: 1 / (1 + math.exp(-n)))),
    "Erf": _unary(erf, _of_number(math.erf)),
    "Relu": _unary(_relu),
    "IsNaN": _unary(np.isnan),
    "Clip": _clip,
    "Cast": cast,
}
"""Operators whose known inputs are broadcast."""
