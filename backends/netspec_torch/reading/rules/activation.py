"""Activations, and other operations on each element that have a name."""

from __future__ import annotations

from typing import Any

from ..formulas import formula
from ..reader import Reader, unsupported
from ..shaping import join
from ..values import Call, Value
from ..weight_names import own_weights
from .product import rescaled
from .registry import rule, scalar, shaped

SAME_NAMES = {
    "relu": "relu", "relu6": "relu6", "silu": "silu", "mish": "mish", "sigmoid": "sigmoid", "tanh": "tanh",
    "hardsigmoid": "hard_sigmoid", "hardswish": "hard_swish", "selu": "selu", "abs": "abs", "exp": "exp", "log": "log",
    "sqrt": "sqrt", "square": "square", "sin": "sin", "cos": "cos", "tan": "tan", "erf": "erf", "sign": "sign",
}  # fmt: skip
"""Operations that take no argument."""
FORMULAS = {
    "floor": "floor(a)", "ceil": "ceil(a)", "round": "round(a)", "log2": "log2(a)", "log1p": "log(a + 1)",
    "expm1": "exp(a) - 1", "log10": "log(a) / log(10)", "exp2": "2.0 ** a",
    "sinh": "(exp(a) - exp(-a)) / 2", "cosh": "(exp(a) + exp(-a)) / 2",
    "log_sigmoid": "-softplus(-a)", "logical_not": "not a",
}  # fmt: skip
"""Operations that are written out."""


def _named(name: str) -> None:
    operation = SAME_NAMES[name]

    def same(reader: Reader, call: Call, x: Value, **_: Any) -> Value:
        return reader.unary(operation, x)

    rule(name)(same)


def _written(name: str) -> None:
    text = FORMULAS[name]

    def written(reader: Reader, call: Call, x: Value, **_: Any) -> Value:
        return formula(reader, text, [x], call.dtype)

    rule(name)(written)


for _name in SAME_NAMES:
    _named(_name)
for _name in FORMULAS:
    _written(_name)


@rule("gelu")
def gelu(reader: Reader, call: Call, x: Value, approximate: str = "none") -> Value:
    """Exact, or by tanh."""
    return reader.unary("gelu", x, {"approximate": approximate})


@rule("leaky_relu")
def leaky_relu(reader: Reader, call: Call, x: Value, negative_slope: float = 0.01) -> Value:
    """With a slope for negative values."""
    return reader.unary("leaky_relu", x, {"slope": negative_slope})


@rule("rrelu")
def rrelu(reader: Reader, call: Call, x: Value, lower: float = 1 / 8, upper: float = 1 / 3, **_: Any) -> Value:
    """In inference the slope is the middle of the range."""
    reader.note("rrelu is read as it is in inference, with one slope")
    return reader.unary("leaky_relu", x, {"slope": (lower + upper) / 2})


@rule("elu")
def elu(reader: Reader, call: Call, x: Value, alpha: float = 1.0, scale: float = 1.0, **_: Any) -> Value:
    """With the level of negative values."""
    return rescaled(reader, reader.unary("elu", x, {"alpha": alpha}), scale)


@rule("celu")
def celu(reader: Reader, call: Call, x: Value, alpha: float = 1.0) -> Value:
    """The continuously differentiable one."""
    return reader.unary("celu", x, {"alpha": alpha})


@rule("softplus")
def softplus(reader: Reader, call: Call, x: Value, beta: float = 1, threshold: float = 20) -> Value:
    """A smooth relu."""
    return reader.unary("softplus", x, {"beta": float(beta), "threshold": float(threshold)})


@rule("hardtanh")
def hardtanh(reader: Reader, call: Call, x: Value, min_val: float = -1, max_val: float = 1) -> Value:
    """Values within bounds; relu6 where these are 0 and 6."""
    if (min_val, max_val) == (0, 6):
        return reader.unary("relu6", x)
    return reader.unary("clamp", x, {"low": float(min_val), "high": float(max_val)})


@rule("prelu")
def prelu(reader: Reader, call: Call, x: Value, weight: Value) -> Value:
    """With learned slopes."""
    names = own_weights(reader, weight=weight)
    if names is None:
        raise unsupported("the slopes of prelu are computed")
    return reader.unary("prelu", x, {"num_parameters": weight.shape[0]}, weights=names)


@rule("clamp", "clamp_min", "clamp_max", "clip")
def clamp(reader: Reader, call: Call, x: Value, min: Any = None, max: Any = None) -> Value:
    """Within bounds, which are numbers or other values."""
    arguments: dict[str, Any] = {}
    for key, bound, text in (("low", min, "max(a, b)"), ("high", max, "min(a, b)")):
        if bound is None:
            continue
        number = scalar(bound)
        if number is None:
            x = join(reader, "maximum", [x, bound]) if key == "low" else formula(reader, text, [x, bound], call.dtype)
        else:
            arguments[key] = float(number) if x.dtype.is_floating_point else int(number)
    return reader.unary("clamp", x, arguments) if arguments else x


@rule("glu")
def glu(reader: Reader, call: Call, x: Value, dim: int = -1) -> Value:
    """One half times the sigmoid of the other."""
    x = reader.placed(x)
    return shaped(reader, "glu", call, x, {"axis": reader.axis(x, dim)})


@rule("softmax", "_softmax", "log_softmax", "_log_softmax")
def softmax(reader: Reader, call: Call, x: Value, dim: int, **_: Any) -> Value:
    """Along one axis."""
    x = reader.placed(x)
    operation = "log_softmax" if "log" in call.base else "softmax"
    return reader.unary(operation, x, {"axis": reader.axis(x, dim)})


@rule("softsign")
def softsign(reader: Reader, call: Call, x: Value) -> Value:
    """x / (1 + |x|)."""
    return reader.unary("softsign", x)


@rule("threshold")
def threshold(reader: Reader, call: Call, x: Value, threshold: float, value: float) -> Value:
    """Another value where it is not above a threshold."""
    if threshold == value == 0:
        return reader.unary("relu", x)
    return formula(reader, f"a if a > {float(threshold)} else {float(value)}", [x], call.dtype)


@rule("softshrink")
def softshrink(reader: Reader, call: Call, x: Value, lambd: float = 0.5) -> Value:
    """Nearer to zero by a constant."""
    return formula(reader, f"sign(a) * max(abs(a) - {float(lambd)}, 0.0)", [x], call.dtype)


@rule("hardshrink")
def hardshrink(reader: Reader, call: Call, x: Value, lambd: float = 0.5) -> Value:
    """Zero where it is near zero."""
    return formula(reader, f"a if abs(a) > {float(lambd)} else 0.0", [x], call.dtype)
