"""Changes of the order of elements, as a reshape, a permutation and another reshape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Rearrangement(NamedTuple):
    """A change of the order of elements: reshape to ``shape``, permute by ``order``, reshape to the output's shape."""

    shape: tuple[int, ...]
    order: tuple[int, ...]


def regrouped_axes(
    parts: Mapping[int, tuple[int, ...]], joined: Mapping[int, tuple[tuple[int, int], ...]]
) -> Rearrangement:
    """Axes divided into parts that are joined in another way.

    Args:
        parts: the sizes of the parts of each axis of the input.
        joined: for each axis of the output, the parts that it joins: axis of the input, number of the part.
    """
    numbers = {part: n for n, part in enumerate((a, i) for a in sorted(parts) for i in range(len(parts[a])))}
    return Rearrangement(
        tuple(n for a in sorted(parts) for n in parts[a]),
        tuple(numbers[part] for a in sorted(joined) for part in joined[a]),
    )
