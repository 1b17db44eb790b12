"""Rules for transforms of signals and for sampling."""

from __future__ import annotations

from netspec.ops.signal import GridSample, Irfft, Rfft, RoiAlign

from .lowered import Default, Lowered, Site, batchless, expression, lower

batchless(Rfft, Irfft)


@lower.rule(Rfft)
def rfft(op: Rfft, site: Site) -> Lowered:
    """``torch.fft.rfft``, as real numbers."""
    return expression("torch.view_as_real(torch.fft.rfft({0}, dim={dim}))", dim=site.axis(op.axis))


@lower.rule(Irfft)
def irfft(op: Irfft, site: Site) -> Lowered:
    """``torch.fft.irfft`` of complex numbers."""
    text = "torch.fft.irfft(torch.view_as_complex({0}.contiguous()), n={size}, dim={dim})"
    return expression(text, size=op.length(site.x), dim=site.axis(op.axis))


@lower.rule(GridSample)
def grid_sample(op: GridSample, site: Site) -> Lowered:
    """``F.grid_sample``."""
    options = {"mode": Default(op.mode, "bilinear"), "padding_mode": Default(op.padding_mode, "zeros")}
    holes = {name: value for name, (value, default) in options.items() if value != default}
    rest = "".join(f", {name}={{{name}}}" for name in holes)
    call = f"F.grid_sample({site.whole(0)}, {site.whole(1)}{rest}, align_corners={{align_corners}})"
    return expression(call, **holes, align_corners=op.align_corners)


@lower.rule(RoiAlign)
def roi_align(op: RoiAlign, site: Site) -> Lowered:
    """A function of the library: torchvision is not needed."""
    call = f"roi_align({site.whole(0)}, {site.whole(1)}, {{size}}, {{scale}}, {{samples}}, {{aligned}})"
    holes = {"size": op.size, "scale": op.spatial_scale, "samples": op.sampling_ratio, "aligned": op.aligned}
    return expression(call, **holes)
