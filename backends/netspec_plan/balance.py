"""Blocks in stages of equal work."""

from __future__ import annotations

from collections.abc import Sequence


def balanced(work: Sequence[float], stages: int, before: float = 0.0, after: float = 0.0) -> tuple[int, ...]:
    """The number of blocks in each stage, so that the stage with most work has least.

    Args:
        work: of each block.
        stages: their number, at most that of blocks.
        before: work before the first block.
        after: work after the last one.
    """
    low, high = max(work, default=0.0), sum(work) + before + after
    for _ in range(60):
        middle = (low + high) / 2
        if _fits(work, stages, before, after, middle) is not None:
            high = middle
        else:
            low = middle
    sizes = _fits(work, stages, before, after, high * (1 + 1e-9))
    assert sizes is not None
    return sizes


def _fits(work: Sequence[float], stages: int, before: float, after: float, limit: float) -> tuple[int, ...] | None:
    """Stages that take at most that much each, the last ones as full as they can be; None if there are none."""
    sizes: list[int] = []
    end = len(work)
    for stage in range(stages - 1, -1, -1):
        load = (after if stage == stages - 1 else 0.0) + (before if stage == 0 else 0.0)
        count = 0
        while end - count > stage and (count == 0 or load + work[end - count - 1] <= limit):
            load += work[end - count - 1]
            count += 1
        if load > limit:
            return None
        sizes.append(count)
        end -= count
    return tuple(reversed(sizes)) if end == 0 else None
