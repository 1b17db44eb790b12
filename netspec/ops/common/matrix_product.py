"""Which patterns of ``einsum`` are matrix products."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ...shapes.sizes import is_same
from .pattern_sizes import Layout


class MatrixProduct(NamedTuple):
    """A product of two inputs as matrices, over equal leading axes.

    Attributes:
        transpose_first: whether the last two axes of the first input must be exchanged before.
        transpose_second: whether those of the second input must be.
    """

    transpose_first: bool
    transpose_second: bool


def find_matrix_product(layout: Layout, has_batch: Sequence[bool]) -> MatrixProduct | None:
    """The matrix product that a pattern describes; None if it describes something else.

    Args:
        layout: the axes of the pattern.
        has_batch: for each input, whether it has a batch axis.
    """
    sides = [[name for group in groups for name in group] for groups in layout.inputs]
    if len(sides) != 2 or any(len(side) < 2 for side in sides) or len(layout.order) < 2:
        return None
    first, second = sides
    row, column = layout.order[-2:]
    contracted = [name for name in first[-2:] if name in second[-2:]]
    is_contraction = (
        len(contracted) == 1 and {*first[-2:]} == {row, contracted[0]} and {*second[-2:]} == {contracted[0], column}
    )
    # Over an axis of size 1 nothing is summed: einsum multiplies elementwise and counts no MACs; matmul counts some.
    if not is_contraction or is_same(layout.sizes[contracted[0]], 1):
        return None
    leading = [side[:-2] for side in sides]
    same_leading_axes = layout.order[:-2] in leading and all(axes in ([], layout.order[:-2]) for axes in leading)
    if not same_leading_axes:
        return None
    if layout.order[:-2] and any(not axes and batch for axes, batch in zip(leading, has_batch, strict=True)):
        return None  # the batch axis would be broadcast with a leading axis of the other input
    return MatrixProduct(first[-2:] != [row, contracted[0]], second[-2:] != [contracted[0], column])
