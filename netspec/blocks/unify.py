"""Anti-unification: trees that differ in numbers alone as one tree with columns of numbers."""

from __future__ import annotations

from collections.abc import Sequence

from .trees import ABSENT, Filled


class DifferentError(Exception):
    """Parts of a network that are not the same but for numbers."""


def unify(uses: Sequence[Filled | None]) -> Filled:
    """One tree for all uses: the value in each hole is the tuple of the values of all uses, in order.

    Args:
        uses: the tree of each use, None for a use that lacks it: its values are :data:`.ABSENT`. One at least has it.

    Raises:
        DifferentError: they differ in more than numbers.
    """
    present = [use for use in uses if use is not None]
    template = present[0].template
    if any(use.template != template for use in present):
        raise DifferentError
    absent = (ABSENT,) * len(template.holes)
    return Filled(template, tuple(zip(*(absent if use is None else use.values for use in uses), strict=True)))
