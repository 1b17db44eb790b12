"""Types of elements, shapes and strides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

Shape: TypeAlias = tuple[int, ...]
SIZE = {
    "bool": 1, "uint8": 1, "int8": 1, "int16": 2, "int32": 4, "int64": 8,
    "bfloat16": 2, "float16": 2, "float32": 4, "float64": 8,
    "complex64": 8,
}  # fmt: skip
"""Size of an element in bytes."""
RANK = {name: rank for rank, name in enumerate(SIZE)}
"""Order of types; arithmetic results have the greater type."""
HALVES = ("bfloat16", "float16")


def contiguous_stride(shape: Sequence[int]) -> Shape:
    """Strides of a contiguous tensor."""
    out: list[int] = []
    step = 1
    for size in reversed(shape):
        out.append(step)
        step *= max(size, 1)
    return tuple(reversed(out))


def channels_last_stride(shape: Sequence[int]) -> Shape:
    """Returns the strides of an image in channels-last format."""
    inner = contiguous_stride((shape[0], *shape[2:], shape[1]))
    return (inner[0], inner[-1], *inner[1:-1])


def is_floating(dtype: str) -> bool:
    """Whether a type supports gradients."""
    return "float" in dtype or "complex" in dtype


def broadcast_shape(*shapes: Sequence[int]) -> Shape:
    """Returns the shape of an elementwise function's result."""
    axes = max(map(len, shapes), default=0)
    out = [1] * axes
    for shape in shapes:
        for d, size in enumerate(shape, axes - len(shape)):
            if size != 1:
                out[d] = size
    return tuple(out)
