"""The position of the batch in tensors of a source.

A spec has no batch axis. In a source, the batch may be any axis, alone or folded together with windows or heads. It is
tracked through every operation by counting the elements before and after it; sizes are never compared with the number
of examples to find the batch. That number is a prime that divides no other size of the network
(:func:`choose_batch_size`), so that quotients cannot be mistaken for the batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ..shapes.sizes import Size, is_named, is_same, product
from .draft import Shape

PRIMES = (23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113)
"""Candidate numbers of examples. Larger ones would only cost memory, because masks are computed per example."""


@dataclass(frozen=True, slots=True)
class BatchAxis:
    """The axis that contains the batch, with the number of elements before and after the batch within that axis.

    For windows folded into the batch, ``(batch * windows, …)``, ``inner`` is the number of windows.
    """

    axis: int
    outer: Size = 1
    inner: Size = 1

    @property
    def alone(self) -> bool:
        """Whether the axis contains only the batch."""
        return is_same(self.outer, 1) and is_same(self.inner, 1)

    def moved(self, by: int) -> BatchAxis:
        """Returns the position after ``by`` axes have been inserted before it."""
        return replace(self, axis=self.axis + by)


def choose_batch_size(sizes: Iterable[int]) -> int:
    """Returns the smallest prime in :data:`PRIMES` that divides none of the sizes; the last one if all do."""
    known = {size for size in sizes if size > 1}
    return next((prime for prime in PRIMES if all(size % prime for size in known)), PRIMES[-1])


def without_batch(shape: Sequence[Size], batch: BatchAxis | None) -> Shape:
    """Removes the batch from a shape of the source; whatever was folded into it remains as an axis."""
    if batch is None:
        return tuple(shape)
    folded = batch.outer * batch.inner
    middle = () if is_same(folded, 1) else (folded,)
    return (*shape[: batch.axis], *middle, *shape[batch.axis + 1 :])


def quotient(a: Size, b: Size) -> Size | None:
    """Returns ``a / b`` if b divides a for all values of the named dimensions; else None."""
    if type(a) is int and type(b) is int:
        return a // b if b and a % b == 0 else None
    divided = a.divided(b, positive=True) if is_named(a) and is_named(b) else None
    result = a // b if divided is None and not is_named(b) else divided
    return result if result is not None and is_same(result * b, a) else None


def follow_reshape(shape: Sequence[Size], target: Sequence[Size], batch: BatchAxis, examples: int) -> BatchAxis | None:
    """Returns the batch position after a reshape; None if the reshape mixes it with other axes.

    Args:
        shape: shape before the reshape, with the batch.
        target: shape after the reshape, with the batch.
        batch: position before the reshape.
        examples: number of examples.
    """
    left = product(shape[: batch.axis]) * batch.outer
    right = product(shape[batch.axis + 1 :]) * batch.inner
    for axis, size in enumerate(target):
        outer = quotient(left, product(target[:axis]))
        inner = quotient(right, product(target[axis + 1 :]))
        if outer is not None and inner is not None and is_same(outer * inner * examples, size):
            return BatchAxis(axis, outer, inner)
    return None


def is_explained(shape: Sequence[Size], batch: BatchAxis | None, examples: int) -> bool:
    """Whether only the batch axis is a multiple of the number of examples."""
    return not any(
        type(size) is int and size and size % examples == 0 and (batch is None or axis != batch.axis)
        for axis, size in enumerate(shape)
    )
