"""Reductions and other functions along axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..simulated.nodes import fresh, make, record, ungraded
from ..simulated.run import current
from ..simulated.tensors import Backward, Tensor
from ..simulated.types import is_floating
from . import elementwise
from .arguments import reduced_axes, reduced_shape
from .views import expand, unsqueeze


def _expanded_back(x: Tensor, axes: set[int], keepdim: bool, scaled: bool) -> Backward:
    """Expands the gradient to the input's shape; for a mean, it is divided, which allocates a full tensor."""
    old = x.shape

    def backward(g: Tensor) -> list[Tensor]:
        if not keepdim:
            for d in sorted(axes):
                g = unsqueeze(g, d)
        g = expand(g, *old)
        return [elementwise.by_nothing(g, "Div") if scaled else g]

    return backward


def total(x: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """``Tensor.sum``."""
    axes = reduced_axes(x, dim)
    dtype = x.dtype if is_floating(x.dtype) else "int64"
    if current().autocast and is_floating(dtype):
        dtype = "float32"
    shape = reduced_shape(x, axes, keepdim)
    return make(shape, dtype, [x], _expanded_back(x, axes, keepdim, False), "Sum")


def mean(x: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """``Tensor.mean``."""
    axes = reduced_axes(x, dim)
    shape = reduced_shape(x, axes, keepdim)
    return make(shape, x.dtype, [x], _expanded_back(x, axes, keepdim, True), "Mean")


def extreme(x: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """``Tensor.amax``, ``Tensor.amin``."""
    out = Tensor(reduced_shape(x, reduced_axes(x, dim), keepdim), x.dtype)
    return record(out, [x], [x, out], fresh(x), "Amax")


def product(x: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """``Tensor.prod``."""
    x = elementwise.to_float32(x)
    dtype = x.dtype if is_floating(x.dtype) else "int64"
    out = Tensor(reduced_shape(x, reduced_axes(x, dim), keepdim), dtype)
    return record(out, [x], [x, out], fresh(x), "Prod")


def variance(x: Tensor, dim: Any = None, correction: int = 1, keepdim: bool = False, **_: Any) -> Tensor:
    """``Tensor.var``."""
    return make(reduced_shape(x, reduced_axes(x, dim), keepdim), x.dtype, [x], fresh(x), "Var", saved=[x])


def cumulative(x: Tensor, dim: int) -> Tensor:
    """``Tensor.cumsum``."""
    x = elementwise.to_float32(x)
    dtype = x.dtype if is_floating(x.dtype) else "int64"
    return make(x.shape, dtype, [x], fresh(x), "Cumsum")


def cumulative_product(x: Tensor, dim: int) -> Tensor:
    """``Tensor.cumprod``."""
    x = elementwise.to_float32(x)
    out = Tensor(x.shape, x.dtype)
    return record(out, [x], [x, out], fresh(x), "Cumprod")


def position_of_extreme(x: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """``Tensor.argmax``, ``Tensor.argmin``."""
    return ungraded(Tensor(reduced_shape(x, reduced_axes(x, dim), keepdim), "int64"), [x], "Argmax")


def extreme_of_all(x: Tensor) -> Tensor:
    """``Tensor.max()``, ``Tensor.min()``."""
    out = Tensor((), x.dtype)
    return record(out, [x], [x, out], fresh(x), "Max")


def top(x: Tensor, k: int, dim: int = -1, **_: Any) -> tuple[Tensor, Tensor]:
    """``Tensor.topk``, which saves the positions."""
    shape = list(x.shape)
    shape[dim] = k
    index = Tensor(shape, "int64")
    return make(shape, x.dtype, [x], fresh(x), "Topk", saved=[index]), index


def sort(x: Tensor, dim: int = -1, descending: bool = False, **_: Any) -> tuple[Tensor, Tensor]:
    """``Tensor.sort``."""
    return top(x, x.shape[dim], dim)


def vector_norm(x: Tensor, ord: float = 2, dim: Any = None, keepdim: bool = False) -> Tensor:
    """``torch.linalg.vector_norm``."""
    x = elementwise.to_float32(x)
    out = Tensor(reduced_shape(x, reduced_axes(x, dim), keepdim), x.dtype)
    return record(out, [x], [x, out], fresh(x), "VectorNorm")


def norm_except_axis(x: Tensor, pow: int = 2, dim: int = 0) -> Tensor:
    """``torch.norm_except_dim``."""
    out = Tensor((n if d == x.axis(dim) else 1 for d, n in enumerate(x.shape)), x.dtype)
    return ungraded(out, [x], "Norm")


def normalize(x: Tensor, p: float = 2.0, dim: int | Sequence[int] = 1, eps: float = 1e-12) -> Tensor:
    """``F.normalize``, which is a composite of other functions."""
    norm = vector_norm(x, p, dim, True)
    return elementwise.divide(x, expand(elementwise.by_input(norm, "ClampMin"), *x.shape))


METHODS: dict[str, Callable[..., Any]] = {
    "sum": total, "mean": mean, "amax": extreme, "amin": extreme, "prod": product, "var": variance,
    "cumsum": cumulative, "cumprod": cumulative_product, "argmax": position_of_extreme, "argmin": position_of_extreme,
    "topk": top, "sort": sort, "max": extreme_of_all, "min": extreme_of_all,
}  # fmt: skip
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "F.normalize": normalize, "torch.linalg.vector_norm": vector_norm,
    "torch.norm_except_dim": norm_except_axis, "torch.sum": total, "torch.mean": mean,
    "torch.cumsum": cumulative, "torch.cumprod": cumulative_product,
}  # fmt: skip
