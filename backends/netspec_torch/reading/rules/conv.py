"""Convolutions."""

from __future__ import annotations

from typing import Any

from netspec.importing.batch import BatchAxis
from netspec.shapes.sizes import is_same

from ..reader import ProgramReader, along_batch
from ..shape_changes import reshape, without_single
from ..values import OperatorCall, ProgramTensor
from ..weight_names import WeightNames, own_weights
from .folded_windows import (
    call_with_axis,
    is_folded,
    with_images_as_axis,
    with_images_as_channels,
    with_images_in_batch,
)
from .registry import rule, several, shaped, windowed


@rule("conv1d", "conv2d", "conv3d", "convolution")
def convolution(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    weight: ProgramTensor,
    bias: ProgramTensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
    transposed: bool = False,
    output_padding: Any = None,
) -> ProgramTensor:
    """A convolution or transposed convolution; a computed weight becomes an input of the layer."""
    axes = weight.rank - 2
    x = reader.placed(x)
    if is_folded(x, axes) and not transposed and is_same(groups, x.shape[1]) and is_same(weight.shape[0], groups):
        return _of_each_head(reader, call, x, weight, bias, stride, padding, dilation)
    if is_folded(x, axes) and not transposed and axes < 3:
        assert x.batch is not None
        images = x.batch.inner
        kernel = reshape(reader, weight, (*weight.shape[:2], 1, *weight.shape[2:]))
        steps, borders, gaps = ([n, *several(v, axes)] for n, v in ((1, stride), (0, padding), (1, dilation)))
        wider = call_with_axis(reader, call, images)
        wide = convolution(reader, wider, with_images_as_axis(reader, x), kernel, bias, steps, borders, gaps, groups)
        return with_images_in_batch(reader, wide, images)
    x = windowed(reader, x, axes)
    arguments: dict[str, Any] = {
        "filters": call.shape[1],
        "kernel": list(weight.shape[2:]),
        "stride": several(stride, axes),
        "padding": padding if isinstance(padding, str) else several(padding, axes),
        "dilation": several(dilation, axes),
        "groups": groups,
        "bias": bias is not None,
    }
    if transposed:
        arguments["output_padding"] = several(output_padding or 0, axes)
    operation = f"conv_transpose{axes}d" if transposed else f"conv{axes}d"
    out = ProgramTensor(call.shape, call.dtype, batch=BatchAxis(0), is_single=x.is_single)
    names = own_weights(reader, weight=weight, bias=bias)
    if names is not None:
        return reader.result(operation, [x], out, arguments, weights=names)
    weight_values: dict[str, int] = {}
    names = WeightNames()
    for local, value in (("weight", weight), ("bias", bias)):
        if value is not None and (stored := own_weights(reader, **{local: value})) is not None:
            names |= stored
        elif value is not None:
            weight_values[local] = reader.number(plain_weight(reader, value))
    return reader.result(operation, [x], out, arguments, weights=names, given_weights=weight_values)


def _of_each_head(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    weight: ProgramTensor,
    bias: ProgramTensor | None,
    stride: Any,
    padding: Any,
    dilation: Any,
) -> ProgramTensor:
    """A depthwise convolution of heads that are folded into the batch and share their filters."""
    assert x.batch is not None
    axes = weight.rank - 2
    arguments = {
        "kernel": list(weight.shape[2:]),
        "stride": several(stride, axes),
        "padding": padding if isinstance(padding, str) else several(padding, axes),
        "dilation": several(dilation, axes),
        "bias": bias is not None,
        "heads": x.batch.inner,
    }
    names = own_weights(reader, weight=weight, bias=bias)
    if names is None:
        raise along_batch("the first axis of its input has the batch merged with another axis")
    wide, wider = with_images_as_channels(reader, x, call)
    result = shaped(reader, f"depthwise_conv{axes}d", wider, wide, arguments, weights=names)
    return reshape(reader, result, call.shape)


def plain_weight(reader: ProgramReader, weight: ProgramTensor) -> ProgramTensor:
    """Returns a computed weight with all its axes. Raises CannotImportError if it differs between examples."""
    weight = reader.placed(weight)
    if weight.is_batched:
        raise along_batch("its weights differ from example to example")
    return without_single(reader, weight)


@rule("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
def transposed_convolution(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    weight: ProgramTensor,
    bias: ProgramTensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> ProgramTensor:
    """A transposed convolution."""
    return convolution(reader, call, x, weight, bias, stride, padding, dilation, groups, True, output_padding)
