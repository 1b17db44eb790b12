"""Simplifies the steps of a ``forward``: removes unused ones, and combines activations with their inputs."""

from __future__ import annotations

from collections.abc import Sequence

from .body import ForwardStep
from .templates import compose, occurrences


def needed(steps: Sequence[ForwardStep], returned: Sequence[int]) -> list[ForwardStep]:
    """Returns the steps whose results are used."""
    needed = set(returned)
    out: list[ForwardStep] = []
    for step in reversed(steps):
        if needed.intersection(step.results):
            needed.update(step.reads)
            out.append(step)
    return out[::-1]


def fused(steps: Sequence[ForwardStep], returned: Sequence[int]) -> list[ForwardStep]:
    """Combines each activation with the expression to which it is applied: ``F.relu(self.conv1(x))``."""
    count: dict[int, int] = {}
    for value in [*(value for step in steps for value in step.reads), *returned]:
        count[value] = count.get(value, 0) + 1
    out: list[ForwardStep] = []
    for step in steps:
        before = out[-1] if out else None
        if (
            step.fuses
            and before is not None
            and step.main is not None
            and before.results == (step.main,)
            and len(step.reads) == 1
            and not before.overwrites
            and step.item == before.item
            and count[step.main] == 1
            and occurrences(step.expression.template) == 1
        ):
            out[-1] = ForwardStep(
                compose(step.expression, before.expression),
                before.reads,
                step.results,
                before.titles,
                step.shape,
                step.item,
                before.position,
                main=before.main,
            )
        else:
            out.append(step)
    return out
