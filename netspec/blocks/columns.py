"""Columns of values: how those of one parameter follow from one another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from .trees import typed


class Progression(NamedTuple):
    """Values that grow evenly: the n-th, from zero, is ``first + n * step``."""

    first: Any
    """Of any type where the step is zero, else an integer."""
    step: int


def progression(column: Sequence[Any]) -> Progression | None:
    """The progression that a column is: one value throughout, or integers that grow evenly. None for any other."""
    first = column[0]
    if all(typed(value) == typed(first) for value in column):
        return Progression(first, 0)
    if any(type(value) is not int for value in column):
        return None
    step = column[1] - first
    return Progression(first, step) if all(v == first + step * n for n, v in enumerate(column)) else None
