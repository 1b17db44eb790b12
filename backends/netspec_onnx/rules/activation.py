"""Activations."""

from __future__ import annotations

import math

from netspec.ops.activation import (
    Activation,
    AlongAxis,
    Celu,
    Elu,
    Gelu,
    Glu,
    HardSigmoid,
    HardSwish,
    LeakyRelu,
    LogSoftmax,
    Mish,
    Prelu,
    Relu,
    Relu6,
    ScaledTanh,
    Selu,
    Sigmoid,
    Silu,
    Softmax,
    Softplus,
    Softsign,
    Tanh,
)

from ..builder.site import Site
from ..builder.value_info import Value
from .base import Results, lower

GELU_SINCE, MISH_SINCE, HARD_SWISH_SINCE = 20, 18, 14
"""The first operator sets that have these operators; before, they are put together from others."""


@lower.rule(Relu, Sigmoid, Tanh, Softsign, Selu)
def same_name(op: Activation, site: Site) -> Results:
    """ONNX has them under the same name."""
    return site.result(type(op).__name__, site.inputs[0])


@lower.rule(Relu6)
def relu6(op: Relu6, site: Site) -> Results:
    """``Clip`` to 0 and 6."""
    x = site.inputs[0]
    return site.result("Clip", x, site.number("low", 0.0, x), site.number("high", 6.0, x))


@lower.rule(LeakyRelu)
def leaky_relu(op: LeakyRelu, site: Site) -> Results:
    """``LeakyRelu``."""
    return site.result("LeakyRelu", site.inputs[0], alpha=op.slope)


@lower.rule(Prelu)
def prelu(op: Prelu, site: Site) -> Results:
    """``PRelu``, its slopes along the channel axis."""
    x, slope = site.inputs[0], site.weight("weight")
    channel = site.input_types[0].channel
    if op.num_parameters > 1 and channel is not None:
        slope = along(site, slope, x.rank - 1 - channel, "slope")
    return site.result("PRelu", x, slope)


@lower.rule(Elu)
def elu(op: Elu, site: Site) -> Results:
    """``Elu``."""
    return site.result("Elu", site.inputs[0], alpha=op.alpha)


@lower.rule(Celu)
def celu(op: Celu, site: Site) -> Results:
    """``max(x, 0) + min(alpha * (exp(x / alpha) - 1), 0)``: ONNX's ``Celu`` knows only float32."""
    x = site.inputs[0]
    if x.dtype == "float32":
        return site.result("Celu", x, alpha=op.alpha)
    scaled = site.add("Div", x, site.number("alpha", op.alpha, x), what="scaled")
    lower_part = site.add("Elu", scaled, what="elu", alpha=1.0)
    negative = site.add("Min", lower_part, site.number("zero", 0.0, x), what="below")
    below = site.add("Mul", negative, site.number("alpha", op.alpha, x), what="negative")
    return site.result("Add", site.add("Relu", x, what="positive"), below)


@lower.rule(Gelu)
def gelu(op: Gelu, site: Site) -> Results:
    """``Gelu``, or its formula."""
    x = site.inputs[0]
    if site.opset >= GELU_SINCE:
        return site.result("Gelu", x, approximate=op.approximate)
    if op.approximate == "tanh":
        square = site.add("Mul", x, x, what="square")
        inner = site.add("Mul", square, site.number("cubic", 0.044715, x), what="cubic_part")
        inner = site.add("Add", inner, site.number("one", 1.0, x), what="factor")
        inner = site.add("Mul", inner, x, what="polynomial")
        inner = site.add("Mul", inner, site.number("scale", math.sqrt(2 / math.pi), x), what="scaled")
        curve = site.add("Tanh", inner, what="tanh")
    else:
        curve = site.add("Erf", site.add("Div", x, site.number("root2", math.sqrt(2), x), what="scaled"), what="erf")
    above = site.add("Add", curve, site.number("one", 1.0, x), what="above")
    return site.result("Mul", site.add("Mul", x, above, what="product"), site.number("half", 0.5, x))


@lower.rule(Silu)
def silu(op: Silu, site: Site) -> Results:
    """``x * Sigmoid(x)``."""
    x = site.inputs[0]
    return site.result("Mul", x, site.add("Sigmoid", x, what="gate"))


@lower.rule(Mish)
def mish(op: Mish, site: Site) -> Results:
    """``Mish``, or ``x * tanh(softplus(x))``."""
    x = site.inputs[0]
    if site.opset >= MISH_SINCE:
        return site.result("Mish", x)
    return site.result("Mul", x, site.add("Tanh", site.add("Softplus", x, what="softplus"), what="tanh"))


@lower.rule(HardSigmoid)
def hard_sigmoid(op: HardSigmoid, site: Site) -> Results:
    """``HardSigmoid`` of slope 1/6."""
    return site.result("HardSigmoid", site.inputs[0], alpha=1 / 6, beta=0.5)


@lower.rule(HardSwish)
def hard_swish(op: HardSwish, site: Site) -> Results:
    """``HardSwish``, or x times its hard sigmoid."""
    x = site.inputs[0]
    if site.opset >= HARD_SWISH_SINCE:
        return site.result("HardSwish", x)
    return site.result("Mul", x, site.add("HardSigmoid", x, what="gate", alpha=1 / 6, beta=0.5))


@lower.rule(ScaledTanh)
def scaled_tanh(op: ScaledTanh, site: Site) -> Results:
    """``amplitude * Tanh(slope * x)``."""
    x = site.inputs[0]
    curve = site.add("Tanh", site.add("Mul", x, site.number("slope", op.slope, x), what="scaled"), what="tanh")
    return site.result("Mul", curve, site.number("amplitude", op.amplitude, x))


@lower.rule(Softplus)
def softplus(op: Softplus, site: Site) -> Results:
    """``Softplus(beta * x) / beta``, and x itself above the threshold where that shows in the numbers."""
    x = site.inputs[0]
    plain, far = op.beta == 1.0, op.threshold >= 20.0
    if plain and far:
        return site.result("Softplus", x)
    beta = site.number("beta", op.beta, x)
    scaled = x if plain else site.add("Mul", x, beta, what="scaled")
    curve = site.add("Softplus", scaled, what="softplus")
    if far:
        return site.result("Div", curve, beta)
    if not plain:
        curve = site.add("Div", curve, beta, what="curve")
    above = site.add("Greater", scaled, site.number("threshold", op.threshold, x), what="above", dtype="bool")
    return site.named("Where", [above, x, curve], [site.planned(0, x.shape[:1] if x.lead else ())])


@lower.rule(Softmax, LogSoftmax)
def softmax(op: AlongAxis, site: Site) -> Results:
    """ONNX has them under the same name."""
    x = site.inputs[0]
    return site.result(type(op).__name__, x, axis=x.axis(op.axis))


@lower.rule(Glu)
def glu(op: Glu, site: Site) -> Results:
    """The first half times the sigmoid of the second."""
    x = site.inputs[0]
    n = x.own[op.axis]
    first = site.slice(x, op.axis, 0, n // 2, "first")
    second = site.slice(x, op.axis, n // 2, n, "second")
    return site.result("Mul", first, site.add("Sigmoid", second, what="gate"))


def along(site: Site, vector: Value, axes_after: int, what: str) -> Value:
    """A vector with axes of one behind it, so that it lies along an axis that has so many after it."""
    if not axes_after:
        return vector
    axes = site.integers(f"{what}_axes", list(range(1, axes_after + 1)))
    return site.add("Unsqueeze", vector, axes, what=what, own=(*vector.own, *(1,) * axes_after))
