"""Convolutions."""

from __future__ import annotations

from typing import Any

from netspec.diagnostics import clip
from netspec.importing import CannotImportError
from netspec.importing.problems import ARGUMENT

from ..call import LayerCall, Result, short, unless
from ..tensors import SpecTensor, as_stored, kernel_shape, turned_depthwise_kernel, turned_kernel
from .activation import activate
from .layouts import check_layout
from .table import layer


def window_rank(call: LayerCall) -> int:
    """Returns the number of window axes according to the name of the class: 2 for ``Conv2DTranspose``."""
    return next(int(c) for c in call.layer.class_name if c in "123")


@layer("Conv1D", "Conv2D", "Conv3D")
def conv(call: LayerCall, stored_without: int = 0) -> Result:
    """A convolution with its activation; its kernel may be stored without some of the first window axes."""
    settings, rank = call.settings, window_rank(call)
    channel = check_layout(call, rank)
    groups, filters = settings.integer("groups", 1), settings.integer("filters")
    kernel = settings.sizes("kernel_size", rank)
    channels = call.known(call.input, channel)
    if groups < 1 or channels % groups:
        raise CannotImportError(ARGUMENT, f"{channels} channels cannot be divided into {groups} groups")
    shape = (*kernel, channels // groups, filters)
    stored = call.variable(0, "kernel", *shape[stored_without:])
    weights = {"weight": SpecTensor(kernel_shape(shape), (stored,), turned_kernel)}
    bias = _bias(call, weights, "bias", 1, filters)
    result = call.add(
        f"conv{rank}d", weights=weights, filters=filters, **_window(call, rank), groups=unless(groups, 1), bias=bias
    )
    return activate(call, result)


@layer("DepthwiseConv1D", "DepthwiseConv2D")
def depthwise_conv(call: LayerCall) -> Result:
    """A depthwise convolution with its activation."""
    settings, rank = call.settings, window_rank(call)
    channel = check_layout(call, rank)
    multiplier, channels = settings.integer("depth_multiplier", 1), call.known(call.input, channel)
    shape = (*settings.sizes("kernel_size", rank), channels, multiplier)
    filters = channels * multiplier
    variable = call.variable(0, "kernel", *shape)
    weights = {"weight": SpecTensor((filters, 1, *shape[:-2]), (variable,), turned_depthwise_kernel)}
    bias = _bias(call, weights, "bias", 1, filters)
    result = call.add(
        f"depthwise_conv{rank}d",
        weights=weights,
        **_window(call, rank),
        multiplier=unless(multiplier, 1),
        bias=bias,
    )
    return activate(call, result)


@layer("SeparableConv1D", "SeparableConv2D")
def separable_conv(call: LayerCall) -> Result:
    """A depthwise convolution, one of size 1, and an activation."""
    settings, rank = call.settings, window_rank(call)
    channel = check_layout(call, rank)
    filters, multiplier = settings.integer("filters"), settings.integer("depth_multiplier", 1)
    channels = call.known(call.input, channel)
    kernel = settings.sizes("kernel_size", rank)
    depthwise = call.variable(0, "depthwise_kernel", *kernel, channels, multiplier)
    middle, ones = channels * multiplier, (1,) * rank
    pointwise = call.variable(1, "pointwise_kernel", *ones, middle, filters)
    weights = {
        "depthwise.weight": SpecTensor((middle, 1, *kernel), (depthwise,), turned_depthwise_kernel),
        "pointwise.weight": SpecTensor((filters, middle, *ones), (pointwise,), turned_kernel),
    }
    bias = _bias(call, weights, "pointwise.bias", 2, filters)
    result = call.add(
        f"separable_conv{rank}d",
        weights=weights,
        filters=filters,
        **_window(call, rank),
        multiplier=unless(multiplier, 1),
        bias=bias,
    )
    return activate(call, result)


@layer("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")
def conv_transpose(call: LayerCall) -> Result:
    """A transposed convolution with its activation."""
    settings, rank = call.settings, window_rank(call)
    channel = check_layout(call, rank)
    filters, channels = settings.integer("filters"), call.known(call.input, channel)
    groups = settings.integer("groups", 1)
    if groups != 1:
        raise CannotImportError(ARGUMENT, "groups of a transposed convolution have no equivalent")
    kernel = settings.sizes("kernel_size", rank)
    shape = (*kernel, filters, channels)
    weights = {"weight": SpecTensor(kernel_shape(shape), (call.variable(0, "kernel", *shape),), turned_kernel)}
    bias = _bias(call, weights, "bias", 1, filters)
    window = _window(call, rank) | _output_padding(call, rank)
    result = call.add(f"conv_transpose{rank}d", weights=weights, filters=filters, **window, bias=bias)
    return activate(call, result)


def _output_padding(call: LayerCall, rank: int) -> dict[str, Any]:
    """Returns the padding, including output padding if Keras has one."""
    settings = call.settings
    arguments: dict[str, Any] = {"padding": settings.text("padding", "valid").lower()}
    if settings.values.get("output_padding") is not None:
        arguments["output_padding"] = short(settings.sizes("output_padding", rank))
    return arguments


def _window(call: LayerCall, rank: int) -> dict[str, Any]:
    """Returns the window arguments of a convolution, without defaults."""
    settings = call.settings
    padding = settings.text("padding", "valid").lower()
    if padding not in ("valid", "same", "causal"):
        raise CannotImportError(ARGUMENT, f"padding '{clip(padding)}' has no equivalent")
    arguments: dict[str, Any] = {"kernel": short(settings.sizes("kernel_size", rank))}
    for name, key in (("stride", "strides"), ("dilation", "dilation_rate")):
        if (value := short(settings.sizes(key, rank, 1))) != 1:
            arguments[name] = value
    if padding != "valid":
        arguments["padding"] = padding
    return arguments


def _bias(call: LayerCall, weights: dict[str, SpecTensor], local: str, number: int, size: int) -> bool | None:
    """Adds a bias to the weights if the layer has one; returns the argument ``bias``."""
    if not call.settings.flag("use_bias", True):
        return False
    weights[local] = SpecTensor((size,), (call.variable(number, "bias", size),), as_stored)
    return None
