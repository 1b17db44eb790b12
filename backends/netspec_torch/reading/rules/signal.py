"""Signals and sampling."""

from __future__ import annotations

from typing import Any

from netspec.importing.batch import BatchAxis

from ..reader import ProgramReader, along_batch, unsupported
from ..values import OperatorCall, ProgramTensor
from .registry import rule


@rule("grid_sampler", "grid_sampler_2d")
def grid_sample(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    grid: ProgramTensor,
    interpolation_mode: int,
    padding_mode: int,
    align_corners: bool,
) -> ProgramTensor:
    """Samples an image at positions given by another tensor."""
    x, grid = reader.placed(x), reader.placed(grid)
    if not (reader.has_batch_first(x) and reader.has_batch_first(grid)) or x.rank != 4:
        raise along_batch("the first axis of an input is not the batch")
    arguments = {
        "mode": ("bilinear", "nearest", "bicubic")[interpolation_mode],
        "padding_mode": ("zeros", "border", "reflection")[padding_mode],
        "align_corners": align_corners,
    }
    return reader.result("grid_sample", [x, grid], ProgramTensor(call.shape, call.dtype, batch=BatchAxis(0)), arguments)


@rule("fft_fft2", "fft_fft", "fft_fftn", "fft_rfft2", "fft_rfftn", "fft_irfft2", "fft_ifft2", "fft_ifft")
def complex_transform(reader: ProgramReader, call: OperatorCall, **_: Any) -> ProgramTensor:
    """Complex transforms; not supported, because the language only has transforms of real signals along one axis."""
    raise unsupported("netspec has no complex numbers, only `rfft` and `irfft` of one axis")
