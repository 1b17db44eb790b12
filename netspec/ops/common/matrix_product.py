"""Which patterns of ``einsum`` are matrix products."""

from __future__ import annotations

from collections.abc import Sequence

from ...shapes.sizes import is_same
from .pattern_sizes import Layout


def as_matrix_product(layout: Layout, batch: Sequence[int]) -> tuple[bool, bool] | None:
    """Whether the last two axes of each of two inputs are exchanged, if the product of matrices is what results.

    Args:
        layout: the axes of the pattern.
        batch: for each input, 1 if it has a batch axis, 0 if not.

    Returns:
        None if it is no product of matrices.
    """
    sides = [[name for group in groups for name in group] for groups in layout.inputs]
    if len(sides) != 2 or any(len(side) < 2 for side in sides) or len(layout.order) < 2:
        return None
    first, second = sides
    row, column = layout.order[-2:]
    front = layout.order[:-2]
    fronts = [side[:-2] for side in sides]
    inner = [name for name in first[-2:] if name in second[-2:]]
    if (
        len(inner) != 1
        or is_same(layout.sizes[inner[0]], 1)
        or {*first[-2:]} != {row, inner[0]}
        or {*second[-2:]} != {inner[0], column}
    ):
        return None
    if front not in fronts or any(f not in ([], front) for f in fronts):
        return None
    if front and any(not f and has_batch for f, has_batch in zip(fronts, batch, strict=True)):
        return None  # the batch would meet another axis
    return first[-2:] != [row, inner[0]], second[-2:] != [inner[0], column]
