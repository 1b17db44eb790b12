"""Elementwise arithmetic."""

from __future__ import annotations

import math
from typing import Any

from ..formulas import formula, number_text
from ..reader import ProgramReader
from ..shape_changes import join
from ..values import OperatorCall, ProgramTensor
from ..weight_names import own_weights
from .product import rescaled
from .registry import rule, scalar


def _joined(reader: ProgramReader, call: OperatorCall, operation: str, sign: str, a: Any, b: Any) -> ProgramTensor:
    """Combines two values by the layer of that name, or by a formula if their types differ."""
    a, b = _tensor(call, a), _tensor(call, b)
    if a.dtype is b.dtype and a.dtype.is_floating_point:
        return join(reader, operation, [a, b])
    return formula(reader, f"a {sign} b", [a, b], call.dtype)


def _tensor(call: OperatorCall, value: Any) -> ProgramTensor:
    if isinstance(value, ProgramTensor):
        return value
    import torch

    return ProgramTensor((), call.dtype, known=torch.tensor(float(value), dtype=torch.float64))


@rule("add", "__radd__")
def add(reader: ProgramReader, call: OperatorCall, x: Any, other: Any, alpha: Any = 1, **_: Any) -> ProgramTensor:
    """A sum of two values, or of a value and a number."""
    a, b = scalar(x), scalar(other)
    if b is not None and isinstance(x, ProgramTensor):
        return _scaled(reader, call, x, 1.0, b * alpha)
    if a is not None and alpha == 1:
        return _scaled(reader, call, other, 1.0, a)
    return _joined(reader, call, "add", "+", x, rescaled(reader, other, alpha))


@rule("sub", "subtract")
def subtract(reader: ProgramReader, call: OperatorCall, x: Any, other: Any, alpha: Any = 1, **_: Any) -> ProgramTensor:
    """A difference."""
    a, b = scalar(x), scalar(other)
    if b is not None and isinstance(x, ProgramTensor):
        return _scaled(reader, call, x, 1.0, -b * alpha)
    if a is not None:
        return _scaled(reader, call, other, -alpha, a)
    return _joined(reader, call, "subtract", "-", x, rescaled(reader, other, alpha))


@rule("rsub")
def reversed_subtract(
    reader: ProgramReader, call: OperatorCall, x: Any, other: Any, alpha: Any = 1, **_: Any
) -> ProgramTensor:
    """A difference with exchanged operands."""
    return subtract(reader, call, other, x, alpha)


@rule("mul", "multiply", "__rmul__")
def multiply(reader: ProgramReader, call: OperatorCall, x: Any, other: Any, **_: Any) -> ProgramTensor:
    """A product; for a learned gain of the last axis called ``weight``, a dedicated operation."""
    a, b = scalar(x), scalar(other)
    if b is not None and isinstance(x, ProgramTensor):
        return _scaled(reader, call, x, b)
    if a is not None:
        return _scaled(reader, call, other, a)
    for value, gain in ((x, other), (other, x)):
        if gain.tensor_name is not None and gain.rank == 1 and value.is_batched and value.shape[-1:] == gain.shape:
            names = own_weights(reader, weight=gain)
            if names is not None and gain.tensor_name not in reader.stored and value.dtype is gain.dtype:
                return reader.unary("channel_scale", value, {"axis": reader.axis(value, -1)}, weights=names)
    if x is other:
        return reader.unary("square", x)
    return _joined(reader, call, "multiply", "*", x, other)


@rule("div", "divide", "true_divide", "floor_divide")
def divide(
    reader: ProgramReader, call: OperatorCall, x: Any, other: Any, rounding_mode: str | None = None, **_: Any
) -> ProgramTensor:
    """A quotient, exact or rounded."""
    rounding_mode = "floor" if call.base.startswith("floor") else rounding_mode
    b = scalar(other)
    if rounding_mode is not None:
        text = "floor(a / b)" if rounding_mode == "floor" else "floor(abs(a) / abs(b)) * sign(a) * sign(b)"
        if rounding_mode == "floor" and not call.dtype.is_floating_point:
            text = "a // b"
        if b is not None:
            return formula(reader, text.replace("b", number_text(b, call.dtype)), [x], call.dtype)
        return formula(reader, text, [_tensor(call, x), other], call.dtype)
    if b is not None and x.dtype.is_floating_point:
        return (
            _scaled(reader, call, x, 1.0 / b)
            if b
            else formula(reader, f"a / {number_text(b, call.dtype)}", [x], call.dtype)
        )
    return _joined(reader, call, "divide", "/", x, other)


@rule("reciprocal")
def reciprocal(reader: ProgramReader, call: OperatorCall, x: ProgramTensor) -> ProgramTensor:
    """1 / x."""
    return formula(reader, "1 / a", [x], call.dtype)


@rule("rsqrt")
def rsqrt(reader: ProgramReader, call: OperatorCall, x: ProgramTensor) -> ProgramTensor:
    """1 / sqrt(x)."""
    return formula(reader, "1 / sqrt(a)", [x], call.dtype)


@rule("neg")
def negative(reader: ProgramReader, call: OperatorCall, x: ProgramTensor) -> ProgramTensor:
    """-x."""
    return _scaled(reader, call, x, -1.0)


@rule("pow")
def power(reader: ProgramReader, call: OperatorCall, x: Any, exponent: Any) -> ProgramTensor:
    """A power: a square, a root, or a formula."""
    base, by = scalar(x), scalar(exponent)
    if by == 2:
        return reader.unary("square", x)
    if by == 0.5:
        return reader.unary("sqrt", x)
    if by == 1 and isinstance(x, ProgramTensor):
        return x
    if by is not None:
        return formula(reader, f"a ** {number_text(by, call.dtype)}", [x], call.dtype)
    if base is not None:
        return formula(reader, f"{number_text(base, call.dtype)} ** a", [exponent], call.dtype)
    return formula(reader, "a ** b", [x, exponent], call.dtype)


@rule("maximum", "max.other", "fmax")
def maximum(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, other: ProgramTensor) -> ProgramTensor:
    """The greater of two values."""
    return join(reader, "maximum", [x, other])


@rule("minimum", "min.other", "fmin")
def minimum(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, other: ProgramTensor) -> ProgramTensor:
    """The lesser of two values."""
    return formula(reader, "min(a, b)", [x, other], call.dtype)


@rule("remainder", "fmod")
def remainder(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, other: Any) -> ProgramTensor:
    """The remainder with the sign of the divisor."""
    b = scalar(other)
    if b is not None:
        return formula(reader, f"a % {number_text(b, call.dtype)}", [x], call.dtype)
    return formula(reader, "a % b", [x, other], call.dtype)


@rule("addcmul")
def addcmul(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    tensor1: ProgramTensor,
    tensor2: ProgramTensor,
    value: Any = 1,
) -> ProgramTensor:
    """Adds a product to a value."""
    return join(reader, "add", [x, rescaled(reader, join(reader, "multiply", [tensor1, tensor2]), value)])


@rule("addcdiv")
def addcdiv(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    tensor1: ProgramTensor,
    tensor2: ProgramTensor,
    value: Any = 1,
) -> ProgramTensor:
    """Adds a quotient to a value."""
    return join(reader, "add", [x, rescaled(reader, join(reader, "divide", [tensor1, tensor2]), value)])


@rule("lerp")
def lerp(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, end: ProgramTensor, weight: Any) -> ProgramTensor:
    """Interpolates linearly between two values."""
    number = scalar(weight)
    if number is not None:
        return formula(reader, f"a + (b - a) * {number_text(number, call.dtype)}", [x, end], call.dtype)
    return formula(reader, "a + (b - a) * c", [x, end, weight], call.dtype)


@rule("atan2")
def atan2(reader: ProgramReader, call: OperatorCall, **_: Any) -> ProgramTensor:
    """The angle of a point; not supported, because the language has no arctangent."""
    from ..reader import unsupported

    raise unsupported("netspec has no arc tangent")


def _scaled(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, factor: float, offset: float = 0.0
) -> ProgramTensor:
    """Computes ``x * factor + offset`` in the type of the result."""
    if x.dtype.is_floating_point and math.isfinite(factor) and math.isfinite(offset):
        return rescaled(reader, x, factor, offset)
    if x.dtype is call.dtype and not x.dtype.is_floating_point and float(factor).is_integer() and x.dtype.itemsize > 1:
        return rescaled(reader, x, int(factor), int(offset))
    text = f"a * {number_text(factor, call.dtype)}" if factor != 1 else "a"
    return formula(reader, text + (f" + {number_text(offset, call.dtype)}" if offset else ""), [x], call.dtype)
