"""Where the batch is in a tensor of a source.

A spec has no batch axis; a tensor of a source has it anywhere, alone or folded into an axis together with windows or
heads. It is followed through every operation by counting the elements to its left and right: a size is never compared
with the number of examples to find out where the batch is. That number is a prime which divides no other size of the
network (:func:`choose_batch_size`), so that a quotient cannot be the batch by chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ..shapes.sizes import Size, is_named, is_same, product
from .draft import Shape

PRIMES = (23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113)
"""Candidates for the number of examples. Larger ones would only cost memory: masks are computed for each example."""


@dataclass(frozen=True, slots=True)
class BatchAxis:
    """The axis that holds the batch, with the number of elements that this axis has outside and inside of it.

    Of windows that are folded into the batch, ``(batch * windows, …)``, ``inner`` is the number of windows.
    """

    axis: int
    outer: Size = 1
    inner: Size = 1

    @property
    def alone(self) -> bool:
        """Whether the axis is the batch and nothing else."""
        return is_same(self.outer, 1) and is_same(self.inner, 1)

    def moved(self, by: int) -> BatchAxis:
        """The same, that many axes further to the right."""
        return replace(self, axis=self.axis + by)


def choose_batch_size(sizes: Iterable[int]) -> int:
    """The least prime among :data:`PRIMES` that divides none of the sizes; the last of them if all do."""
    known = {size for size in sizes if size > 1}
    return next((prime for prime in PRIMES if all(size % prime for size in known)), PRIMES[-1])


def without_batch(shape: Sequence[Size], batch: BatchAxis | None) -> Shape:
    """A shape of the source as the spec has it: what is folded into the batch is an axis of its own."""
    if batch is None:
        return tuple(shape)
    folded = batch.outer * batch.inner
    middle = () if is_same(folded, 1) else (folded,)
    return (*shape[: batch.axis], *middle, *shape[batch.axis + 1 :])


def quotient(a: Size, b: Size) -> Size | None:
    """``a / b`` where b divides a for all values of the named dimensions; else None."""
    if type(a) is int and type(b) is int:
        return a // b if b and a % b == 0 else None
    divided = a.divided(b, positive=True) if is_named(a) and is_named(b) else None
    result = a // b if divided is None and not is_named(b) else divided
    return result if result is not None and is_same(result * b, a) else None


def follow_reshape(shape: Sequence[Size], target: Sequence[Size], batch: BatchAxis, examples: int) -> BatchAxis | None:
    """Where the batch is after a reshape; None if the reshape mixes it with other axes.

    Args:
        shape: with the batch, before the reshape.
        target: with the batch, after it.
        batch: where it was.
        examples: the number of examples.
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
    """Whether no other axis than that of the batch is a multiple of the number of examples."""
    return not any(
        type(size) is int and size and size % examples == 0 and (batch is None or axis != batch.axis)
        for axis, size in enumerate(shape)
    )
