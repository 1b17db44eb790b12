"""Activations and other functions of one value."""

from __future__ import annotations

import math

import numpy as np

from ..batch import combine, item_axis, join, off_axes, reshape
from ..errors import refused
from ..node import OnnxNode
from ..opsets import FLATTENS, MICROSOFT
from ..rule_table import Inputs, Result, rule
from ..site import Site
from ..values import SourceTensor

PLAIN = {
    "Abs": "abs",
    "Cos": "cos",
    "Erf": "erf",
    "Exp": "exp",
    "HardSwish": "hard_swish",
    "Log": "log",
    "Mish": "mish",
    "Relu": "relu",
    "Selu": "selu",
    "Sigmoid": "sigmoid",
    "Sign": "sign",
    "Sin": "sin",
    "Softplus": "softplus",
    "Softsign": "softsign",
    "Sqrt": "sqrt",
    "Tan": "tan",
    "Tanh": "tanh",
}
"""Operators that correspond to an operation without arguments."""
WITH_NUMBER = {
    "Celu": ("celu", "alpha", "alpha", 1.0),
    "Elu": ("elu", "alpha", "alpha", 1.0),
    "LeakyRelu": ("leaky_relu", "alpha", "slope", 0.01),
}
"""Operators with one number: the operation, the attribute, the argument, and the default."""
ROUNDING = {"Floor": "floor", "Ceil": "ceil", "Round": "round"}


@rule(*PLAIN)
def plain(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """An operation without arguments."""
    if node.operator == "Selu" and not (
        math.isclose(node.attribute("alpha", 1.67326), 1.67326, rel_tol=1e-5)
        and math.isclose(node.attribute("gamma", 1.0507), 1.0507, rel_tol=1e-5)
    ):
        raise refused("argument", "alpha and gamma must be those of the paper")
    return r.unary(PLAIN[node.operator], inputs.need(0))


@rule(*WITH_NUMBER)
def with_number(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """An operation with one number, which is omitted if it is the default."""
    operation, attribute, argument, default = WITH_NUMBER[node.operator]
    number = float(node.attribute(attribute, default))
    return r.unary(operation, inputs.need(0), {argument: number})


@rule(*ROUNDING)
def rounding(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """A rounding formula, whose integer result is cast back to floating point."""
    out = combine(r, ROUNDING[node.operator], [inputs.need(0)])
    return r.unary("cast", out, {"to": "float32"})


@rule("Gelu", f"{MICROSOFT}.Gelu", f"{MICROSOFT}.FastGelu")
def gelu(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``gelu``, exact or by the hyperbolic tangent."""
    x = inputs.need(0)
    if inputs.at(1) is not None:
        x = join(r, "add", [x, inputs.need(1)])
    fast = node.operator.endswith("FastGelu") or node.attribute("approximate", "none") == "tanh"
    return r.unary("gelu", x, {"approximate": "tanh"} if fast else {})


@rule("Swish")
def swish(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``silu``, or for another slope the product with a sigmoid."""
    x, alpha = r.placed(inputs.need(0)), float(node.attribute("alpha", 1.0))
    if alpha == 1:
        return r.unary("silu", x)
    return join(r, "multiply", [x, r.unary("sigmoid", r.unary("rescale", x, {"factor": alpha}))])


@rule("HardSigmoid")
def hard_sigmoid(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``hard_sigmoid``; for another slope, a ``rescale`` and a ``clamp``."""
    alpha, beta = float(node.attribute("alpha", 0.2)), float(node.attribute("beta", 0.5))
    if math.isclose(alpha, 1 / 6, rel_tol=1e-5) and beta == 0.5:
        return r.unary("hard_sigmoid", inputs.need(0))
    return r.unary(
        "clamp", r.unary("rescale", inputs.need(0), {"factor": alpha, "offset": beta}), {"low": 0.0, "high": 1.0}
    )


@rule("ThresholdedRelu")
def thresholded_relu(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """The values above a threshold, as a product with that comparison."""
    x = r.placed(inputs.need(0))
    over = combine(r, ">", [x], [float(node.attribute("alpha", 1.0))])
    return join(r, "multiply", [x, r.unary("cast", over, {"to": "float32"})])


@rule("PRelu")
def prelu(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``prelu`` with one slope, or one per channel."""
    x, slope = r.placed(inputs.need(0)), inputs.need(1)
    if not slope.is_known or slope.known is None:
        raise refused("argument", "slopes that are computed have no equivalent")
    count = slope.known.size
    if count != 1:
        axis = x.rank - slope.rank + next((k for k, n in enumerate(slope.shape) if n != 1), 0)
        if max(slope.shape) != count or item_axis(x, axis) != 0:
            raise refused("argument", "slopes along an axis other than the channels have no equivalent")
    flat = SourceTensor((count,), "float32", known=np.ascontiguousarray(slope.known.reshape(-1)), learned=slope.learned)
    return r.unary("prelu", x, {"num_parameters": count}, weights=r.layer_weights("prelu", {"weight": flat}))


@rule("Clip")
def clip(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``clamp`` or ``relu6``; for computed bounds, ``maximum`` and a formula."""
    x = r.placed(inputs.need(0))
    bounds: dict[str, float] = {}
    for argument, name, number in (("low", "min", 1), ("high", "max", 2)):
        value = inputs.at(number)
        if name in node.attributes:
            bounds[argument] = float(node.attributes[name])
        elif value is not None and (bound := value.scalar()) is not None:
            bounds[argument] = bound
        elif value is not None:
            x = join(r, "maximum", [x, value]) if argument == "low" else combine(r, "min", [x, value])
    bounds = {k: v for k, v in bounds.items() if abs(v) < 3.4e38}
    if bounds == {"low": 0, "high": 6} and x.dtype == "float32":
        return r.unary("relu6", x)
    if bounds == {"low": 0} and x.dtype == "float32":
        return r.unary("relu", x)
    return r.unary("clamp", x, bounds) if bounds else x


@rule("Softmax", "LogSoftmax")
def softmax(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """Softmax along one axis; before operator set 13, over all axes from the given one."""
    x = r.placed(inputs.need(0))
    operation = "softmax" if node.operator == "Softmax" else "log_softmax"
    axis = int(node.attribute("axis", -1)) % max(x.rank, 1)
    rest = x.shape[axis + 1 :]
    if node.opset < FLATTENS[node.operator] and any(n != 1 for n in rest):
        joined = reshape(r, x, (*x.shape[:axis], -1))
        joined = off_axes(r, joined, [-1])
        out = r.unary(operation, joined, {"axis": item_axis(joined, -1)})
        return reshape(r, out, x.shape)
    x = off_axes(r, x, [axis])
    return r.unary(operation, x, {"axis": item_axis(x, axis)})


@rule("Dropout")
def dropout(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``dropout``, which only has an effect in training."""
    ratio = r.numbers(node, "ratio", inputs)
    return [r.unary("dropout", inputs.need(0), {"rate": 0.5 if ratio is None else float(str(np.float32(ratio)))}), None]
