"""Normalisation."""

from __future__ import annotations

from typing import Any

from netspec.importing import CannotImportError
from netspec.importing.problems import ARGUMENT

from ..call import LayerCall, Result, unless
from ..tensors import SpecTensor, as_stored, counter, filled
from .layouts import channel_axis, channel_or_last_axis
from .table import layer, operation


@layer("BatchNormalization", "SyncBatchNormalization")
def batch_norm(call: LayerCall) -> Result:
    """A batch norm. If Keras lacks only gain or shift, the spec has an untrained one."""
    settings, x = call.settings, call.input
    settings.require("renorm", False)
    axes = settings.integers("axis", -1)
    if len(axes) != 1:
        raise CannotImportError(ARGUMENT, "several axes have no equivalent")
    axis = call.axis(axes[0], x.rank)
    channels = call.known(x, axis)
    affine = _affine(call, (channels,))
    number = affine.count
    mean = call.variable(number, "moving_mean", channels, trainable=False)
    variance = call.variable(number + 1, "moving_variance", channels, trainable=False)
    affine.weights |= {
        "running_mean": SpecTensor((channels,), (mean,), as_stored),
        "running_var": SpecTensor((channels,), (variance,), as_stored),
        "num_batches_tracked": counter(),
    }
    return call.add(
        "batch_norm",
        weights=affine.weights,
        untrained=affine.frozen,
        eps=unless(settings.number("epsilon", 1e-3), 1e-5),
        momentum=unless(round(1 - settings.number("momentum", 0.99), 12), 0.1),
        affine=affine.argument,
        axis=channel_axis(call, axis),
    )


@layer("LayerNormalization")
def layer_norm(call: LayerCall) -> Result:
    """A layer norm over one or several axes, or an RMS norm if the layer is configured so."""
    settings, x = call.settings, call.input
    axes = call.axes(settings.values.get("axis", -1), x.rank)
    shape = tuple(call.known(x, a) for a in axes)
    axis: Any = channel_or_last_axis(call, axes[0]) if len(axes) == 1 else axes
    eps = settings.number("epsilon", 1e-3)
    if settings.flag("rms_scaling", False):
        gain = SpecTensor(shape, (call.variable(0, "gamma", *shape),), as_stored)
        return call.add("rms_norm", weights={"weight": gain}, eps=eps, axis=axis)
    affine = _affine(call, shape)
    bias = None
    if affine.argument is None and not settings.flag("center", True):
        bias = False
        del affine.weights["bias"]
        affine.frozen = ()
    return call.add(
        "layer_norm",
        weights=affine.weights,
        untrained=affine.frozen,
        eps=unless(eps, 1e-5),
        affine=affine.argument,
        bias=bias,
        axis=axis,
    )


@layer("RMSNormalization")
def rms_norm(call: LayerCall) -> Result:
    """Division by the root mean square."""
    x = call.input
    axes = call.axes(call.settings.values.get("axis", -1), x.rank)
    shape = tuple(call.known(x, a) for a in axes)
    gain = SpecTensor(shape, (call.variable(0, "scale", *shape),), as_stored)
    axis: Any = channel_or_last_axis(call, axes[0]) if len(axes) == 1 else axes
    return call.add("rms_norm", weights={"weight": gain}, eps=call.settings.number("epsilon", 1e-6), axis=axis)


@layer("GroupNormalization")
def group_norm(call: LayerCall) -> Result:
    """A group norm; -1 groups means one per channel."""
    settings, x = call.settings, call.input
    axis = call.axis(settings.values.get("axis", -1), x.rank)
    channels, groups = call.known(x, axis), settings.integer("groups", 32)
    affine = _affine(call, (channels,))
    return call.add(
        "group_norm",
        weights=affine.weights,
        untrained=affine.frozen,
        groups=channels if groups == -1 else groups,
        eps=unless(settings.number("epsilon", 1e-3), 1e-5),
        affine=affine.argument,
        axis=channel_axis(call, axis),
    )


@layer("UnitNormalization")
def unit_norm(call: LayerCall) -> Result:
    """Division by the Euclidean norm, which is at least 1e-12."""
    x = call.input
    axes = call.axes(call.settings.values.get("axis", -1), x.rank)
    axis: Any = channel_axis(call, axes[0]) if len(axes) == 1 else axes
    return call.add("l2_normalize", axis=axis, eps=1e-12)


@operation("Normalize")
def normalize(call: LayerCall) -> Result:
    """Division by the Euclidean norm along an axis, which is at least ``epsilon``."""
    order, eps = call.argument(2, "order", 2), call.argument(3, "epsilon")
    if order != 2:
        raise CannotImportError(ARGUMENT, "only order 2 has an equivalent")
    eps = 1e-7 if type(eps) not in (int, float) else float(eps)
    axis = call.axis(call.argument(1, "axis", -1), call.input.rank)
    return call.add("l2_normalize", axis=channel_axis(call, axis), eps=eps)


@layer("LayerScale")
def layer_scale(call: LayerCall) -> Result:
    """A learned gain per channel: a custom layer of ConvNeXt."""
    channels = call.settings.integer("projection_dim")
    gain = SpecTensor((channels,), (call.variable(0, "gamma", channels),), as_stored)
    return call.add("channel_scale", weights={"weight": gain})


class _Affine:
    """The gain and the shift of a norm, if present."""

    def __init__(self) -> None:
        self.weights: dict[str, SpecTensor] = {}
        self.frozen: tuple[str, ...] = ()
        """Names of those that Keras lacks, which become constants."""
        self.argument: bool | None = None
        """The argument ``affine``."""
        self.count = 0
        """The number of variables."""


def _affine(call: LayerCall, shape: tuple[int, ...]) -> _Affine:
    """Returns the gain and the shift of a norm; if only one is missing, it becomes a constant."""
    affine = _Affine()
    has = {"weight": call.settings.flag("scale", True), "bias": call.settings.flag("center", True)}
    if not any(has.values()):
        affine.argument = False
        return affine
    for local, name, value in (("weight", "gamma", 1.0), ("bias", "beta", 0.0)):
        if has[local]:
            affine.weights[local] = SpecTensor(shape, (call.variable(affine.count, name, *shape),), as_stored)
            affine.count += 1
        else:
            affine.weights[local] = filled(value, *shape)
            affine.frozen = (local,)
    return affine
