"""Pooling."""

from __future__ import annotations

from typing import Any

from ..reader import ProgramReader, unsupported
from ..shape_changes import reshape
from ..values import OperatorCall, ProgramTensor
from .folded_windows import is_folded, with_images_as_channels
from .registry import rule, several, shaped, windowed


def _axes(call: OperatorCall) -> int:
    """Returns the number of window axes, which is part of the operation's name: ``max_pool2d``."""
    return int(next(c for c in reversed(call.base) if c.isdigit()))


def _with_stride(arguments: dict[str, Any], stride: Any, axes: int) -> dict[str, Any]:
    if stride and several(stride, axes) != arguments["size"]:
        arguments["stride"] = several(stride, axes)
    return arguments


def _pooled(
    reader: ProgramReader, operation: str, call: OperatorCall, x: ProgramTensor, arguments: dict[str, Any]
) -> ProgramTensor:
    axes = _axes(call)
    x = reader.placed(x)
    if is_folded(x, axes):
        wide, wider = with_images_as_channels(reader, x, call)
        return reshape(reader, shaped(reader, f"{operation}{axes}d", wider, wide, arguments), call.shape)
    return shaped(reader, f"{operation}{axes}d", call, windowed(reader, x, axes), arguments)


@rule("max_pool1d", "max_pool2d", "max_pool3d")
def max_pool(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    kernel_size: Any,
    stride: Any = (),
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> ProgramTensor:
    """The maximum of windows."""
    axes = _axes(call)
    arguments: dict[str, Any] = {
        "size": several(kernel_size, axes),
        "padding": several(padding, axes),
        "dilation": several(dilation, axes),
        "ceil_mode": ceil_mode,
    }
    return _pooled(reader, "max_pool", call, x, _with_stride(arguments, stride, axes))


@rule("max_pool1d_with_indices", "max_pool2d_with_indices", "max_pool3d_with_indices")
def max_pool_with_indices(
    reader: ProgramReader, call: OperatorCall, **arguments: Any
) -> tuple[ProgramTensor | None, ...]:
    """Max pooling with unused positions."""
    if 1 in call.read_outputs:
        raise unsupported("returning the positions of the maxima has no equivalent")
    return (max_pool(reader, call, **arguments), None)


@rule("avg_pool1d", "avg_pool2d", "avg_pool3d")
def avg_pool(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    kernel_size: Any,
    stride: Any = (),
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> ProgramTensor:
    """The mean of windows."""
    axes = _axes(call)
    if divisor_override is not None:
        raise unsupported("divisor_override has no equivalent")
    arguments: dict[str, Any] = {
        "size": several(kernel_size, axes),
        "padding": several(padding, axes),
        "ceil_mode": ceil_mode,
        "count_include_pad": count_include_pad,
    }
    return _pooled(reader, "avg_pool", call, x, _with_stride(arguments, stride, axes))


@rule("adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "_adaptive_avg_pool2d")
def adaptive_avg_pool(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, output_size: Any) -> ProgramTensor:
    """The mean of windows that divide the input evenly."""
    axes = _axes(call)
    return shaped(
        reader, f"adaptive_avg_pool{axes}d", call, windowed(reader, x, axes), {"size": several(output_size, axes)}
    )


@rule("adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d")
def adaptive_max_pool(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, output_size: Any
) -> tuple[ProgramTensor | None, ...]:
    """The maximum of windows that divide the input evenly."""
    if 1 in call.read_outputs:
        raise unsupported("returning the positions of the maxima has no equivalent")
    axes = _axes(call)
    x = windowed(reader, x, axes)
    return (shaped(reader, f"adaptive_max_pool{axes}d", call, x, {"size": several(output_size, axes)}), None)
