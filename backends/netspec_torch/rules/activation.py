"""Rules for activations."""

from __future__ import annotations

from netspec.ops.activation import (
    Activation,
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

from .lowered import Default, Expr, Literal, Lowered, Make, Site, batchless, expression, lower
from .norm import channels_second

batchless(Activation)

ONEDNN_AXES = 12
"""Maximum number of axes, including the batch, of a ``gelu`` in oneDNN."""


def activation_module(cls: str, function: str, *, inplace: bool | None = None, **args: Default) -> Lowered:
    """Returns a module, or a function for an activation that belongs to another layer."""
    changed = {name: value for name, value in args.items() if value.value != value.default}
    text = "".join(f", {name}={{{name}}}" for name in changed)
    holes: dict[str, Literal] = {name: value.value for name, value in changed.items()}
    arguments: dict[str, Literal] = dict(args)
    if inplace is not None:
        arguments["inplace"] = Default(inplace, False)
        text += ", inplace=True" if inplace else ""
    return Lowered(Make(cls, arguments), alone=Expr(f"{function}({{0}}{text})", holes))


@lower.rule(Relu)
def relu(op: Relu, site: Site) -> Lowered:
    """``nn.ReLU``."""
    return activation_module("nn.ReLU", "F.relu", inplace=site.inplace)


@lower.rule(Relu6)
def relu6(op: Relu6, site: Site) -> Lowered:
    """``nn.ReLU6``."""
    return activation_module("nn.ReLU6", "F.relu6", inplace=site.inplace)


@lower.rule(LeakyRelu)
def leaky_relu(op: LeakyRelu, site: Site) -> Lowered:
    """``nn.LeakyReLU``; in place only for slopes of at least 0, because the gradient uses the sign of the result."""
    inplace = site.inplace and op.slope >= 0
    return activation_module("nn.LeakyReLU", "F.leaky_relu", inplace=inplace, negative_slope=Default(op.slope, 0.01))


@lower.rule(Elu)
def elu(op: Elu, site: Site) -> Lowered:
    """``nn.ELU``."""
    return activation_module("nn.ELU", "F.elu", alpha=Default(op.alpha, 1.0))


@lower.rule(Celu)
def celu(op: Celu, site: Site) -> Lowered:
    """``nn.CELU``."""
    return activation_module("nn.CELU", "F.celu", alpha=Default(op.alpha, 1.0))


@lower.rule(Selu)
def selu(op: Selu, site: Site) -> Lowered:
    """``nn.SELU``."""
    return activation_module("nn.SELU", "F.selu")


@lower.rule(Gelu)
def gelu(op: Gelu, site: Site) -> Lowered:
    """``nn.GELU``; tensors with more axes than oneDNN supports are flattened."""
    if site.x.rank >= ONEDNN_AXES:
        approximate = "" if op.approximate == "none" else f', approximate="{op.approximate}"'
        return expression(f"F.gelu({{0}}.flatten(){approximate}).view({{0}}.shape)")
    return activation_module("nn.GELU", "F.gelu", approximate=Default(op.approximate, "none"))


@lower.rule(Silu)
def silu(op: Silu, site: Site) -> Lowered:
    """``nn.SiLU``."""
    return activation_module("nn.SiLU", "F.silu", inplace=site.inplace)


@lower.rule(Mish)
def mish(op: Mish, site: Site) -> Lowered:
    """``nn.Mish``."""
    return activation_module("nn.Mish", "F.mish")


@lower.rule(Sigmoid)
def sigmoid(op: Sigmoid, site: Site) -> Lowered:
    """``nn.Sigmoid``."""
    return activation_module("nn.Sigmoid", "torch.sigmoid")


@lower.rule(HardSigmoid)
def hard_sigmoid(op: HardSigmoid, site: Site) -> Lowered:
    """``nn.Hardsigmoid``."""
    return activation_module("nn.Hardsigmoid", "F.hardsigmoid")


@lower.rule(HardSwish)
def hard_swish(op: HardSwish, site: Site) -> Lowered:
    """``nn.Hardswish``."""
    return activation_module("nn.Hardswish", "F.hardswish", inplace=site.inplace)


@lower.rule(Tanh)
def tanh(op: Tanh, site: Site) -> Lowered:
    """``nn.Tanh``."""
    return activation_module("nn.Tanh", "torch.tanh")


@lower.rule(ScaledTanh)
def scaled_tanh(op: ScaledTanh, site: Site) -> Lowered:
    """A function of the library."""
    holes = {"amplitude": op.amplitude, "slope": op.slope}
    if op.amplitude == 1.7159 and op.slope == 2 / 3:
        holes = {}
    return expression(f"scaled_tanh({', '.join(['{0}', *(f'{{{h}}}' for h in holes)])})", **holes)


@lower.rule(Softplus)
def softplus(op: Softplus, site: Site) -> Lowered:
    """``nn.Softplus``."""
    return activation_module(
        "nn.Softplus", "F.softplus", beta=Default(op.beta, 1.0), threshold=Default(op.threshold, 20.0)
    )


@lower.rule(Softsign)
def softsign(op: Softsign, site: Site) -> Lowered:
    """``nn.Softsign``."""
    return activation_module("nn.Softsign", "F.softsign")


def module_along_axis(cls: str, function: str, axis: int) -> Lowered:
    """Returns a module that works along an axis, and the corresponding function."""
    return Lowered(Make(cls, {"dim": Default(axis, "")}), alone=Expr(f"{function}({{0}}, dim={{dim}})", {"dim": axis}))


@lower.rule(Softmax)
def softmax(op: Softmax, site: Site) -> Lowered:
    """``nn.Softmax``."""
    return module_along_axis("nn.Softmax", "F.softmax", site.axis(op.axis))


@lower.rule(LogSoftmax)
def log_softmax(op: LogSoftmax, site: Site) -> Lowered:
    """``nn.LogSoftmax``."""
    return module_along_axis("nn.LogSoftmax", "F.log_softmax", site.axis(op.axis))


@lower.rule(Glu)
def glu(op: Glu, site: Site) -> Lowered:
    """``nn.GLU``."""
    return module_along_axis("nn.GLU", "F.glu", site.axis(op.axis))


@lower.rule(Prelu)
def prelu(op: Prelu, site: Site) -> Lowered:
    """``nn.PReLU``, which requires the channels right after the batch."""
    channel = site.x.channel if op.num_parameters > 1 else 0
    args = {"num_parameters": Default(op.num_parameters, 1)}
    return Lowered(Make("nn.PReLU", args), channels_second(site, channel or 0, most=99))
