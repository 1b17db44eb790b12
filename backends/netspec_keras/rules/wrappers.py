"""Layers that wrap another layer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from netspec.diagnostics import clip
from netspec.importing import CannotImportError
from netspec.importing.problems import ARGUMENT, INVALID_SOURCE

from ..call import LayerCall, Result, Rule
from ..layer_settings import Settings
from ..model_config import LayerConfig
from . import conv
from .table import LAYERS, layer

LAST_AXIS = frozenset(
    [
        "Dense",
        "Dropout",
        "Activation",
        "ReLU",
        "LeakyReLU",
        "ELU",
        "PReLU",
        "Softmax",
        "LayerNormalization",
        "RMSNormalization",
        "UnitNormalization",
        "Rescaling",
        "BatchNormalization",
        "Identity",
        "EinsumDense",
        "Embedding",
    ]
)
"""Layers that work along the last axis, or elementwise, and hence independently on each tensor of a sequence."""


GLOBAL = {"GlobalAveragePooling": "mean", "GlobalMaxPooling": "max"}
"""Reductions of all window axes, by name without their number."""


@layer("TimeDistributed")
def time_distributed(call: LayerCall) -> Result:
    """Applies a layer at every position of the first axis."""
    inner = inner_layer(call)
    name = inner.class_name
    if name in LAST_AXIS and _keeps_last_axis(inner):
        return LAYERS[name](_within(call, inner))
    if (reduction := GLOBAL.get(name.removesuffix("D")[:-1])) and not inner.settings.flag("keepdims", False):
        first = call.channels_last
        return call.add(reduction, axis=[*range(1, call.input.rank - 1)] if first else [*range(2, call.input.rank)])
    if name == "Flatten" and call.channels_last:
        return call.add("reshape", shape=[call.input.shape[0], -1])
    wider = _wider(call, inner)
    if wider is not None:
        rule, form = wider
        return rule(_within(call, form))
    raise CannotImportError(ARGUMENT, f"wrapping '{clip(name)}' has no equivalent")


def _keeps_last_axis(inner: LayerConfig) -> bool:
    """Whether the layer only works along the last axis."""
    axis = inner.settings.values.get("axis", -1)
    return axis in (-1, [-1]) and not inner.settings.values.get("shared_axes")


def _wider(call: LayerCall, inner: LayerConfig) -> tuple[Rule, LayerConfig] | None:
    """Returns a layer with one more window axis, of size 1; None if there is none."""
    name = inner.class_name
    rank = next((int(c) for c in name if c in "12"), 0) if name[-2:] == "1D" or name[-2:] == "2D" else 0
    stem = name[:-2]
    if not rank or stem not in ("Conv", "MaxPooling", "AveragePooling", "ZeroPadding", "Cropping", "UpSampling"):
        return None
    if not call.channels_last or inner.settings.values.get("padding") == "causal":
        return None
    values = dict(inner.settings.values)
    ahead: dict[str, Any] = {"kernel_size": 1, "strides": 1, "dilation_rate": 1, "pool_size": 1, "size": 1}
    if stem in ("ZeroPadding", "Cropping"):
        ahead = {"padding" if stem == "ZeroPadding" else "cropping": [0, 0]}
    for key, first in ahead.items():
        if key in values and values[key] is not None:
            value = values[key]
            items = [value] * rank if type(value) is int else list(value)
            if key in ("padding", "cropping") and rank == 1 and items and type(items[0]) is int:
                items = [items]
            values[key] = [first, *items]
    wide = replace(inner, class_name=f"{stem}{rank + 1}D", settings=Settings(values))
    if stem == "Conv":
        return _convolved, wide
    return LAYERS[wide.class_name], wide


def _convolved(call: LayerCall) -> Result:
    """A convolution whose kernel is stored without the first window axis."""
    return conv.conv(call, stored_without=1)


@layer("SpectralNormalization")
def spectral_normalization(call: LayerCall) -> Result:
    """The inner layer with its stored kernel, which Keras has already divided in training."""
    call.walk.note(call.layer, "left out: Keras divides the kernel in training only, and stores the quotient")
    inner = inner_layer(call)
    rule = LAYERS.get(inner.class_name)
    if rule is None:
        raise CannotImportError(ARGUMENT, f"wrapping '{clip(inner.class_name)}' has no equivalent")
    return rule(_within(call, inner))


def inner_layer(call: LayerCall) -> LayerConfig:
    """Returns the inner layer of a wrapper."""
    form = call.settings.inner("layer")
    class_name, module = form.get("class_name"), str(form.get("module") or "keras")
    if not isinstance(class_name, str) or module.partition(".")[0] != "keras":
        raise CannotImportError(INVALID_SOURCE, "the wrapped layer is not a layer of Keras")
    return LayerConfig(
        class_name,
        module,
        call.layer.name,
        Settings(form["config"]),
        [],
        call.layer.path,
        f"{call.layer.store}/layer",
        call.layer.top,
    )


def _within(call: LayerCall, inner: LayerConfig) -> LayerCall:
    """Returns the call of a wrapper's inner layer."""
    kwargs = {key: value for key, value in call.kwargs.items() if key not in ("mask", "training")}
    return replace(call, layer=inner, kwargs=kwargs)
