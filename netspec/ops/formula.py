"""What an operation says of itself beyond shapes and counts: formulas with numbers, rearrangements, filter axes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Step(NamedTuple):
    """A number and its derivation. The formula with the values put in can be evaluated as it stands.

    ``floor((224 + 1 + 1 - 3) / 1) + 1``, for example.
    """

    what: str
    rule: str
    """The formula in words."""
    worked: str
    """The formula with the layer's values."""
    result: int
    note: str = ""


class Rearrangement(NamedTuple):
    """A change of the order of elements: reshape to ``shape``, permute by ``order``, reshape to the output's shape."""

    shape: tuple[int, ...]
    order: tuple[int, ...]


def regroup(parts: Mapping[int, tuple[int, ...]], joined: Mapping[int, tuple[tuple[int, int], ...]]) -> Rearrangement:
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


class FilterAxes(NamedTuple):
    """Where the output channels of a layer are."""

    weight: int
    """The axis of its ``weight``."""
    groups: int
    """Groups into which that axis is divided, if it counts the channels of one group."""
    output: int
    """The axis of its output."""


def product(*numbers: int) -> str:
    """``64 * 3 * 3``."""
    return " * ".join(map(str, numbers)) or "1"
