"""Values of the source during import: shape, element type, known numbers, and the position of the batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from netspec.importing.batch import BatchAxis, quotient, without_batch
from netspec.shapes.sizes import Size, broadcast, is_named, is_same, product
from netspec.weights.numpy_types import Array

from .errors import refused, shape_text, shapes_text

Shape = tuple[Size, ...]


@dataclass(frozen=True, slots=True)
class SourceTensor:
    """A tensor of the source.

    If the number of examples is dynamic, a value without ``batch`` is equal for all of them, and so is a ``shared``
    one, whose batch axis has size 1. In a file for a single example, any batch axis has size 1, and a value without it
    may nevertheless differ between examples.
    """

    shape: Shape
    dtype: str
    """netspec's name of the element type; all floating-point types are ``float32``."""
    number: int | None = None
    """Number of the value in the draft; None for a constant or initialiser that is not a layer yet."""
    batch: BatchAxis | None = None
    shared: bool = False
    known: Array | None = None
    """Its numbers; an axis along which all are equal may have size 1. Integers may be sizes (``Dim``)."""
    learned: str = ""
    """The initialiser from which it is derived, possibly transposed or reshaped; empty for other constants."""
    failed: bool = False
    """Whether it depends on an operator that cannot be imported."""

    @property
    def rank(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def is_known(self) -> bool:
        """Whether all its numbers are known and it is not the output of a layer."""
        return self.known is not None and self.number is None

    @property
    def is_constant(self) -> bool:
        """Whether it is known and not learned."""
        return self.is_known and not self.learned

    @property
    def is_batched(self) -> bool:
        """Whether it has an axis along which examples differ."""
        return self.batch is not None and not self.shared

    @property
    def item_shape(self) -> Shape:
        """The shape without the batch axis."""
        return without_batch(self.shape, self.batch)

    def scalar(self) -> float | int | None:
        """Returns the number of a constant with one element, whatever its rank; else None."""
        if not self.is_known or self.known is None or self.known.size != 1:
            return None
        if not all(is_same(n, 1) for n in self.shape):
            return None
        number: Any = self.known.reshape(-1)[0]
        return None if is_named(number) else number.item() if hasattr(number, "item") else number


def full_shape(item: Sequence[Size], batch: BatchAxis | None, size: Size) -> Shape:
    """Returns a shape with the batch axis inserted."""
    if batch is None:
        return tuple(item)
    k = batch.axis
    if batch.alone:
        return (*item[:k], size, *item[k:])
    return (*item[:k], item[k] * size, *item[k + 1 :])


def broadcast_shapes(shapes: Iterable[Shape]) -> Shape:
    """Returns the broadcast shape, as in NumPy; symbolic sizes are compared at their defaults if necessary.

    Raises:
        CannotImportError: NS846, the shapes are incompatible.
    """
    out: list[Size] = []
    for other in shapes:
        shape = (1,) * (len(out) - len(other)) + tuple(other)
        out = [1] * (len(shape) - len(out)) + out
        message = f"shapes {shapes_text([out, shape])} cannot be broadcast"
        out = [broadcast(a, b, partial(refused, "malformed", message)) for a, b in zip(out, shape, strict=True)]
    return tuple(out)


def resolved(target: Sequence[Size], total: Size) -> Shape:
    """Replaces a size of -1 by the one inferred from the number of elements. Raises CannotImportError."""
    shape = list(target)
    open_axes = [k for k, n in enumerate(shape) if not is_named(n) and n == -1]
    if len(open_axes) > 1 or any(not is_named(n) and n < -1 for n in shape):
        raise refused("malformed", f"{shape_text(shape)} is not a shape: at most one size may be -1")
    if open_axes:
        rest = quotient(total, product(n for k, n in enumerate(shape) if k != open_axes[0]))
        if rest is None:
            raise refused("malformed", f"{total} elements do not fit the shape {shape_text(shape)}")
        shape[open_axes[0]] = rest
    return tuple(shape)
