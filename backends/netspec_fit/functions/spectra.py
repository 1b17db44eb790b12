"""Fourier transforms, and complex numbers as pairs of real numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..simulated.nodes import fresh, make
from ..simulated.tensors import Tensor

COMPLEX = "complex64"


def real_to_complex(x: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """``torch.fft.rfft``: half of the spectrum; saves only sizes."""
    shape = list(x.shape)
    shape[dim] = (n or shape[dim]) // 2 + 1
    return make(shape, COMPLEX, [x], fresh(x), "FftR2C")


def complex_to_real(x: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """``torch.fft.irfft``; saves only sizes."""
    shape = list(x.shape)
    shape[dim] = n or 2 * (shape[dim] - 1)
    return make(shape, "float32", [x], fresh(x), "FftC2R")


def view_as_real(x: Tensor) -> Tensor:
    """``torch.view_as_real``: a view with a last axis of two."""
    stride = [2 * step for step in x.stride]
    return make(
        (*x.shape, 2), "float32", [x], view_back(view_as_complex), "ViewAsReal", stride=(*stride, 1), storage=x.storage
    )


def view_as_complex(x: Tensor) -> Tensor:
    """``torch.view_as_complex``: a view of pairs."""
    stride = [step // 2 for step in x.stride[:-1]]
    return make(x.shape[:-1], COMPLEX, [x], view_back(view_as_real), "ViewAsComplex", stride=stride, storage=x.storage)


def view_back(other: Callable[[Tensor], Tensor]) -> Callable[[Tensor], list[Tensor]]:
    """Returns the backward pass of a view: the inverse view."""
    return lambda g: [other(g)]


METHODS: dict[str, Callable[..., Any]] = {}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "torch.fft.rfft": real_to_complex, "torch.fft.irfft": complex_to_real, "torch.view_as_real": view_as_real,
    "torch.view_as_complex": view_as_complex,
}  # fmt: skip
