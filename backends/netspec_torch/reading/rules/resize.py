"""Padding, cropping and resizing."""

from __future__ import annotations

from typing import Any

from netspec.shapes.sizes import is_named

from ..reader import ProgramReader
from ..values import OperatorCall, ProgramTensor
from .registry import rule, several, shaped, windowed


@rule(
    "upsample_nearest1d", "upsample_nearest2d", "upsample_nearest3d", "upsample_linear1d", "upsample_bilinear2d",
    "upsample_trilinear3d", "upsample_bicubic2d", "_upsample_bilinear2d_aa", "_upsample_bicubic2d_aa",
)  # fmt: skip
def upsample(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, **options: Any) -> ProgramTensor:
    """Interpolates to a size, or by factors."""
    name = call.base.removeprefix("_").removesuffix("_aa")
    axes = int(name[-2])
    arguments: dict[str, Any] = {"mode": name.removeprefix("upsample_")[:-2]}
    if call.base.endswith("_aa"):
        arguments["antialias"] = True
    scales = options.get("scale_factors")
    if scales is None and all(options.get(key) is not None for key in ("scales_h", "scales_w")):
        scales = [options["scales_h"], options["scales_w"]]
    size = options.get("output_size")
    if size is not None:
        arguments["size"] = list(size)
    else:
        factors = [int(s) if float(s).is_integer() else s for s in several(scales, axes)]
        arguments["scale"] = factors[0] if len(set(factors)) == 1 else factors
    if options.get("align_corners"):
        arguments["align_corners"] = True
    return shaped(reader, "upsample", call, windowed(reader, x, axes), arguments)


@rule("pad", "constant_pad_nd", "reflection_pad1d", "reflection_pad2d", "replication_pad1d", "replication_pad2d")
def pad(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    pad: Any = (),
    padding: Any = (),
    mode: str = "constant",
    value: Any = None,
) -> ProgramTensor:
    """Pads, and crops where amounts are negative."""
    x = reader.placed(x)
    amounts: list[Any] = list(pad or padding)
    mode = {"reflection": "reflect", "replication": "replicate"}.get(call.base.split("_")[0], mode)
    pairs = [(amounts[i], amounts[i + 1]) for i in range(0, len(amounts), 2)]
    by_axis = sorted(
        (reader.axis(x, x.rank - 1 - i), pair)
        for i, pair in enumerate(pairs)
        if is_named(pair[0] + pair[1]) or any(pair)
    )
    if not by_axis:
        return x
    if mode == "constant" and all(n <= 0 for _, pair in by_axis for n in pair):
        amount = [[-before, -after] for _, (before, after) in by_axis]
        return shaped(reader, "crop", call, x, {"amount": amount, "axis": [axis for axis, _ in by_axis]})
    arguments: dict[str, Any] = {
        "amount": [list(pair) for _, pair in by_axis],
        "axis": [axis for axis, _ in by_axis],
    }
    if mode != "constant":
        arguments["mode"] = mode
    elif value:
        arguments["value"] = float(value)
    return shaped(reader, "pad", call, x, arguments)


@rule("pixel_shuffle")
def pixel_shuffle(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, upscale_factor: int) -> ProgramTensor:
    """Moves channels to pixels."""
    return shaped(reader, "pixel_shuffle", call, windowed(reader, x, 2), {"factor": upscale_factor})


@rule("pixel_unshuffle")
def pixel_unshuffle(
    reader: ProgramReader, call: OperatorCall, x: ProgramTensor, downscale_factor: int
) -> ProgramTensor:
    """Moves pixels to channels."""
    return shaped(reader, "pixel_unshuffle", call, windowed(reader, x, 2), {"factor": downscale_factor})


@rule("channel_shuffle", "native_channel_shuffle")
def channel_shuffle(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, groups: int) -> ProgramTensor:
    """Interleaves groups of channels."""
    return shaped(reader, "channel_shuffle", call, windowed(reader, x, 2), {"groups": groups, "axis": 0})


@rule("im2col")
def im2col(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    kernel_size: Any,
    dilation: Any,
    padding: Any,
    stride: Any,
) -> ProgramTensor:
    """Extracts windows as channels."""
    arguments = {
        "kernel": list(kernel_size),
        "stride": list(stride),
        "padding": list(padding),
        "dilation": list(dilation),
    }
    return shaped(reader, "unfold2d", call, windowed(reader, x, 2), arguments)


@rule("col2im")
def col2im(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    output_size: Any,
    kernel_size: Any,
    dilation: Any,
    padding: Any,
    stride: Any,
) -> ProgramTensor:
    """Adds up overlapping windows."""
    arguments = {
        "size": list(output_size),
        "kernel": list(kernel_size),
        "stride": list(stride),
        "padding": list(padding),
        "dilation": list(dilation),
    }
    return shaped(reader, "fold2d", call, windowed(reader, x, 1), arguments)
