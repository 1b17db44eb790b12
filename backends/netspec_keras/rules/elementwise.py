"""Elementwise layers and functions of tensors and numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from netspec.diagnostics import clip as shortened
from netspec.importing import CannotImportError
from netspec.importing.problems import ARGUMENT, ELEMENT_TYPE, INVALID_SOURCE

from ..call import LayerCall, Result, unless
from ..json_values import is_list, is_mapping
from ..model_config import Constant
from ..tensors import SpecTensor
from ..values import KerasTensor
from .layouts import channel_axis
from .table import layer, operation

JOINS = {
    "Add": "add",
    "Subtract": "subtract",
    "Multiply": "multiply",
    "Divide": "divide",
    "TrueDivide": "divide",
    "Maximum": "maximum",
    "Minimum": "minimum",
    "Power": "power",
}
FORMULAS = {"minimum": "min(x0, x1)", "power": "x0 ** x1"}
WITH_NUMBER = {
    "divide": "x0 / {0}",
    "maximum": "max(x0, {0})",
    "minimum": "min(x0, {0})",
    "power": "x0 ** {0}",
}
NUMBER_FIRST = {"divide": "{0} / x0", "power": "{0} ** x0"}
UNARY = {
    "Absolute": "abs",
    "Abs": "abs",
    "Square": "square",
    "Sqrt": "sqrt",
    "Exp": "exp",
    "Log": "log",
    "Sin": "sin",
    "Cos": "cos",
    "Tan": "tan",
    "Erf": "erf",
    "Sign": "sign",
}
UNARY_FORMULAS = {
    "Rsqrt": "1 / sqrt(x0)",
    "Reciprocal": "1 / x0",
    "Log1p": "log(1 + x0)",
    "Expm1": "exp(x0) - 1",
    "Log2": "log2(x0)",
    "Exp2": "2 ** x0",
}
FOLDED = 16
"""Maximum number of elements of a constant that is written in the spec instead of stored with the weights."""


@operation(*JOINS)
def join(call: LayerCall) -> Result:
    """Combines two tensors, or a tensor and a number."""
    a, b = call.argument(0, "x1"), call.argument(1, "x2")
    return combine(call, JOINS[call.layer.class_name], a, b)


def combine(call: LayerCall, name: str, a: Any, b: Any) -> KerasTensor:
    """Combines two operands elementwise.

    Args:
        call: the call.
        name: an operation of netspec, ``minimum`` or ``power``.
        a: a value, a number, or a constant.
        b: a value, a number, or a constant.

    Raises:
        CannotImportError: NS842 or NS846, an operand is something else, or no operand is a value.
    """
    a, b = _operand(call, a), _operand(call, b)
    if isinstance(a, KerasTensor) and isinstance(b, KerasTensor):
        if name in FORMULAS:
            return call.add("formula", [a, b], expression=f"$({FORMULAS[name]})")
        return call.add(name, [a, b])
    if isinstance(a, KerasTensor):
        return _with_number(call, name, a, b, first=False)
    if isinstance(b, KerasTensor):
        return _with_number(call, name, b, a, first=True)
    raise CannotImportError(INVALID_SOURCE, "its arguments contain no tensor")


def _operand(call: LayerCall, item: Any) -> Any:
    """Returns a value or a number; a constant with several numbers becomes a buffer."""
    if isinstance(item, KerasTensor) or type(item) in (int, float):
        return item
    if type(item) is bool:
        return int(item)
    if isinstance(item, Constant):
        return _constant(call, item)
    if is_list(item):
        return _constant(call, Constant(item, "float32"))
    raise CannotImportError(ARGUMENT, "an operand that is not a tensor or a number has no equivalent")


def _constant(call: LayerCall, constant: Constant) -> Any:
    shape, numbers = _flat(constant.value)
    if not numbers or any(type(n) not in (int, float, bool) for n in numbers):
        raise CannotImportError(INVALID_SOURCE, "a constant contains something other than numbers")
    if len(set(numbers)) == 1:
        return float(numbers[0])
    if constant.dtype.startswith(("int", "uint", "bool")):
        raise CannotImportError(ELEMENT_TYPE, "a constant tensor of integers has no equivalent")
    while shape and shape[0] == 1:
        shape = shape[1:]
    if len(numbers) <= FOLDED:
        return call.add(
            "buffer", [], stem="constant", shape=list(shape), init=_nested(numbers, shape), persistent=False
        )

    def make() -> Any:
        import numpy as np

        return np.array(numbers, np.float32).reshape(shape)

    part = f"table_{len(call.walk.tensors)}"
    return call.add("buffer", [], part=part, weights={"": SpecTensor(shape, (), make)}, shape=list(shape))


def _nested(numbers: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """Returns numbers as nested lists of a shape."""
    if not shape:
        return float(numbers[0])
    step = len(numbers) // shape[0]
    return [_nested(numbers[k * step : (k + 1) * step], shape[1:]) for k in range(shape[0])]


def _flat(value: Any) -> tuple[tuple[int, ...], list[Any]]:
    """Returns the shape of nested lists, and their numbers in order."""
    if not is_list(value):
        return (), [value]
    rows = [_flat(item) for item in value]
    if len({shape for shape, _ in rows}) > 1:
        raise CannotImportError(INVALID_SOURCE, "a constant has rows of different lengths")
    return (len(rows), *(rows[0][0] if rows else ())), [n for _, numbers in rows for n in numbers]


def _with_number(call: LayerCall, name: str, x: KerasTensor, number: float, first: bool) -> KerasTensor:
    """Combines a value and a number."""
    if not math.isfinite(number):
        raise CannotImportError(ARGUMENT, "an operand that is not finite has no equivalent")
    rescaled = {
        ("add", False): (1.0, number),
        ("add", True): (1.0, number),
        ("multiply", False): (number, 0.0),
        ("multiply", True): (number, 0.0),
        ("subtract", False): (1.0, -number),
        ("subtract", True): (-1.0, number),
    }.get((name, first))
    if rescaled is not None:
        factor, offset = rescaled
        return call.add("rescale", x, factor=unless(factor, 1.0), offset=unless(offset, 0.0))
    if name == "power" and not first and number == 2:
        return call.add("square", x)
    if name == "power" and not first and number == 0.5:
        return call.add("sqrt", x)
    if name == "maximum":
        return call.add("clamp", x, low=number)
    if name == "minimum":
        return call.add("clamp", x, high=number)
    template = (NUMBER_FIRST if first else WITH_NUMBER)[name]
    return call.add("formula", x, expression=f"$({template.format(repr(number))})")


@operation("Negative")
def negative(call: LayerCall) -> Result:
    """Negation."""
    return call.add("rescale", factor=-1.0)


@operation(*UNARY)
def unary(call: LayerCall) -> Result:
    """An elementwise function."""
    return call.add(UNARY[call.layer.class_name])


@operation(*UNARY_FORMULAS)
def unary_formula(call: LayerCall) -> Result:
    """An elementwise function that becomes a formula."""
    return call.add("formula", expression=f"$({UNARY_FORMULAS[call.layer.class_name]})")


@operation("Clip")
def clip(call: LayerCall) -> Result:
    """Limits values to a range."""
    low, high = call.argument(1, "x_min"), call.argument(2, "x_max")
    if any(n is not None and type(n) not in (int, float) for n in (low, high)):
        raise CannotImportError(ARGUMENT, "bounds that are tensors have no equivalent")
    return call.add("clamp", low=low, high=high)


@operation("Cast")
def cast(call: LayerCall) -> Result:
    """Converts to another element type."""
    to = call.argument(1, "dtype")
    name = {"float64": "float64", "bool": "bool", "int32": "int32", "int64": "int64"}.get(str(to))
    if name is None and str(to) in ("float32", "float16", "bfloat16"):
        name = "float32"
    if name is None:
        raise CannotImportError(ELEMENT_TYPE, f"the type '{shortened(str(to))}' has no equivalent")
    return call.input if call.input.type.dtype == name else call.add("cast", to=name)


# -- layers ----------------------------------------------------------------------------------------------------------
@layer("Rescaling")
def rescaling(call: LayerCall) -> Result:
    """A scale and an offset, each a number or one per channel."""
    factor, offset = _numbers(call, "scale", 1.0), _numbers(call, "offset", 0.0)
    return call.add("rescale", factor=unless(factor, 1.0), offset=unless(offset, 0.0))


def _numbers(call: LayerCall, key: str, default: float) -> Any:
    value = call.settings.values.get(key, default)
    if is_mapping(value):
        config: Any = value.get("config")
        value = config.get("value") if is_mapping(config) else None
    items: list[Any] = value if is_list(value) else [value]
    if any(type(n) not in (int, float) for n in items):
        raise CannotImportError(INVALID_SOURCE, f"'{key}' must be a number or a list of numbers")
    if is_list(value) and call.input.type.channel != call.input.rank - 1:
        raise CannotImportError(ARGUMENT, f"{key} along an axis other than the channels has no equivalent")
    numbers = [float(n) for n in items]
    return numbers if len(set(numbers)) > 1 else numbers[0]


@layer("CustomScaleLayer")
def custom_scale(call: LayerCall) -> Result:
    """The first input plus the scaled second one: a custom layer of Inception-ResNet."""
    inputs = call.inputs
    if len(inputs) != 2:
        raise CannotImportError(INVALID_SOURCE, f"it requires two inputs; found {len(inputs)}")
    scaled = call.add("rescale", inputs[1], stem="scale", factor=call.settings.number("scale"))
    return call.add("add", [inputs[0], scaled], stem="add")


@layer("Normalization")
def normalization(call: LayerCall) -> Result:
    """Normalisation by precomputed statistics: a fixed batch norm, or configured scale and offset."""
    settings, x = call.settings, call.input
    settings.require("invert", False)
    axis = settings.values.get("axis", -1)
    axes = call.axes(axis, x.rank) if axis is not None else []
    if len(axes) > 1:
        raise CannotImportError(ARGUMENT, "a constant that varies along several axes has no equivalent")
    if settings.values.get("mean") is not None:
        return _configured(call, axes)
    size = call.known(x, axes[0]) if axes else 1
    shape = (size,) if axes else ()
    channel = axes[0] if axes else x.rank - 1
    count = call.known(x, channel)
    mean = call.variable(0, "mean", *shape, trainable=False)
    variance = call.variable(1, "variance", *shape, trainable=False)
    weights = {
        "running_mean": SpecTensor((count,), (mean,), _spread(count, least=None)),
        "running_var": SpecTensor((count,), (variance,), _spread(count, least=1e-14)),
    }
    call.variable(2, "count", trainable=False)
    return call.add("batch_norm", weights=weights, affine=False, frozen=True, eps=0.0, axis=channel_axis(call, channel))


def _spread(count: int, least: float | None) -> Any:
    """Returns a function that repeats a single number per channel, and limits numbers to at least ``least``."""

    def make(array: Any) -> Any:
        import numpy as np

        repeated = np.broadcast_to(array, (count,))
        return repeated if least is None else np.maximum(repeated, np.asarray(least, repeated.dtype))

    return make


def _configured(call: LayerCall, axes: list[int]) -> KerasTensor:
    means, variances = (_flat(call.settings.values.get(key)) for key in ("mean", "variance"))
    numbers = (*means[1], *variances[1])
    if any(type(n) not in (int, float) for n in numbers) or len(means[1]) != len(variances[1]):
        raise CannotImportError(INVALID_SOURCE, "'mean' and 'variance' must be numbers")
    deviations = [max(math.sqrt(max(v, 0.0)), 1e-7) for v in variances[1]]
    factors = [1 / d for d in deviations]
    offsets = [-m / d for m, d in zip(means[1], deviations, strict=True)]
    if len(factors) == 1:
        return call.add("rescale", factor=factors[0], offset=offsets[0])
    if not axes or call.input.type.channel != axes[0]:
        raise CannotImportError(ARGUMENT, "mean and variance along an axis other than the channels have no equivalent")
    return call.add("rescale", factor=factors, offset=offsets)
