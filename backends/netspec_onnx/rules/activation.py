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

from ..builder.common_nodes import add_slice, append_axes
from ..builder.site import Site
from ..builder.value_info import common_batch
from .rule_table import Results, lower

CANCELLING = 100.0
"""Argument above which the formula of the operator loses too many digits."""
GELU_SINCE, MISH_SINCE, HARD_SWISH_SINCE = 20, 18, 14
"""The first operator sets with these operators; earlier ones compose them of others."""


@lower.rule(Relu, Sigmoid, Tanh, Softsign, Selu)
def same_name(op: Activation, site: Site) -> Results:
    """The ONNX operator of the same name."""
    return site.result(type(op).__name__, site.inputs[0])


@lower.rule(Relu6)
def relu6(op: Relu6, site: Site) -> Results:
    """``Clip`` to 0 and 6."""
    x = site.inputs[0]
    return site.result("Clip", x, site.constant("low", 0.0, x), site.constant("high", 6.0, x))


@lower.rule(LeakyRelu)
def leaky_relu(op: LeakyRelu, site: Site) -> Results:
    """``LeakyRelu``."""
    return site.result("LeakyRelu", site.inputs[0], alpha=op.slope)


@lower.rule(Prelu)
def prelu(op: Prelu, site: Site) -> Results:
    """``PRelu``, with the slopes along the channel axis."""
    x, slope = site.inputs[0], site.weight("weight")
    channel = site.input_types[0].channel
    if op.num_parameters > 1 and channel is not None:
        slope = append_axes(site, slope, x.rank - 1 - channel, "slope")
    return site.result("PRelu", x, slope)


@lower.rule(Elu)
def elu(op: Elu, site: Site) -> Results:
    """``Elu``."""
    return site.result("Elu", site.inputs[0], alpha=op.alpha)


@lower.rule(Celu)
def celu(op: Celu, site: Site) -> Results:
    """``max(x, 0) + min(alpha * (exp(x / alpha) - 1), 0)``.

    ONNX's ``Celu`` is limited to float32. For a large ``alpha`` its difference cancels, and is computed as
    ``exp(y) - 1 = tanh(y / 2) * (exp(y) + 1)``.
    """
    x = site.inputs[0]
    if x.dtype == "float32" and op.alpha <= CANCELLING:
        return site.result("Celu", x, alpha=op.alpha)
    scaled = site.add("Div", x, site.constant("alpha", op.alpha, x), name="scaled")
    if op.alpha <= CANCELLING:
        negative = site.add("Elu", scaled, name="elu", alpha=1.0)
    else:
        scaled = site.add("Min", scaled, site.constant("none", 0.0, x), name="negative_part")
        half = site.add("Tanh", site.add("Mul", scaled, site.constant("half", 0.5, x), name="halved"), name="tanh")
        above = site.add("Add", site.add("Exp", scaled, name="exp"), site.constant("one", 1.0, x), name="above")
        negative = site.add("Mul", half, above, name="difference")
    below = site.add("Min", negative, site.constant("zero", 0.0, x), name="below")
    below = site.add("Mul", below, site.constant("alpha", op.alpha, x), name="negative")
    return site.result("Add", site.add("Relu", x, name="positive"), below)


@lower.rule(Gelu)
def gelu(op: Gelu, site: Site) -> Results:
    """``Gelu``, or its formula."""
    x = site.inputs[0]
    if site.opset >= GELU_SINCE:
        return site.result("Gelu", x, approximate=op.approximate)
    if op.approximate == "tanh":
        square = site.add("Mul", x, x, name="square")
        inner = site.add("Mul", square, site.constant("cubic", 0.044715, x), name="cubic_part")
        inner = site.add("Add", inner, site.constant("one", 1.0, x), name="factor")
        inner = site.add("Mul", inner, x, name="polynomial")
        inner = site.add("Mul", inner, site.constant("scale", math.sqrt(2 / math.pi), x), name="scaled")
        curve = site.add("Tanh", inner, name="tanh")
    else:
        curve = site.add("Erf", site.add("Div", x, site.constant("root2", math.sqrt(2), x), name="scaled"), name="erf")
    above = site.add("Add", curve, site.constant("one", 1.0, x), name="above")
    return site.result("Mul", site.add("Mul", x, above, name="product"), site.constant("half", 0.5, x))


@lower.rule(Silu)
def silu(op: Silu, site: Site) -> Results:
    """``x * Sigmoid(x)``."""
    x = site.inputs[0]
    return site.result("Mul", x, site.add("Sigmoid", x, name="gate"))


@lower.rule(Mish)
def mish(op: Mish, site: Site) -> Results:
    """``Mish``, or ``x * tanh(softplus(x))``."""
    x = site.inputs[0]
    if site.opset >= MISH_SINCE:
        return site.result("Mish", x)
    return site.result("Mul", x, site.add("Tanh", site.add("Softplus", x, name="softplus"), name="tanh"))


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
    return site.result("Mul", x, site.add("HardSigmoid", x, name="gate", alpha=1 / 6, beta=0.5))


@lower.rule(ScaledTanh)
def scaled_tanh(op: ScaledTanh, site: Site) -> Results:
    """``amplitude * Tanh(slope * x)``."""
    x = site.inputs[0]
    curve = site.add("Tanh", site.add("Mul", x, site.constant("slope", op.slope, x), name="scaled"), name="tanh")
    return site.result("Mul", curve, site.constant("amplitude", op.amplitude, x))


@lower.rule(Softplus)
def softplus(op: Softplus, site: Site) -> Results:
    """``Softplus(beta * x) / beta``; x itself above the threshold if float32 distinguishes them.

    It also does if a large ``beta`` times x overflows.
    """
    x = site.inputs[0]
    unscaled, linear_above_20 = op.beta == 1.0, op.threshold >= 20.0 and op.beta <= CANCELLING
    if unscaled and linear_above_20:
        return site.result("Softplus", x)
    beta = site.constant("beta", op.beta, x)
    scaled = x if unscaled else site.add("Mul", x, beta, name="scaled")
    curve = site.add("Softplus", scaled, name="softplus")
    if linear_above_20:
        return site.result("Div", curve, beta)
    if not unscaled:
        curve = site.add("Div", curve, beta, name="curve")
    above = site.add("Greater", scaled, site.constant("threshold", op.threshold, x), name="above", dtype="bool")
    return site.add_outputs("Where", [above, x, curve], [site.output_value(0, common_batch(x))])


@lower.rule(Softmax, LogSoftmax)
def softmax(op: AlongAxis, site: Site) -> Results:
    """The ONNX operator of the same name."""
    x = site.inputs[0]
    return site.result(type(op).__name__, x, axis=x.axis(op.axis))


@lower.rule(Glu)
def glu(op: Glu, site: Site) -> Results:
    """The first half times the sigmoid of the second."""
    x = site.inputs[0]
    n = x.item_shape[op.axis]
    first = add_slice(site, x, op.axis, 0, n // 2, "first")
    second = add_slice(site, x, op.axis, n // 2, n, "second")
    return site.result("Mul", first, site.add("Sigmoid", second, name="gate"))
