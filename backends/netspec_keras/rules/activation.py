"""Activations: layers, functions by name, and the ``activation`` of other layers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from netspec.diagnostics import clip
from netspec.importing import CannotImportError
from netspec.importing.problems import ARGUMENT, INVALID_SOURCE, NO_EQUIVALENT

from ..call import LayerCall, Result, unless
from ..json_values import is_mapping
from ..layer_settings import Settings
from ..saved_models.file_error import CODE_IN_MODEL
from ..tensors import SpecTensor, as_stored
from ..values import KerasTensor
from .table import layer, operation

PLAIN = {
    "relu": "relu",
    "relu6": "relu6",
    "elu": "elu",
    "selu": "selu",
    "celu": "celu",
    "gelu": "gelu",
    "silu": "silu",
    "swish": "silu",
    "mish": "mish",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "softplus": "softplus",
    "softsign": "softsign",
    "exponential": "exp",
    "hard_sigmoid": "hard_sigmoid",
    "hard_silu": "hard_swish",
    "hard_swish": "hard_swish",
}
"""Operations by the names of equivalent Keras functions with the same defaults."""
FORMULAS = {
    "squareplus": "(x0 + sqrt(x0 ** 2 + 4)) / 2",
    "log_sigmoid": "-softplus(-x0)",
    "tanh_shrink": "x0 - tanh(x0)",
    "soft_shrink": "x0 - max(min(x0, 0.5), -0.5)",
    "hard_shrink": "x0 if abs(x0) > 0.5 else 0.0",
    "sparse_sigmoid": "max(min((x0 + 1) / 2, 1.0), 0.0)",
    "sparse_plus": "0.0 if x0 <= -1 else (x0 if x0 >= 1 else (x0 + 1) ** 2 / 4)",
}
"""Functions that become formulas, with Keras's defaults."""


def activate(call: LayerCall, value: KerasTensor, key: str = "activation") -> KerasTensor:
    """Applies the activation of a layer to a value.

    Raises:
        CannotImportError: NS832, it is a function of another package; NS841, it has no equivalent.
    """
    return apply_activation(call, value, call.settings.values.get(key), "activation")


def apply_activation(call: LayerCall, value: KerasTensor, activation: Any, stem: str = "") -> KerasTensor:
    """Applies an activation from a configuration: a name, None, or a layer."""
    if activation is None or activation == "linear":
        return value
    if isinstance(activation, str):
        return _by_name(call, value, activation, stem)
    if not is_mapping(activation):
        raise CannotImportError(INVALID_SOURCE, "'activation' must be a name or a layer")
    name, config = activation.get("class_name"), activation.get("config")
    package = str(activation.get("module") or "keras").partition(".")[0]
    if package not in ("keras", "builtins") or activation.get("registered_name") not in (None, "", name, "function"):
        raise CannotImportError(CODE_IN_MODEL, "the activation is not a function of Keras, and is not run")
    if isinstance(config, str):
        return _by_name(call, value, config, stem)
    if not is_mapping(config) or not isinstance(name, str) or name not in _BY_LAYER:
        raise CannotImportError(NO_EQUIVALENT, f"activation '{clip(str(name))}' has no equivalent")
    settings = Settings(dict(config))
    return _BY_LAYER[name](call, value, settings, stem)


def _by_name(call: LayerCall, value: KerasTensor, name: str, stem: str) -> KerasTensor:
    name = name.rpartition(">")[2] if ">" not in name else name
    if name == "linear":
        return value
    if name in PLAIN:
        return call.add(PLAIN[name], value, stem=stem)
    if name in FORMULAS:
        return call.add("formula", value, stem=stem, expression=f"$({FORMULAS[name]})")
    if name == "leaky_relu":
        return call.add("leaky_relu", value, stem=stem, slope=0.2)
    if name == "hard_tanh":
        return call.add("clamp", value, stem=stem, low=-1.0, high=1.0)
    if name in ("softmax", "log_softmax", "glu"):
        return call.add(name, value, stem=stem, axis=_last(value))
    if ">" in name:
        raise CannotImportError(CODE_IN_MODEL, f"activation '{clip(name)}' is not a function of Keras, and is not run")
    raise CannotImportError(NO_EQUIVALENT, f"activation '{clip(name)}' has no equivalent")


def _last(value: KerasTensor) -> int | None:
    """Returns the argument ``axis`` for the last axis."""
    return None if value.type.channel == value.rank - 1 else value.rank - 1


# -- layers ----------------------------------------------------------------------------------------------------------
def _relu(call: LayerCall, value: KerasTensor, settings: Settings, stem: str) -> KerasTensor:
    slope = settings.number("negative_slope", 0.0)
    threshold, most = settings.number("threshold", 0.0), settings.optional_number("max_value")
    if threshold == 0.0 and slope == 0.0:
        if most is None:
            return call.add("relu", value, stem=stem)
        return (
            call.add("relu6", value, stem=stem)
            if most == 6.0
            else call.add("clamp", value, stem=stem, low=0.0, high=most)
        )
    if threshold == 0.0 and most is None:
        return call.add("leaky_relu", value, stem=stem, slope=slope)
    above = "x0" if most is None else f"max(min(x0, {most!r}), 0.0)"
    expression = f"$({above} if x0 > {threshold!r} else {slope!r} * (x0 - {threshold!r}))"
    return call.add("formula", value, stem=stem, expression=expression)


def _leaky_relu(call: LayerCall, value: KerasTensor, settings: Settings, stem: str) -> KerasTensor:
    slope = settings.number("negative_slope" if "negative_slope" in settings.values else "alpha", 0.3)
    return call.add("leaky_relu", value, stem=stem, slope=slope)


def _elu(call: LayerCall, value: KerasTensor, settings: Settings, stem: str) -> KerasTensor:
    return call.add("elu", value, stem=stem, alpha=unless(settings.number("alpha", 1.0), 1.0))


def _softmax(call: LayerCall, value: KerasTensor, settings: Settings, stem: str) -> KerasTensor:
    axes = settings.integers("axis", -1)
    if len(axes) != 1:
        raise CannotImportError(ARGUMENT, "several axes have no equivalent")
    return call.add("softmax", value, stem=stem, axis=unless(call.axis(axes[0], value.rank), value.type.channel))


_BY_LAYER: dict[str, Callable[[LayerCall, KerasTensor, Settings, str], KerasTensor]] = {
    "ReLU": _relu,
    "LeakyReLU": _leaky_relu,
    "ELU": _elu,
    "Softmax": _softmax,
}


@layer("ReLU", "LeakyReLU", "ELU", "Softmax")
def activation_layer(call: LayerCall) -> Result:
    """An activation as a separate layer."""
    if call.layer.class_name == "Softmax":
        if len(call.inputs) > 1 or call.kwargs.get("mask") is not None:
            raise CannotImportError(ARGUMENT, "a mask has no equivalent")
        call.refuse_masks()
    return _BY_LAYER[call.layer.class_name](call, call.input, call.settings, "")


@layer("Activation")
def activation(call: LayerCall) -> Result:
    """An activation by name."""
    result = apply_activation(call, call.input, call.settings.values.get("activation"))
    return call.add("identity") if result is call.input else result


@layer("PReLU")
def prelu(call: LayerCall) -> Result:
    """A learned slope: one for all, or one per channel; shared over all other axes."""
    x = call.input
    shared = call.settings.integers("shared_axes", [])
    axes = set(call.axes(shared, x.rank)) if shared else set[int]()
    shape = tuple(1 if a in axes else call.known(x, a) for a in range(x.rank))
    wide_axes = [a for a in range(x.rank) if shape[a] != 1]
    variable = call.variable(0, "alpha", *shape)
    if not wide_axes or wide_axes == [x.type.channel]:
        count = math.prod(shape)
        slopes = SpecTensor((count,), (variable,), as_stored)
        return call.add("prelu", weights={"weight": slopes}, num_parameters=unless(count, 1))
    slope = call.add(
        "parameter", [], weights={"": SpecTensor(shape, (variable,), as_stored)}, part="slope", shape=list(shape)
    )
    return call.add("formula", [x, slope], stem="prelu", expression="$(max(x0, 0.0) + x1 * min(x0, 0.0))")


# -- functions -------------------------------------------------------------------------------------------------------
FUNCTIONS = {
    "Relu": "relu",
    "Relu6": "relu6",
    "Selu": "selu",
    "Silu": "silu",
    "Softplus": "softplus",
    "Softsign": "softsign",
    "Sigmoid": "sigmoid",
    "HardSigmoid": "hard_sigmoid",
    "HardSilu": "hard_silu",
    "LogSigmoid": "log_sigmoid",
    "HardTanh": "hard_tanh",
    "TanhShrink": "tanh_shrink",
    "SparsePlus": "sparse_plus",
    "SparseSigmoid": "sparse_sigmoid",
    "Tanh": "tanh",
}


@operation(*FUNCTIONS)
def function(call: LayerCall) -> Result:
    """An activation function without arguments."""
    return _by_name(call, call.input, FUNCTIONS[call.layer.class_name], "")


@operation("Gelu")
def gelu(call: LayerCall) -> Result:
    """GELU, exact or by a hyperbolic tangent (the default of ``ops.gelu``)."""
    approximate = call.argument(1, "approximate", True)
    return call.add("gelu", approximate="tanh" if approximate else None)


@operation("Softmax", "LogSoftmax", "Glu")
def softmax_function(call: LayerCall) -> Result:
    """Softmax along an axis, by default the last one."""
    name = {"Softmax": "softmax", "LogSoftmax": "log_softmax", "Glu": "glu"}[call.layer.class_name]
    axis = call.axis(call.argument(1, "axis", -1), call.input.rank)
    return call.add(name, axis=unless(axis, call.input.type.channel))


@operation("LeakyRelu", "Elu", "Celu")
def function_with_number(call: LayerCall) -> Result:
    """An activation with a slope or scale."""
    name = call.layer.class_name
    key, default = ("negative_slope", 0.2) if name == "LeakyRelu" else ("alpha", 1.0)
    value = call.argument(1, key, default)
    if type(value) not in (int, float):
        raise CannotImportError(ARGUMENT, f"{key} must be a number")
    if name == "LeakyRelu":
        return call.add("leaky_relu", slope=float(value))
    return call.add(name.lower(), alpha=unless(float(value), 1.0))


@operation("ReLU")
def relu_function(call: LayerCall) -> Result:
    """``keras.activations.relu`` with arguments."""
    return _relu(call, call.input, call.settings, "")
