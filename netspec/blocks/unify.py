"""Anti-unification: represents trees that differ only in numbers as one tree with columns of numbers."""

from __future__ import annotations

from collections.abc import Sequence

from .trees import ABSENT, Filled


class DifferentError(Exception):
    """Parts of a network differ in more than numbers."""


def unify(uses: Sequence[Filled | None]) -> Filled:
    """Returns one tree for all uses: the value in each hole is the tuple of the values of all uses, in order.

    Args:
        uses: the tree of each use; None for a use without it, whose values are :data:`.ABSENT`. At least one has it.

    Raises:
        DifferentError: they differ in more than numbers.
    """
    present = [use for use in uses if use is not None]
    template = present[0].template
    if any(use.template != template for use in present):
        raise DifferentError
    absent = (ABSENT,) * len(template.holes)
    return Filled(template, tuple(zip(*(absent if use is None else use.values for use in uses), strict=True)))
