"""Distributes blocks to pipeline stages of equal work."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

STEPS = 40
"""Number of bisection steps for the work of the busiest stage; each halves the error."""


def balanced(work: Sequence[float], stages: int, before: float = 0.0, after: float = 0.0) -> tuple[int, ...]:
    """Returns the number of blocks per stage that minimises the work of the busiest stage.

    If there is a choice, later stages get more blocks, because earlier ones keep more micro-batches in memory.

    Args:
        work: work of each block.
        stages: number of stages, at most that of blocks.
        before: work before the first block.
        after: work after the last one.
    """
    sums = list(accumulate(work, initial=0.0))
    low, high = max(work, default=0.0), sums[-1] + before + after
    for _ in range(STEPS):
        middle = (low + high) / 2
        if _sizes(sums, stages, before, after, middle) is not None:
            high = middle
        else:
            low = middle
    sizes = _sizes(sums, stages, before, after, high * (1 + 1e-9))
    assert sizes is not None
    return sizes


def _sizes(sums: Sequence[float], stages: int, before: float, after: float, limit: float) -> tuple[int, ...] | None:
    """Returns stages with at most ``limit`` work each, the last ones as full as possible; None if impossible.

    Args:
        sums: work of the first blocks, for each number of them.
        stages: number of stages.
        before: work before the first block.
        after: work after the last one.
        limit: maximum work of a stage.
    """
    sizes: list[int] = []
    end = len(sums) - 1
    for stage in range(stages - 1, -1, -1):
        room = limit - (after if stage == stages - 1 else 0.0) - (before if stage == 0 else 0.0)
        start = min(max(bisect_left(sums, sums[end] - room), stage), end - 1)
        if sums[end] - sums[start] > room:
            return None
        sizes.append(end - start)
        end = start
    return tuple(reversed(sizes)) if end == 0 else None
