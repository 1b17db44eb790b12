"""Normalises arguments of PyTorch functions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..simulated.tensors import Tensor
from ..simulated.types import Shape


def spread(value: int | Sequence[int], axes: int) -> Shape:
    """Returns one number per axis; a single number applies to all axes."""
    if isinstance(value, int):
        return (value,) * axes
    values = tuple(value)
    return values * axes if len(values) == 1 else values


def unpacked(values: Sequence[Any]) -> tuple[Any, ...]:
    """Returns arguments that may be passed individually or as one sequence: ``view(2, 3)``, ``view((2, 3))``."""
    first: Any = values[0] if len(values) == 1 else None
    return tuple(first if isinstance(first, (tuple, list)) else values)  # pyright: ignore[reportUnknownArgumentType] - of any type


def sizes_of(x: Tensor, values: Sequence[Any]) -> Shape:
    """Returns the shape of a view, with -1 replaced by the remaining size."""
    shape: Shape = unpacked(values)
    if -1 in shape:
        rest = math.prod(n for n in shape if n != -1)
        shape = tuple(x.numel // max(rest, 1) if n == -1 else n for n in shape)
    return shape


def reduced_axes(x: Tensor, dim: int | Sequence[int] | None) -> set[int]:
    """Returns the axes of a reduction; None and an empty tuple mean all axes."""
    if dim is None or dim == ():
        return set(range(x.ndim))
    return {x.axis(d) for d in ((dim,) if isinstance(dim, int) else dim)}


def reduced_shape(x: Tensor, axes: set[int], keepdim: bool) -> Shape:
    """Returns the shape of the result of a reduction."""
    return tuple(1 if d in axes else n for d, n in enumerate(x.shape) if keepdim or d not in axes)
