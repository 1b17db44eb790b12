"""Normalisation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..simulated.nodes import fresh, make, record
from ..simulated.run import current
from ..simulated.tensors import Tensor, elementwise_stride
from ..simulated.types import channels_last_stride
from . import elementwise, reductions
from .arguments import spread
from .products import lower_precision
from .views import contiguous, repeat, view


def batch_norm(
    x: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """``F.batch_norm``: saves the input, weight, running statistics and two vectors, which are empty in inference."""
    length = x.shape[1] if training else 0
    dtype = "float32" if x.dtype in ("bfloat16", "float16") else x.dtype
    statistics = [Tensor((length,), dtype) for _ in range(2)]
    strides = channels_last_stride(x.shape) if x.is_channels_last else None
    saved = [x, weight, running_mean, running_var, *statistics]
    return make(x.shape, x.dtype, [x, weight, bias], fresh(x, weight, bias), "BatchNorm", saved=saved, stride=strides)


def layer_norm(
    x: Tensor,
    normalized_shape: int | Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """``F.layer_norm``, which autocast runs in single precision."""
    x = elementwise.to_float32(x)
    weight, bias = (None if t is None else elementwise.to_float32(t) for t in (weight, bias))
    lead = _lead(x, normalized_shape)
    out = Tensor(x.shape, x.dtype)
    wide = "float32" if x.dtype in ("bfloat16", "float16") and current().device == "cuda" else x.dtype
    statistics = [Tensor(lead, wide), Tensor(lead, wide)]
    return record(out, [x, weight, bias], [x, weight, bias, *statistics], fresh(x, weight, bias), "LayerNorm")


def _lead(x: Tensor, normalized_shape: int | Sequence[int]) -> tuple[int, ...]:
    """Returns the shape of the statistics: one for each position of the axes before the normalised ones."""
    axes = len(spread(normalized_shape, 1))
    return x.shape[: x.ndim - axes] + (1,) * axes


def rms_norm(
    x: Tensor, normalized_shape: int | Sequence[int], weight: Tensor | None = None, eps: float | None = None
) -> Tensor:
    """``F.rms_norm``, which autocast runs in single precision: a single function on CUDA, a composite on the CPU."""
    x = elementwise.to_float32(x)
    weight = None if weight is None else elementwise.to_float32(weight)
    if current().fused_rms_norm and current().device == "cuda":
        wide = "float32" if x.dtype in ("bfloat16", "float16") else x.dtype
        out = Tensor(x.shape, x.dtype)
        statistics = Tensor(_lead(x, normalized_shape), wide)
        return record(out, [x, weight], [x, weight, statistics], fresh(x, weight), "RmsNorm")
    dtype = x.dtype
    x = elementwise.to(x, "float32") if x.dtype in ("bfloat16", "float16") else x
    axes = len(spread(normalized_shape, 1))
    mean = reductions.mean(elementwise.power(x, 2), tuple(range(-axes, 0)), True)
    inverse = elementwise.by_output(elementwise.add(mean, 1e-6), "Rsqrt")
    out = elementwise.multiply(x, inverse)
    return elementwise.to(out if weight is None else elementwise.multiply(out, weight), dtype)


def group_norm(
    x: Tensor, num_groups: int, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-5
) -> Tensor:
    """``F.group_norm``, which autocast runs in single precision."""
    x = elementwise.to_float32(x)
    strides = channels_last_stride(x.shape) if x.is_channels_last and current().device == "cpu" else None
    if strides is None:
        x = contiguous(x)
    dtype = x.dtype
    statistics = [Tensor((x.shape[0], num_groups), dtype) for _ in range(2)]
    saved = [x, weight, *statistics]
    return make(x.shape, dtype, [x, weight, bias], fresh(x, weight, bias), "GroupNorm", saved=saved, stride=strides)


def instance_norm(
    x: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    **_: Any,
) -> Tensor:
    """``F.instance_norm``: a batch norm over the channels of every example, with repeated weights."""
    n, c = x.shape[:2]
    gain, offset = (None if t is None else repeat(t, n) for t in (weight, bias))
    out = batch_norm(view(contiguous(x), 1, n * c, *x.shape[2:]), None, None, gain, offset, training=True)
    return view(out, x.shape)


def prelu(x: Tensor, weight: Tensor) -> Tensor:
    """``F.prelu``."""
    x, weight = lower_precision(x, weight)
    return make(
        x.shape, x.dtype, [x, weight], fresh(x, weight), "Prelu", saved=[x, weight], stride=elementwise_stride(x)
    )


METHODS: dict[str, Callable[..., Any]] = {}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "F.batch_norm": batch_norm, "F.layer_norm": layer_norm, "F.rms_norm": rms_norm, "F.group_norm": group_norm,
    "F.instance_norm": instance_norm, "F.prelu": prelu,
}  # fmt: skip
