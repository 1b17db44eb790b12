"""Columns of values of a parameter, and progressions among them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from .trees import typed


class Progression(NamedTuple):
    """Values with a constant difference: the n-th, from zero, is ``first + n * step``."""

    first: Any
    """Of any type if the step is zero, else an integer."""
    step: int


def progression(column: Sequence[Any]) -> Progression | None:
    """Returns a column as a progression: one repeated value, or integers with a constant difference; else None."""
    first = column[0]
    if all(typed(value) == typed(first) for value in column):
        return Progression(first, 0)
    if any(type(value) is not int for value in column):
        return None
    step = column[1] - first
    return Progression(first, step) if all(v == first + step * n for n, v in enumerate(column)) else None
