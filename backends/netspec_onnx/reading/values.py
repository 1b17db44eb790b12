"""Values of the source while it is read: shape, element type, numbers if they are known, and where the batch is."""

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

    In a file for any number of examples, a value without ``batch`` is the same for all of them, and so is one that is
    ``shared``, whose batch axis has size 1. In a file for a single example the batch axis is one of size 1, if there is
    any: a value without it may differ between examples, too.
    """

    shape: Shape
    dtype: str
    """netspec's name of the element type; floating-point numbers of all types are ``float32``."""
    number: int | None = None
    """Of the value in the draft; None as long as it is only known, or an initialiser that no layer reads yet."""
    batch: BatchAxis | None = None
    shared: bool = False
    known: Array | None = None
    """Its numbers, with one in place of all along an axis where they are equal; integers may be sizes (``Dim``)."""
    learned: str = ""
    """The initialiser that it is, transposed or reshaped perhaps; empty for other constants."""
    failed: bool = False
    """Whether it comes from an operator that cannot be imported."""

    @property
    def rank(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def is_known(self) -> bool:
        """Whether all its numbers are known, and no layer has it."""
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
        """The shape for one example."""
        return without_batch(self.shape, self.batch)

    def scalar(self) -> float | int | None:
        """The one number of a constant, whatever its rank; None if it has several, or is not a constant."""
        if not self.is_known or self.known is None or self.known.size != 1:
            return None
        if not all(is_same(n, 1) for n in self.shape):
            return None
        number: Any = self.known.reshape(-1)[0]
        return None if is_named(number) else number.item() if hasattr(number, "item") else number


def full_shape(item: Sequence[Size], batch: BatchAxis | None, size: Size) -> Shape:
    """The shape with the batch axis, for one without it."""
    if batch is None:
        return tuple(item)
    k = batch.axis
    if batch.alone:
        return (*item[:k], size, *item[k:])
    return (*item[:k], item[k] * size, *item[k + 1 :])


def broadcast_shapes(shapes: Iterable[Shape]) -> Shape:
    """The common shape, as in NumPy; sizes that depend on names are compared at the defaults where that decides.

    Raises:
        CannotImportError: NS846, there is none.
    """
    out: list[Size] = []
    for other in shapes:
        shape = (1,) * (len(out) - len(other)) + tuple(other)
        out = [1] * (len(shape) - len(out)) + out
        message = f"shapes {shapes_text([out, shape])} cannot be broadcast"
        out = [broadcast(a, b, partial(refused, "malformed", message)) for a, b in zip(out, shape, strict=True)]
    return tuple(out)


def resolved(target: Sequence[Size], total: Size) -> Shape:
    """A shape with -1 for at most one size, which follows from the number of elements. Raises CannotImportError."""
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
