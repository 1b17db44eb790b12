"""New tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..simulated.tensors import Tensor, elementwise_stride
from ..simulated.types import broadcast_shape
from .arguments import unpacked


def shaped(*shape: Any, dtype: str = "float32", **_: Any) -> Tensor:
    """``torch.empty``, ``torch.zeros``, ``torch.ones``."""
    return Tensor(unpacked(shape), dtype)


def full(size: Any, fill_value: Any, dtype: str | None = None, **_: Any) -> Tensor:
    """``torch.full``."""
    return Tensor(size, dtype or type_of(fill_value))


def type_of(value: Any) -> str:
    """Returns the type that ``torch.tensor`` gives to a value."""
    if isinstance(value, Sequence) and not isinstance(value, str) and value:
        return type_of(value[0])  # pyright: ignore[reportUnknownArgumentType] - of numbers, in lists of any depth
    return "bool" if isinstance(value, bool) else "int64" if isinstance(value, int) else "float32"


def shape_of(value: Any) -> tuple[int, ...]:
    """Returns the shape of nested lists."""
    if not isinstance(value, Sequence):
        return ()
    return (len(value), *(shape_of(value[0]) if value else ()))  # pyright: ignore[reportUnknownArgumentType] - of any type


def tensor(data: Any, dtype: str | None = None, **_: Any) -> Tensor:
    """``torch.tensor``."""
    return Tensor(shape_of(data), dtype or type_of(data))


def arange(start: Any, end: Any = None, step: Any = 1, dtype: str | None = None, **_: Any) -> Tensor:
    """``torch.arange``."""
    if end is None:
        start, end = 0, start
    return Tensor((max(0, int(-(-(end - start) // step))),), dtype or type_of(start + end))


def linspace(start: Any, end: Any, steps: int, dtype: str | None = None, **_: Any) -> Tensor:
    """``torch.linspace``."""
    return Tensor((steps,), dtype or "float32")


def like(x: Tensor, *_: Any, dtype: str | None = None, **__: Any) -> Tensor:
    """``torch.zeros_like`` and similar functions."""
    return Tensor(x.shape, dtype or x.dtype, elementwise_stride(x))


def new(x: Tensor, *size: Any, dtype: str | None = None, **_: Any) -> Tensor:
    """``Tensor.new_zeros``, ``Tensor.new_ones``."""
    return Tensor(unpacked(size), dtype or x.dtype)


def new_full(x: Tensor, size: Any, fill_value: Any, dtype: str | None = None, **_: Any) -> Tensor:
    """``Tensor.new_full``."""
    return Tensor(size, dtype or x.dtype)


def new_tensor(x: Tensor, data: Any, dtype: str | None = None, **_: Any) -> Tensor:
    """``Tensor.new_tensor``."""
    return Tensor(shape_of(data), dtype or x.dtype)


def broadcast_shapes(*shapes: Any) -> tuple[int, ...]:
    """``torch.broadcast_shapes``."""
    return broadcast_shape(*(tuple(s) for s in shapes))


METHODS: dict[str, Callable[..., Any]] = {
    "new_zeros": new, "new_ones": new, "new_empty": new, "new_full": new_full, "new_tensor": new_tensor,
}  # fmt: skip
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "torch.empty": shaped, "torch.zeros": shaped, "torch.ones": shaped, "torch.rand": shaped, "torch.randn": shaped,
    "torch.full": full, "torch.tensor": tensor, "torch.arange": arange, "torch.linspace": linspace,
    "torch.broadcast_shapes": broadcast_shapes,
    **{f"torch.{name}_like": like for name in ("zeros", "ones", "empty", "rand", "randn", "full")},
}  # fmt: skip
