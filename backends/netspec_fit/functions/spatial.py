"""Convolutions, pooling, padding and resizing."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ..simulated.errors import MissingRuleError
from ..simulated.nodes import Product, fresh, make
from ..simulated.tensors import Tensor
from ..simulated.types import Shape, channels_last_stride
from . import elementwise, reductions
from .arguments import spread
from .products import lower_precision
from .views import permute, reshape, squeeze, unsqueeze, view


def convolution(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
    *,
    transposed: bool = False,
    output_padding: Any = 0,
) -> Tensor:
    """``F.conv1d`` and similar functions, which save input and weight even if one of them needs no gradient."""
    x, weight, bias = lower_precision(x, weight, bias)
    axes = weight.ndim - 2
    s, p, d, o = (spread(v, axes) for v in (stride, padding, dilation, output_padding))
    kernel, size = weight.shape[2:], x.shape[2:]
    if transposed:
        out = [(size[i] - 1) * s[i] - 2 * p[i] + d[i] * (kernel[i] - 1) + 1 + o[i] for i in range(axes)]
        channels = weight.shape[1] * groups
    else:
        out = [(size[i] + 2 * p[i] - d[i] * (kernel[i] - 1) - 1) // s[i] + 1 for i in range(axes)]
        channels = weight.shape[0]
    shape = (x.shape[0], channels, *out)
    strides = channels_last_stride(shape) if x.is_channels_last or weight.is_channels_last else None
    inputs = [x, weight, bias]
    positions = x.numel if transposed else math.prod(shape)
    operations = 2 * positions * math.prod(weight.shape[1:])
    product = Product(operations, "convolution", [(x, weight), (weight, x)])
    return make(
        shape, x.dtype, inputs, fresh(*inputs), "Convolution", saved=[x, weight], stride=strides, product=product
    )


def transposed_convolution(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Tensor:
    """``F.conv_transpose1d`` and similar functions."""
    return convolution(
        x, weight, bias, stride, padding, dilation, groups, transposed=True, output_padding=output_padding
    )


def pad(x: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Tensor:
    """``F.pad``: constant padding saves nothing; other modes save the input."""
    shape = list(x.shape)
    for axis in range(len(pad) // 2):
        shape[-1 - axis] += pad[2 * axis] + pad[2 * axis + 1]
    if mode == "constant":
        if not any(pad):
            return elementwise.by_nothing(x, "Clone")
        stride = channels_last_stride(shape) if x.is_channels_last else None
        return make(shape, x.dtype, [x], fresh(x), "ConstantPad", stride=stride)
    if mode == "circular":
        return _padded_in_a_circle(x, shape)
    return make(shape, x.dtype, [x], fresh(x), "Pad", saved=[x])


def _padded_in_a_circle(x: Tensor, shape: Sequence[int]) -> Tensor:
    """``F.pad`` in circular mode, which copies parts into an empty tensor and saves nothing."""
    return make(shape, x.dtype, [x], fresh(x), "PadCircular")


def _pooled(x: Tensor, axes: int, size: Any, stride: Any, padding: Any, dilation: Any, ceil: bool) -> Shape:
    out: list[int] = []
    steps = spread(size if stride is None or stride == () else stride, axes)
    for n, k, s, p, d in zip(
        x.shape[-axes:], spread(size, axes), steps, spread(padding, axes), spread(dilation, axes), strict=True
    ):
        span = n + 2 * p - d * (k - 1) - 1
        count = (-(-span // s) if ceil else span // s) + 1
        if ceil and (count - 1) * s >= n + p:
            count -= 1
        out.append(count)
    return (*x.shape[:-axes], *out)


def max_pool(axes: int) -> Callable[..., Any]:
    """``F.max_pool1d`` and similar functions, which save the input and the positions of the maxima."""

    def run(
        x: Tensor,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Any:
        if axes == 1:
            windows = [(1, *spread(v, 1)) for v in (kernel_size, kernel_size if stride is None else stride)]
            pads, spacing = (0, *spread(padding, 1)), (1, *spread(dilation, 1))
            out = max_pool(2)(unsqueeze(x, -2), *windows, pads, spacing, ceil_mode, return_indices)
            return tuple(squeeze(o, -2) for o in out) if return_indices else squeeze(out, -2)
        shape = _pooled(x, axes, kernel_size, stride, padding, dilation, ceil_mode)
        strides = channels_last_stride(shape) if x.is_channels_last else None
        index = Tensor(shape, "int64", strides)
        out = make(shape, x.dtype, [x], fresh(x), "MaxPool", saved=[x, index], stride=strides)
        return (out, index) if return_indices else out

    return run


def avg_pool(axes: int) -> Callable[..., Any]:
    """``F.avg_pool1d`` and similar functions, which save the input although only its shape is used."""

    def run(
        x: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False, *_: Any, **__: Any
    ) -> Tensor:
        if axes == 1:
            windows = [(1, *spread(v, 1)) for v in (kernel_size, kernel_size if stride is None else stride)]
            return squeeze(avg_pool(2)(unsqueeze(x, -2), *windows, (0, *spread(padding, 1)), ceil_mode), -2)
        shape = _pooled(x, axes, kernel_size, stride, padding, 1, ceil_mode)
        strides = channels_last_stride(shape) if x.is_channels_last else None
        return make(shape, x.dtype, [x], fresh(x), "AvgPool", saved=[x], stride=strides)

    return run


def adaptive_pool(kind: str, axes: int) -> Callable[..., Any]:
    """``F.adaptive_avg_pool1d`` and similar functions; a global average is a mean."""

    def run(x: Tensor, output_size: Any) -> Any:
        sizes: Any = spread(output_size, axes)
        size = tuple(x.shape[i - axes] if n is None else n for i, n in enumerate(sizes))
        if axes == 1:
            return squeeze(adaptive_pool(kind, 2)(unsqueeze(x, -2), (1, *size)), -2)
        shape = (*x.shape[:-axes], *size)
        if kind == "avg":
            if set(size) == {1}:
                return reductions.mean(x, tuple(range(-axes, 0)), True)
            return make(shape, x.dtype, [x], fresh(x), "AdaptiveAvgPool", saved=[x])
        index = Tensor(shape, "int64")
        return make(shape, x.dtype, [x], fresh(x), "AdaptiveMaxPool", saved=[x, index])

    return run


def lp_pool(x: Tensor, norm_type: float, kernel_size: Any, stride: Any = None) -> Tensor:
    """``F.lp_pool2d``, which is a composite of other functions."""
    out = avg_pool(len(spread(kernel_size, 2)))(elementwise.power(x, norm_type), kernel_size, stride)
    size = elementwise.by_output(elementwise.by_input(out, "Abs"), "Relu")
    signed = elementwise.multiply(elementwise.by_nothing(out, "Sign"), size)
    return elementwise.power(elementwise.multiply(signed, 4.0), 1 / norm_type)


def upsample(
    x: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    **options: Any,
) -> Tensor:
    """``F.interpolate``, which autocast runs in single precision."""
    if mode == "area" or options.get("antialias"):
        raise MissingRuleError(f'F.interpolate(mode="{mode}")' if mode == "area" else "F.interpolate(antialias=True)")
    x = elementwise.to_float32(x)
    axes = x.ndim - 2
    if size is not None:
        out = spread(size, axes)
    else:
        factors = (scale_factor,) * axes if isinstance(scale_factor, (int, float)) else tuple(scale_factor)
        out = tuple(int(n * f) for n, f in zip(x.shape[2:], factors, strict=True))
    shape = (*x.shape[:2], *out)
    strides = channels_last_stride(shape) if x.is_channels_last else None
    return make(shape, x.dtype, [x], fresh(x), "Upsample", stride=strides)


def grid_sample(x: Tensor, grid: Tensor, **_: Any) -> Tensor:
    """``F.grid_sample``."""
    x, grid = elementwise.to_float32(x), elementwise.to_float32(grid)
    return make((*x.shape[:2], *grid.shape[1:-1]), x.dtype, [x, grid], fresh(x, grid), "GridSampler", saved=[x, grid])


def pixel_shuffle(x: Tensor, upscale_factor: int) -> Tensor:
    """``F.pixel_shuffle``: a rearranged copy."""
    *lead, c, h, w = x.shape
    r = upscale_factor
    parts = reshape(x, *lead, c // r**2, r, r, h, w)
    n = len(lead)
    order = [*range(n), n, n + 3, n + 1, n + 4, n + 2]
    return reshape(permute(parts, order), *lead, c // r**2, h * r, w * r)


def pixel_unshuffle(x: Tensor, downscale_factor: int) -> Tensor:
    """``F.pixel_unshuffle``: a rearranged copy."""
    *lead, c, h, w = x.shape
    r = downscale_factor
    parts = reshape(x, *lead, c, h // r, r, w // r, r)
    n = len(lead)
    order = [*range(n), n, n + 2, n + 4, n + 1, n + 3]
    return reshape(permute(parts, order), *lead, c * r**2, h // r, w // r)


def local_response_norm(x: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Tensor:
    """``F.local_response_norm``, which is a composite of other functions."""
    before, after = size // 2, (size - 1) // 2
    out = elementwise.multiply(x, x)
    if x.ndim == 3:
        out = unsqueeze(out, 1)
        out = pad(out, (0, 0, before, after))
        out = squeeze(avg_pool(2)(out, (size, 1), 1), 1)
    else:
        n, c, h = x.shape[:3]
        out = view(unsqueeze(out, 1), n, 1, c, h, -1)
        out = pad(out, (0, 0, 0, 0, before, after))
        out = view(squeeze(avg_pool(3)(out, (size, 1, 1), 1), 1), x.shape)
    out = elementwise.power(elementwise.add(elementwise.multiply(out, alpha), k), beta)
    return elementwise.divide(x, out)


def unfold(x: Tensor, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Tensor:
    """``F.unfold``: windows as columns; saves only sizes."""
    kernel, windows = spread(kernel_size, 2), _pooled(x, 2, kernel_size, stride, padding, dilation, False)[-2:]
    shape = (x.shape[0], x.shape[1] * math.prod(kernel), math.prod(windows))
    return make(shape, x.dtype, [x], fresh(x), "Im2Col")


def fold(x: Tensor, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Tensor:
    """``F.fold``: sums of overlapping windows; saves only sizes."""
    channels = x.shape[1] // math.prod(spread(kernel_size, 2))
    return make((x.shape[0], channels, *spread(output_size, 2)), x.dtype, [x], fresh(x), "Col2Im")


METHODS: dict[str, Callable[..., Any]] = {}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "F.pad": pad, "F.fold": fold, "F.unfold": unfold, "F.interpolate": upsample,
    "F.grid_sample": grid_sample, "F.pixel_shuffle": pixel_shuffle,
    "F.pixel_unshuffle": pixel_unshuffle, "F.local_response_norm": local_response_norm, "F.lp_pool2d": lp_pool,
    **{f"F.conv{n}d": convolution for n in (1, 2, 3)},
    **{f"F.conv_transpose{n}d": transposed_convolution for n in (1, 2, 3)},
    **{f"F.max_pool{n}d": max_pool(n) for n in (1, 2, 3)},
    **{f"F.avg_pool{n}d": avg_pool(n) for n in (1, 2, 3)},
    **{f"F.adaptive_{kind}_pool{n}d": adaptive_pool(kind, n) for kind in ("avg", "max") for n in (1, 2, 3)},
}  # fmt: skip
