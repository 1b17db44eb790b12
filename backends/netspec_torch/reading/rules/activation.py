"""Activations and other named elementwise operations."""

from __future__ import annotations

from typing import Any

from ..formulas import formula
from ..reader import ProgramReader, unsupported
from ..shape_changes import join
from ..values import OperatorCall, ProgramTensor
from ..weight_names import own_weights
from .product import rescaled
from .registry import rule, scalar, shaped

SAME_NAMES = {
    "relu": "relu", "relu6": "relu6", "silu": "silu", "mish": "mish", "sigmoid": "sigmoid", "tanh": "tanh",
    "hardsigmoid": "hard_sigmoid", "hardswish": "hard_swish", "selu": "selu", "abs": "abs", "exp": "exp", "log": "log",
    "sqrt": "sqrt", "square": "square", "sin": "sin", "cos": "cos", "tan": "tan", "erf": "erf", "sign": "sign",
}  # fmt: skip
"""Operations without arguments."""
FORMULAS = {
    "floor": "floor(a)", "ceil": "ceil(a)", "round": "round(a)", "log2": "log2(a)", "log1p": "log(a + 1)",
    "expm1": "exp(a) - 1", "log10": "log(a) / log(10)", "exp2": "2.0 ** a",
    "sinh": "(exp(a) - exp(-a)) / 2", "cosh": "(exp(a) + exp(-a)) / 2",
    "log_sigmoid": "-softplus(-a)", "logical_not": "not a",
}  # fmt: skip
"""Operations that are expressed as formulas."""


def _named(name: str) -> None:
    operation = SAME_NAMES[name]

    def same(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, **_: Any) -> ProgramTensor:
        return reader.unary(operation, x)

    rule(name)(same)


def _written(name: str) -> None:
    text = FORMULAS[name]

    def written(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, **_: Any) -> ProgramTensor:
        return formula(reader, text, [x], call.dtype)

    rule(name)(written)


for _name in SAME_NAMES:
    _named(_name)
for _name in FORMULAS:
    _written(_name)


@rule("gelu")
def gelu(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, approximate: str = "none") -> ProgramTensor:
    """Exact, or by tanh."""
    return reader.unary("gelu", x, {"approximate": approximate})


@rule("leaky_relu")
def leaky_relu(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, negative_slope: float = 0.01
) -> ProgramTensor:
    """Leaky ReLU with its slope for negative values."""
    return reader.unary("leaky_relu", x, {"slope": negative_slope})


@rule("rrelu")
def rrelu(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, lower: float = 1 / 8, upper: float = 1 / 3, **_: Any
) -> ProgramTensor:
    """Randomised leaky ReLU, with the mean slope that inference uses."""
    reader.note("rrelu is read as it is in inference, with one slope")
    return reader.unary("leaky_relu", x, {"slope": (lower + upper) / 2})


@rule("elu")
def elu(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, alpha: float = 1.0, scale: float = 1.0, **_: Any
) -> ProgramTensor:
    """ELU, or SELU with a scale."""
    return rescaled(reader, reader.unary("elu", x, {"alpha": alpha}), scale)


@rule("celu")
def celu(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, alpha: float = 1.0) -> ProgramTensor:
    """Continuously differentiable ELU."""
    return reader.unary("celu", x, {"alpha": alpha})


@rule("softplus")
def softplus(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, beta: float = 1, threshold: float = 20
) -> ProgramTensor:
    """A smooth approximation of ReLU."""
    return reader.unary("softplus", x, {"beta": float(beta), "threshold": float(threshold)})


@rule("hardtanh")
def hardtanh(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, min_val: float = -1, max_val: float = 1
) -> ProgramTensor:
    """Clamps values to bounds; for 0 and 6, it is relu6."""
    if (min_val, max_val) == (0, 6):
        return reader.unary("relu6", x)
    return reader.unary("clamp", x, {"low": float(min_val), "high": float(max_val)})


@rule("prelu")
def prelu(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, weight: ProgramTensor) -> ProgramTensor:
    """Leaky ReLU with learned slopes."""
    names = own_weights(reader, weight=weight)
    if names is None:
        raise unsupported("slopes that are computed have no equivalent")
    return reader.unary("prelu", x, {"num_parameters": weight.shape[0]}, weights=names)


@rule("clamp", "clamp_min", "clamp_max", "clip")
def clamp(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, min: Any = None, max: Any = None
) -> ProgramTensor:
    """Clamps values to bounds, which are numbers or tensors."""
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
def glu(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, dim: int = -1) -> ProgramTensor:
    """Multiplies one half by the sigmoid of the other half."""
    x = reader.placed(x)
    return shaped(reader, "glu", call, x, {"axis": reader.axis(x, dim)})


@rule("softmax", "_softmax", "log_softmax", "_log_softmax")
def softmax(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, dim: int, **_: Any) -> ProgramTensor:
    """Softmax, or its logarithm, along one axis."""
    x = reader.placed(x)
    operation = "log_softmax" if "log" in call.base else "softmax"
    return reader.unary(operation, x, {"axis": reader.axis(x, dim)})


@rule("softsign")
def softsign(reader: ProgramReader, call: OperatorCall, x: ProgramTensor) -> ProgramTensor:
    """x / (1 + |x|)."""
    return reader.unary("softsign", x)


@rule("threshold")
def threshold(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, threshold: float, value: float
) -> ProgramTensor:
    """Replaces values up to a threshold by a constant."""
    if threshold == value == 0:
        return reader.unary("relu", x)
    return formula(reader, f"a if a > {float(threshold)} else {float(value)}", [x], call.dtype)


@rule("softshrink")
def softshrink(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, lambd: float = 0.5) -> ProgramTensor:
    """Moves values towards zero by a constant."""
    return formula(reader, f"sign(a) * max(abs(a) - {float(lambd)}, 0.0)", [x], call.dtype)


@rule("hardshrink")
def hardshrink(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, lambd: float = 0.5) -> ProgramTensor:
    """Sets values close to zero to zero."""
    return formula(reader, f"a if abs(a) > {float(lambd)} else 0.0", [x], call.dtype)
